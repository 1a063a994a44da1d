"""A table as a data set: its parts, targets and what shares are held out by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin
from nncli.data.raw import RawData, RawPart
from nncli.data.samples import RawSamples
from nncli.data.tables.source import open_source
from nncli.spec.datasets.tables import Table


def read_table(dataset: Table) -> RawData:
    """Read a table.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN402, a column that a setting names is not there.
    """
    source = open_source(dataset)
    targets, class_names = source.targets()
    parts: dict[str, RawPart] = {}
    first = 0
    for name, count in source.counts.items():
        rows = slice(first, first + count)
        weight = None if source.sample_weight is None else source.sample_weight[rows]
        samples = RawSamples(np.arange(first, first + count), targets[rows], weight)
        file = source.files[name][0].path
        parts[name] = RawPart(samples, Origin("the table", file), Origin(f"column `{dataset.target}`", file))
        first += count
    groups = _of_train(source.groups, source.counts["train"])
    there = parts["train"], parts.get("validation"), parts.get("test")
    return RawData(*there, class_names, source, groups, source.times)


def _of_train(rows: NDArray[Any] | None, count: int) -> NDArray[Any] | None:
    return None if rows is None else rows[:count]
