"""Prices of houses, from Keras's cache or the address that Keras loads them from."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.datasets.base import Splittable


class Housing(Splittable):
    """Prices of houses; the numbers to predict have one value a sample."""

    num_features: ClassVar[int]
    """How many numbers describe a place."""

    @property
    def num_samples(self) -> int:
        """How many places there are."""
        raise NotImplementedError(type(self).__name__)


class BostonHousing(Housing):
    """506 districts of Boston by 13 numbers; to predict is the median price of a house in 1,000 dollars, downloaded once.

    One of the numbers speaks of the share of black people among those who live there; the set is for comparison with old results.

    Source: Harrison & Rubinfeld, 1978; the file that Keras serves.
    """

    type: Literal["boston_housing"] = "boston_housing"
    num_features: ClassVar[int] = 13

    @property
    def num_samples(self) -> int:
        """All of them."""
        return 506


class CaliforniaHousing(Housing):
    """20,640 districts of California by 8 numbers; to predict is the median price of a house in dollars, downloaded once.

    Source: Pace & Barry, 1997; the file that Keras serves.
    """

    type: Literal["california_housing"] = "california_housing"
    num_features: ClassVar[int] = 8
    version: Literal["large", "small"] = "large"
    """`large`: all districts; `small`: the first 600."""

    @property
    def num_samples(self) -> int:
        """By the version."""
        return 20_640 if self.version == "large" else 600
