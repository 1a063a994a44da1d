"""The data sets that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from nncli.data.samples import RawSamples
from nncli.spec.datasets.shipped import Shipped


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
