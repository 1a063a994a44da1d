"""What is known of a data set before its samples are read: enough to check a config in a third of a second."""

from __future__ import annotations

import glob
import os
from typing import Final

from nncli.data.facts import Facts
from nncli.data.shapes import check_share, shape_after_all
from nncli.spec.datasets.base import Dataset, Splittable
from nncli.spec.datasets.housing import Housing
from nncli.spec.datasets.images import ImageDataset
from nncli.spec.datasets.shipped import Shipped
from nncli.spec.datasets.tables import Table
from nncli.spec.datasets.words import NumberedWords
from nncli.spec.outline import Outline


def outline(dataset: Dataset, seed: int = 0) -> Outline:
    """Say what is known of a data set.

    Args:
        dataset: the data set's spec.
        seed: the experiment's seed, which may decide what a table's training part has.

    Raises:
        NncliError: NN501 or NN502, a file is missing or does not hold what it should; NN301, NN303 or NN403, a setting that
            does not fit the data. Nothing is downloaded: whether `mnist` is there is not looked at.
    """
    facts = _facts(dataset, seed)
    num_classes = 1 if dataset.is_ordered else max(facts.num_classes_seen, 1)  # what is held out from the end takes no class apart
    counts = {"test": 0, "validation": 0, **facts.counts}
    for split, share in (("test", dataset.test if isinstance(dataset, Splittable) else 0.0), ("validation", dataset.validation)):
        if share and not counts[split]:
            counts[split] = check_share(counts["train"], share, split, num_classes)
            counts["train"] -= counts[split]
    input_shape = shape_after_all(dataset.preprocess, facts.raw_shape)
    target_shape = {"index": (), "one_hot": (len(facts.class_names),), None: facts.value_shape or (1,)}[facts.labels]
    is_whole = facts.holds_whole_numbers and not any(step.type in ("rescale", "standardize") for step in dataset.preprocess)
    return Outline(
        input_shape=input_shape,
        target_shape=input_shape if dataset.is_its_own_target else target_shape,
        labels=facts.labels,
        num_classes=(len(facts.class_names) or None) if facts.labels else None,
        class_names=facts.class_names if facts.labels else (),
        num_train=counts["train"],
        num_validation=counts["validation"],
        num_test=counts["test"],
        input_dtype="int32" if is_whole else "float32",
        input_range=facts.input_range if is_whole else None,
        target_range=None if dataset.is_its_own_target else facts.target_range,
        lowest_class=facts.lowest_class,
        weight_axes=facts.weight_axes,
    )


LARGE: Final = 2**23
"""Bytes, unpacked, of a table that is not read when a config is checked: it would take more than a second."""


def is_large(dataset: Table) -> bool:
    """Whether a table is too large to be read when a config is checked; one that is not there is not.

    Raises:
        NncliError: NN502, a packed file is damaged, or holds more than such a file may.
    """
    from nncli.data.tables.files import unpacked_bytes  # brings NumPy, which other data need not wait for

    paths = [*dataset.path, *(dataset.validation_path or ()), *(dataset.test_path or ())]
    found = [match for path in paths for match in (glob.glob(path, recursive=True) if glob.has_magic(path) else [path])]
    # An empty file is refused by whoever reads it.
    return sum(unpacked_bytes(path, LARGE) for path in found if os.path.isfile(path) and os.path.getsize(path)) > LARGE


def look_at_headers(dataset: Table) -> None:
    """Check that a table has the columns that its settings name.

    Raises:
        NncliError: NN501 or NN502, a file is missing or no table; NN402, a column is not there.
    """
    from nncli.data.tables.roles import Roles  # pyarrow takes 0.2 s, which other data need not pay

    Roles(dataset)


def _facts(dataset: Dataset, seed: int) -> Facts:
    if isinstance(dataset, ImageDataset):
        counts = {"train": dataset.num_train, "test": dataset.num_test}
        if dataset.is_its_own_target:
            return Facts(dataset.image_shape, False, counts, None, (), (), 1)
        names = dataset.class_names
        return Facts(dataset.image_shape, False, counts, dataset.labels, (), names, len(names))
    if isinstance(dataset, NumberedWords):
        names, largest = dataset.class_names, (0, dataset.num_words - 1)
        return Facts((dataset.length,), True, dict(dataset.num_samples), dataset.labels or "index", (), names, len(names), largest)
    if isinstance(dataset, Housing) and dataset.labels is None:
        return Facts((dataset.num_features,), False, {"train": dataset.num_samples}, None, (), (), 1)
    if isinstance(dataset, Shipped):
        counts = {"train": dataset.num_samples}
        if not dataset.class_names and dataset.labels is None:
            return Facts(dataset.raw_shape, False, counts, None, (), (), 1)
        if dataset.class_names:
            labels = dataset.labels or "index"
            return Facts(dataset.raw_shape, False, counts, labels, (), dataset.class_names, len(dataset.class_names))
    from nncli.data.headers import read_facts  # brings NumPy and the readers, 0.1 s that sets of known sizes need not wait for

    return read_facts(dataset, seed)
