"""What the targets of a data set are: classes, and how many, or numbers to predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin
from nncli.data.targets import Labels, class_numbers, resolve_labels
from nncli.problems import error
from nncli.spec.datasets.arrays import Npy, Npz
from nncli.spec.datasets.base import Dataset


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The classes of a data set, learnt from all of its parts.

    Attributes:
        labels: form of the targets; None: numbers to predict, and then there are no classes.
        names: one a class.
        numbers: class number of each sample, int32 `(num_samples,)`, by part.
    """

    labels: Labels | None
    names: tuple[str, ...]
    numbers: Mapping[str, NDArray[np.int32]]


def learn_classes(dataset: Dataset, targets: Mapping[str, tuple[NDArray[Any], Origin]], names: tuple[str, ...] | None) -> Classes:
    """Find out the classes.

    Args:
        dataset: the data set's spec.
        names: what the classes are called, in the order of their numbers; None where nothing says so.
        targets: raw targets, `(num_samples, ...)`, of every part, with their places; `train` among them.

    Returns:
        As many classes as there are names, or as the largest class number of any part shows.

    Raises:
        NncliError: NN502, a target is no class, or one without a name; NN403, names for targets that are no classes.
    """
    train, _ = targets["train"]
    labels = resolve_labels(dataset.labels, train.shape, train.dtype)
    if labels is None or dataset.is_its_own_target:
        refuse_names(dataset)
        return Classes(None, (), {})
    numbers: dict[str, NDArray[np.int32]] = {}
    num_classes = 0
    for part, (raw, origin) in targets.items():
        numbers[part], shown = class_numbers(raw, labels, origin)
        num_classes = max(num_classes, shown)
        if names is not None and shown > len(names):
            raise origin.error(
                "NN502",
                f"{origin.name} shows {shown} classes, but there are {len(names)} class names",
                "give `class_names` one name a class, in the order of the numbers",
            )
    return Classes(labels, tuple(names) if names is not None else tuple(map(str, range(num_classes))), numbers)


def refuse_names(dataset: Dataset) -> None:
    """Refuse names of classes for targets that are numbers to predict.

    Raises:
        NncliError: NN403.
    """
    if isinstance(dataset, Npz | Npy) and dataset.class_names is not None:
        raise error(
            "NN403",
            "`class_names` names classes, but the targets are taken as numbers to predict",
            "state what they are: `labels: index` for class numbers, `labels: one_hot` for one-hot rows",
            path="dataset.class_names",
        )
