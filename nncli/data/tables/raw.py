"""A table as a data set: its parts, targets and what shares are held out by."""

from __future__ import annotations

import numpy as np

from nncli.data.origin import Origin
from nncli.data.raw import RawData, RawPart
from nncli.data.samples import RawSamples
from nncli.data.tables.source import open_source
from nncli.data.tables.targets import groups_of, targets_of, times_of_rows
from nncli.spec.datasets.tables import Table


def read_table(dataset: Table) -> RawData:
    """Read a table.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN402, a column that a setting names is not there.
    """
    source = open_source(dataset)
    contents = source.contents
    targets, class_names = targets_of(contents)
    parts: dict[str, RawPart] = {}
    first = 0
    for name, count in contents.counts.items():
        rows = slice(first, first + count)
        weight = None if contents.sample_weight is None else contents.sample_weight[rows]
        samples = RawSamples(np.arange(first, first + count), targets[rows], weight)
        file = source.roles.files[name][0].path
        parts[name] = RawPart(samples, Origin("the table", file), Origin(f"column `{dataset.target}`", file))
        first += count
    there = parts["train"], parts.get("validation"), parts.get("test")
    return RawData(*there, class_names, source, groups_of(contents), times_of_rows(contents))
