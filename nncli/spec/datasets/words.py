"""Reviews and newswires as the numbers of their words, from Keras's cache or the address that Keras loads them from."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.datasets.base import Dataset, Splittable
from nncli.spec.values import LARGEST, PositiveInt


class NumberedWords(Dataset):
    """Texts whose words are numbered by how often they occur: 0 stands before a text's beginning, 1 for its beginning, 2 for words
    that are left out, and 4 for the most frequent word.
    """

    num_samples: ClassVar[dict[str, int]]
    """How many samples each of its parts has."""
    class_names: ClassVar[tuple[str, ...]]
    """What its classes are called."""

    length: PositiveInt = 200
    """How many words count, the last ones; shorter texts have 0s before them."""
    num_words: Annotated[int, Field(ge=4, le=LARGEST)] = 10_000
    """Numbers go up to this, itself left out; rarer words are 2."""


class Imdb(NumberedWords):
    """25,000 and 25,000 reviews of films, negative or positive, downloaded once.

    Source: Maas et al., 2011; the file that Keras serves.
    """

    type: Literal["imdb"] = "imdb"
    num_samples: ClassVar[dict[str, int]] = {"train": 25_000, "test": 25_000}
    class_names: ClassVar[tuple[str, ...]] = ("negative", "positive")


class Reuters(NumberedWords, Splittable):
    """11,228 newswires of 46 topics, downloaded once.

    Source: Lewis, 1997; the file that Keras serves.
    """

    type: Literal["reuters"] = "reuters"
    num_samples: ClassVar[dict[str, int]] = {"train": 11_228}
    # fmt: off
    class_names: ClassVar[tuple[str, ...]] = (
        "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar", "trade",
        "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest", "gnp", "meal-feed", "alum",
        "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
        "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
    )
    # fmt: on
