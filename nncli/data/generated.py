"""Points about a line, which are computed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin, check_finite
from nncli.problems import error
from nncli.spec.datasets.generated import Line

_NOISE: Final = 0x11E5
"""A number of its own, so that the noise is drawn independently of the splits. Never change it."""
MAX_VALUES: Final = 2**28
"""The most points there may be, and the most values that the windows of a series may have together: 1 GiB of float32."""


def read_line(dataset: Line, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the points: x and y, float32 `(num_samples,)`; a pure function of the seed.

    Raises:
        NncliError: NN403, there are too many; NN502, they lie beyond float32.
    """
    refuse_too_many(dataset.num_samples, "dataset.num_samples")
    generator = np.random.default_rng([seed, _NOISE])
    x = generator.uniform(dataset.low, dataset.high, dataset.num_samples)
    y = dataset.slope * x + dataset.intercept + generator.normal(0.0, dataset.noise, dataset.num_samples)
    with np.errstate(over="ignore"):
        points = x.astype(np.float32), y.astype(np.float32)
    for name, values in zip("xy", points, strict=True):
        check_finite(values, Origin(f"`{name}` of the line", path="dataset"))
    return points


def refuse_too_many(count: int, path: str) -> None:
    """Check that points are not more than `MAX_VALUES`.

    Args:
        count: how many there are to be.
        path: of the setting that says so.

    Raises:
        NncliError: NN403, they are.
    """
    if count > MAX_VALUES:
        raise error("NN403", f"{count:,} points are more than {MAX_VALUES:,}", "use fewer", path=path)
