"""Facts about a data set from its headers, and from its targets where these are needed to count the classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import Archive, npy_header_of, open_npz, read_npy
from nncli.data.classes import learn_classes, refuse_names
from nncli.data.facts import Facts
from nncli.data.layout import dataset_layout
from nncli.data.origin import Origin
from nncli.data.parts import split
from nncli.data.pictures.listing import list_parts
from nncli.data.pictures.sizes import encoding_of
from nncli.data.prepare import target_scale
from nncli.data.raw import RawData, axes_of_weights, check_shapes
from nncli.data.samples import RawSamples
from nncli.data.sources import read
from nncli.data.targets import resolve_labels
from nncli.data.texts.folder import count_texts, num_bytes
from nncli.data.texts.folder import list_parts as list_texts
from nncli.data.texts.windows import LARGE, Look, look_at_text
from nncli.problems import Problem
from nncli.spec.datasets.arrays import Npy, Npz
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.folders import ImageFolder, TextFolder
from nncli.spec.datasets.tables import Table
from nncli.spec.datasets.text import Text


def read_facts(dataset: Dataset, seed: int) -> Facts:
    """Find out what the headers tell; of a table, what all of it tells.

    Args:
        dataset: the data set's spec.
        seed: the experiment's seed: which categories a column has is known from its training part alone.

    Raises:
        NncliError: NN501 or NN502, a file is missing or does not hold what it should; NN403, a setting that does not fit it.
    """
    if isinstance(dataset, Npz):
        with open_npz(dataset.path) as archive:
            return _npz_facts(archive, dataset)
    if isinstance(dataset, Npy):
        return _npy_facts(dataset)
    if isinstance(dataset, Text):
        return _text_facts(look_at_text(dataset), dataset)
    if isinstance(dataset, ImageFolder):
        return _folder_facts(dataset)
    if isinstance(dataset, TextFolder) and num_bytes(list_texts(dataset).values()) > LARGE:
        return _large_facts(dataset)
    raw = read(dataset, seed)  # all others are at hand, or computed in no time
    if raw.source is not None:
        return _source_facts(raw, dataset, seed)
    inputs = raw.train.samples.inputs
    counts = {name: len(part.samples) for name, part in raw.parts.items()}
    targets = {name: (part.samples.targets, part.targets_origin) for name, part in raw.parts.items()}
    facts = _with_targets(dataset, inputs.shape[1:], inputs.dtype, counts, targets, raw.class_names)
    facts = replace(facts, weight_axes=0 if raw.train.samples.sample_weight is None else raw.train.samples.sample_weight.ndim)
    values = None if facts.labels else _range(raw.train.samples.targets)
    if not facts.holds_whole_numbers:
        return replace(facts, target_range=values)
    ranges = [_range(part.samples.inputs[:]) for part in raw.parts.values()]
    whole = int(min(low for low, _ in ranges)), int(max(high for _, high in ranges))
    return replace(facts, input_range=whole, target_range=values)


def _npy_facts(dataset: Npy) -> Facts:
    inputs, target = npy_header_of(dataset.inputs), npy_header_of(dataset.targets)
    origin = Origin("the array", dataset.targets)
    check_shapes(inputs.shape, target.shape, {"inputs": Origin("the array", dataset.inputs), "targets": origin})
    raw_shape, counts = inputs.shape[1:] or (1,), {"train": inputs.shape[0]}
    weight_axes = 0 if dataset.sample_weight is None else axes_of_weights(npy_header_of(dataset.sample_weight).shape)
    if resolve_labels(dataset.labels, target.shape, target.dtype) is None:
        refuse_names(dataset)
        return Facts(raw_shape, _whole(inputs.dtype), counts, None, target.shape[1:], (), 1, weight_axes=weight_axes)
    targets = {"train": (read_npy(dataset.targets), origin)}
    facts = _with_targets(dataset, raw_shape, inputs.dtype, counts, targets, dataset.class_names)
    return replace(facts, weight_axes=weight_axes)


def _folder_facts(dataset: ImageFolder) -> Facts:
    """What the names of files tell, and the size of a picture; whether all can be read is not looked at."""
    parts = list_parts(dataset)
    encoding = encoding_of(dataset, parts)
    names = sorted({label for part in parts.values() for label in part.labels})
    seen = sorted({names.index(label) for label in set(parts["train"].labels)})
    counts = {name: len(part.files) for name, part in parts.items()}
    labels = dataset.labels or "index"
    return Facts(encoding.raw_shape, False, counts, labels, (), tuple(names), len(seen), lowest_class=seen[0])


def _large_facts(dataset: TextFolder) -> Facts:
    """What can be told of many texts without cutting them: all but the size of the vocabulary."""
    parts = list_texts(dataset)
    names = sorted({label for part in parts.values() for label in part.labels})
    seen = sorted({names.index(label) for label in set(parts["train"].labels)})
    counts = {name: count_texts(part, dataset.encoding) for name, part in parts.items()}
    labels = dataset.labels or "index"
    return Facts((dataset.length,), True, counts, labels, (), tuple(names), len(seen), lowest_class=seen[0])


def resolve_table(dataset: Table, seed: int) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What the settings of a table that are left to its cells come to, and warnings of what is left out of it.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN402, a column that a setting names is not there.
    """
    from nncli.data.tables.source import open_source  # pyarrow takes 0.2 s, which other data need not pay

    source = open_source(dataset)
    encoding, _ = _fitted(read(dataset, seed), dataset, seed)
    return source.resolved(encoding), tuple(source.notes)


def _fitted(raw: RawData, dataset: Dataset, seed: int) -> tuple[Any, dict[str, RawSamples]]:
    """The encoding of a source's rows, and the parts they are in."""
    assert raw.source is not None
    targets = {name: (part.samples.targets, part.targets_origin) for name, part in raw.parts.items()}
    classes = learn_classes(dataset, targets, raw.class_names)
    parts = split(dataset, raw, {name: part.samples for name, part in raw.parts.items()}, classes, seed)
    return raw.source.fit(np.asarray(parts["train"].inputs)), parts


def _source_facts(raw: RawData, dataset: Dataset, seed: int) -> Facts:
    encoding, parts = _fitted(raw, dataset, seed)
    counts = {name: len(part) for name, part in parts.items()}
    train = {"train": (parts["train"].targets, raw.train.targets_origin)}
    facts = _with_targets(dataset, encoding.raw_shape, np.dtype(encoding.raw_dtype), counts, train, raw.class_names)
    mean, deviation = target_scale(dataset, parts["train"].targets, facts.labels, raw.train.targets_origin) or (0.0, 1.0)
    values = None if facts.labels else _range((parts["train"].targets - mean) / deviation)
    weight_axes = int(parts["train"].sample_weight is not None)
    return replace(facts, input_range=encoding.range, target_range=values, weight_axes=weight_axes)


def _range(array: NDArray[Any]) -> tuple[float, float]:
    return array.min().item(), array.max().item()


def _text_facts(look: Look, dataset: Text) -> Facts:
    labels = resolve_labels(dataset.labels, (look.num_windows,), np.dtype(np.int32))
    num_classes = max(1, len(look.vocabulary))
    known = None if look.largest is None else (0, look.largest)
    return Facts((dataset.length,), True, {"train": look.num_windows}, labels, (), look.vocabulary, num_classes, known)


def _whole(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "iu" and dtype != np.uint8


def _npz_facts(archive: Archive, dataset: Npz) -> Facts:
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
    weights = layout.train.sample_weight
    weight_axes = 0 if weights is None else axes_of_weights(archive.header(weights).shape)
    if resolve_labels(dataset.labels, target.shape, target.dtype) is None:
        refuse_names(dataset)
        return Facts(raw_shape, _whole(inputs.dtype), counts, None, target.shape[1:], (), 1, weight_axes=weight_axes)
    targets = {name: (archive.read(part.targets), archive.origin(part.targets)) for name, part in there.items()}
    facts = _with_targets(dataset, raw_shape, inputs.dtype, counts, targets, dataset.class_names)
    return replace(facts, weight_axes=weight_axes)


def _with_targets(
    dataset: Dataset,
    raw_shape: tuple[int, ...],
    raw_dtype: np.dtype[Any],
    counts: dict[str, int],
    targets: Mapping[str, tuple[NDArray[Any], Origin]],
    class_names: tuple[str, ...] | None,
) -> Facts:
    classes = learn_classes(dataset, targets, class_names)
    seen = np.unique(classes.numbers["train"]) if classes.labels else np.zeros(1, np.int32)
    value_shape = targets["train"][0].shape[1:]
    return Facts(
        raw_shape, _whole(raw_dtype), counts, classes.labels, value_shape, classes.names, len(seen), lowest_class=int(seen[0])
    )
