"""The data sets that come with scikit-learn."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from nncli.data.samples import RawSamples
from nncli.spec.datasets.shipped import Digits, Shipped


def read(dataset: Shipped) -> RawSamples:
    """All samples of a set.

    Returns:
        Inputs float32 `(num_samples, *raw_shape)`; targets int64 class numbers, or float64 numbers, `(num_samples,)`.
    """
    from sklearn import datasets  # 1.4 s, which other data need not pay

    load = getattr(datasets, f"load_{dataset.type}")
    inputs, targets = load(return_X_y=True, **({"scaled": False} if dataset.type == "diabetes" else {}))
    inputs = np.asarray(inputs, np.float32).reshape(-1, *dataset.raw_shape)
    return RawSamples(inputs, np.asarray(targets, np.int64 if dataset.class_names else np.float64), None)


def digit_pictures() -> Iterator[tuple[str, bytes]]:
    """The digits as PNG files, 8 x 8, grey: the path of each, in a folder for each class, and its content."""
    samples = read(Digits())
    pixels = np.rint(np.asarray(samples.inputs[:])[..., 0] * (255 / 16)).astype(np.uint8)
    for number, (picture, label) in enumerate(zip(pixels, samples.targets, strict=True)):
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "PNG")
        yield f"{label}/{number:04}.png", stream.getvalue()
