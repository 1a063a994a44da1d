"""What is known of a data set before its samples are read: enough to check a config in a third of a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data import cifar, mnist, mnist_5k
from nncli.data.arrays import Archive, open_npz
from nncli.data.classes import is_its_own_target, learn_classes, refuse_names
from nncli.data.layout import dataset_layout
from nncli.data.origin import Origin
from nncli.data.sources import check_shapes, read
from nncli.data.split import check_share
from nncli.data.steps import shape_after_all
from nncli.data.targets import Labels, resolve_labels
from nncli.spec.datasets.arrays import Npz
from nncli.spec.datasets.base import Dataset, Splittable
from nncli.spec.datasets.images import Cifar10, Cifar100, ImageDataset, Mnist
from nncli.spec.outline import Outline


@dataclass(frozen=True, slots=True)
class _Facts:
    raw_shape: tuple[int, ...]
    raw_dtype: np.dtype[Any]
    counts: dict[str, int]
    labels: Labels | None
    value_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    num_classes_seen: int

    @property
    def num_classes(self) -> int:
        return len(self.class_names)


def outline(dataset: Dataset) -> Outline:
    """Say what is known of a data set.

    Raises:
        NncliError: NN501 or NN502, a file is missing or does not hold what it should; NN301, NN303 or NN403, a setting that
            does not fit the data. Nothing is downloaded: whether `mnist` is there is not looked at.
    """
    facts = _facts(dataset)
    num_classes = 1 if dataset.is_ordered else max(facts.num_classes_seen, 1)  # what is held out from the end takes no class apart
    counts = {"test": 0, "validation": 0, **facts.counts}
    for split, share in (("test", dataset.test if isinstance(dataset, Splittable) else 0.0), ("validation", dataset.validation)):
        if share and not counts[split]:
            counts[split] = check_share(counts["train"], share, split, num_classes)
            counts["train"] -= counts[split]
    input_shape = shape_after_all(dataset.preprocess, facts.raw_shape)
    target_shape = {"index": (), "one_hot": (facts.num_classes,), None: facts.value_shape or (1,)}[facts.labels]
    return Outline(
        input_shape=input_shape,
        target_shape=input_shape if is_its_own_target(dataset) else target_shape,
        labels=facts.labels,
        num_classes=facts.num_classes if facts.labels else None,
        class_names=facts.class_names if facts.labels else (),
        num_train=counts["train"],
        num_validation=counts["validation"],
        num_test=counts["test"],
        input_dtype=_input_dtype(dataset, facts.raw_dtype),
    )


def _input_dtype(dataset: Dataset, raw: np.dtype[Any]) -> str:
    touched = any(step.type in ("rescale", "standardize") for step in dataset.preprocess)
    return "int32" if raw.kind in "iu" and raw != np.uint8 and not touched else "float32"


def _facts(dataset: Dataset) -> _Facts:
    if isinstance(dataset, ImageDataset):
        known, names = _images(dataset)
        counts = {"train": known.NUM_TRAIN, "test": known.NUM_TEST}
        labels, names = (None, ()) if is_its_own_target(dataset) else (dataset.labels, names)
        return _Facts(known.RAW_SHAPE, np.dtype(np.uint8), counts, labels, (), names, max(1, len(names)))
    if isinstance(dataset, Npz):
        with open_npz(dataset.path) as archive:
            return _npz_facts(archive, dataset)
    raw = read(dataset, seed=0)  # all others are at hand, or computed in no time; no seed changes a shape
    inputs = raw.train.samples.inputs
    counts = {name: len(part.samples) for name, part in raw.parts.items()}
    targets = {name: (part.samples.targets, part.targets_origin) for name, part in raw.parts.items()}
    return _with_targets(dataset, inputs.shape[1:], inputs.dtype, counts, targets, raw.class_names)


def _images(dataset: ImageDataset) -> tuple[Any, tuple[str, ...]]:
    """The module that knows a data set of images, and the names of its classes."""
    match dataset:
        case Cifar10():
            return cifar, cifar.CIFAR10_NAMES
        case Cifar100(label_mode=mode):
            return cifar, cifar.class_names(mode)
        case Mnist():
            return mnist, mnist.CLASS_NAMES
        case _:
            return mnist_5k, mnist_5k.CLASS_NAMES


def _npz_facts(archive: Archive, dataset: Npz) -> _Facts:
    layout = dataset_layout(archive, dataset)
    parts = {"train": layout.train, "validation": layout.validation, "test": layout.test}
    there = {name: part for name, part in parts.items() if part is not None}
    headers = {name: (archive.header(part.inputs), archive.header(part.targets)) for name, part in there.items()}
    inputs, target = headers["train"]
    raw_shape = inputs.shape[1:] or (1,)
    for name, part in there.items():
        origin = archive.origin(part.inputs)
        own, own_targets = headers[name]
        check_shapes(own.shape, own_targets.shape, {"inputs": origin, "targets": archive.origin(part.targets)})
        if own.shape[1:] != inputs.shape[1:]:
            raise origin.error(
                "NN502", f"{origin.name} has samples of shape {own.shape[1:]}, but those for training have {inputs.shape[1:]}"
            )
    counts = {name: own.shape[0] for name, (own, _) in headers.items()}
    if resolve_labels(dataset.labels, target.shape, target.dtype) is None:
        refuse_names(dataset)
        return _Facts(raw_shape, inputs.dtype, counts, None, target.shape[1:], (), 1)
    targets = {name: (archive.read(part.targets), archive.origin(part.targets)) for name, part in there.items()}
    return _with_targets(dataset, raw_shape, inputs.dtype, counts, targets, dataset.class_names)


def _with_targets(
    dataset: Dataset,
    raw_shape: tuple[int, ...],
    raw_dtype: np.dtype[Any],
    counts: dict[str, int],
    targets: Mapping[str, tuple[NDArray[Any], Origin]],
    class_names: tuple[str, ...] | None,
) -> _Facts:
    classes = learn_classes(dataset, targets, class_names)
    seen = len(np.unique(classes.numbers["train"])) if classes.labels else 1
    return _Facts(raw_shape, raw_dtype, counts, classes.labels, targets["train"][0].shape[1:], classes.names, seen)
