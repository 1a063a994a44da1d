"""Tables that somebody brings to a trained network: to be predicted from, or measured on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.arrays import MAX_BYTES
from nncli.data.origin import Origin
from nncli.data.preprocessing import Preparation
from nncli.data.raw import as_weights, require_some_weight
from nncli.data.rows import RawRows
from nncli.data.samples import RawSamples
from nncli.data.standard_input import read_lines
from nncli.data.tables.cells import missing, texts_of
from nncli.data.tables.columns import FittedNumber
from nncli.data.tables.csv_file import CsvFile
from nncli.data.tables.encoding import TableEncoding
from nncli.data.tables.files import find_files, guess, open_table
from nncli.data.tables.json_lines import as_batch, parse_lines
from nncli.data.tables.notation import Notation, numbers_of
from nncli.data.tables.place import RowPlace, row_names
from nncli.problems import error
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.tables import Table


def stream_rows(path: str, encoding: TableEncoding, dataset: Dataset | None) -> Iterator[RawRows]:
    """The rows of a table as raw inputs, batch by batch, in constant memory.

    Args:
        path: a CSV, Parquet or JSON lines file, or a pattern for several; with the columns of the training data, the target aside.
        encoding: of the trained network.
        dataset: what it was trained on; tables of the same type are read as it says.

    Raises:
        NncliError: NN501 or NN502, the file is at fault, or does not fit the network.
    """
    for batch, place in _batches(path, encoding, dataset, labelled=False):
        for inputs, rows, there in encoding.encoded(batch, place):
            yield RawRows(inputs, row_names(there, rows.num_rows), _ids(rows, encoding, there))


def answer_lines(stream: BinaryIO, encoding: TableEncoding, should_stop: Callable[[], bool]) -> Iterator[RawRows]:
    """JSON lines as raw inputs, as many at a time as are there, so that each can be answered as it comes.

    Args:
        stream: where they come from.
        encoding: of the trained network.
        should_stop: asked several times a second; a true answer ends it.

    Raises:
        NncliError: NN501, the stream cannot be read; NN502, a line is at fault; those before it have been yielded.
    """
    names = [column.name for column in encoding.columns]
    for number, line in read_lines(stream, should_stop):
        for row in parse_lines([line], "-", number):
            if absent := [name for name in names if name not in row]:
                hint = "null stands for a cell that is missing"
                raise error("NN502", f"line {number:,} has no `{absent[0]}`", hint, file="-")
            wanted = [*names, *([encoding.id] if encoding.id is not None else [])]
            place = RowPlace("-", number)
            batch = as_batch([row], wanted, place, encoding.id)
            yield RawRows(encoding.encode(batch, place), row_names(place, 1), _ids(batch, encoding, place))


def read_evaluation(path: str, preparation: Preparation, encoding: TableEncoding, dataset: Dataset | None) -> RawSamples:
    """All rows of a table with their targets.

    Args:
        path: as for `stream_rows`, with the target.
        preparation: of the trained network.
        encoding: its own.
        dataset: what it was trained on.

    Returns:
        Raw inputs; targets as class numbers, int64, or numbers, float64; the weights, where the table has that column.

    Raises:
        NncliError: NN501 or NN502, the file is at fault, or does not fit the network.
    """
    inputs, targets, weights, count = [], [], [], 0
    origin = Origin(f"column `{encoding.sample_weight}`", path)
    for batch, place in _batches(path, encoding, dataset, labelled=True):
        for some, _, there in encoding.encoded(batch, place):
            inputs.append(some)
            count += some.nbytes
            if count > MAX_BYTES:
                message = f"the rows up to here take more than {MAX_BYTES // 2**30} GiB as the network's inputs"
                raise there.error(len(some) - 1, message, "measure on a part of the table")
        targets.append(_targets(batch, preparation, encoding, place))
        if encoding.sample_weight is not None and encoding.sample_weight in batch.schema.names:
            column = batch.column(encoding.sample_weight)
            weights.append(as_weights(numbers_of(column, encoding.sample_weight, place), origin, place.error))
    weight = np.concatenate(weights) if sum(map(len, weights)) == sum(map(len, targets)) else None
    if weight is not None:
        require_some_weight(weight, origin)
    return RawSamples(np.concatenate(inputs), np.concatenate(targets), weight)


def _batches(
    path: str, encoding: TableEncoding, dataset: Dataset | None, *, labelled: bool
) -> Iterator[tuple[pyarrow.RecordBatch, RowPlace]]:
    in_doubt = Notation(encoding.decimal, encoding.thousands)
    for name in find_files([path]):
        found = guess(name)
        file = open_table(name, dataset if isinstance(dataset, Table) and dataset.type == found.type else found, in_doubt)
        if isinstance(file, CsvFile) and not file.header and encoding.num_columns is not None:
            _name_columns(file, encoding, encoding.num_columns, labelled=labelled)
        encoding.require_columns(file, labelled=labelled)
        first = 1
        for batch in file.batches(None if labelled else encoding.id):
            place = RowPlace(name, first)
            yield _plain(batch, encoding, place, file.notation), place
            first += batch.num_rows
        if first == 1:
            raise error("NN502", "the table has no rows", file=name)


def _plain(batch: pyarrow.RecordBatch, encoding: TableEncoding, place: RowPlace, notation: Notation) -> pyarrow.RecordBatch:
    """Rows whose numbers are written as computers write them, in the columns that hold such."""
    if notation.is_plain:
        return batch
    amounts = {column.name for column in encoding.columns if isinstance(column, FittedNumber)} | {encoding.sample_weight}

    def plain(name: str) -> pyarrow.Array:
        cells = batch.column(name)
        if name in amounts:
            return pyarrow.array(numbers_of(cells, name, place, notation), from_pandas=True)
        return notation.plain(cells) if name == encoding.target else cells

    return pyarrow.record_batch([plain(name) for name in batch.schema.names], names=batch.schema.names)


def _name_columns(file: CsvFile, encoding: TableEncoding, num_columns: int, *, labelled: bool) -> None:
    """Give the columns of a table without a header the names that they had in training: all are there, or all but the target."""
    names = tuple(f"column_{number}" for number in range(1, num_columns + 1))
    without_target = tuple(name for name in names if name != encoding.target)
    if not labelled and len(file.names) == len(without_target):
        file.names = without_target
    elif len(file.names) != num_columns:
        hint = "give all of its columns" if labelled else "give all of its columns, or all but the target"
        message = f"the table has no header and {len(file.names):,} columns, but {num_columns:,} were trained on"
        raise error("NN502", message, hint, file=file.path)


def _ids(batch: pyarrow.RecordBatch, encoding: TableEncoding, place: RowPlace) -> tuple[str | None, ...] | None:
    if encoding.id is None or encoding.id not in batch.schema.names:
        return None
    cells = batch.column(encoding.id)
    is_text = pyarrow.types.is_string(cells.type) or pyarrow.types.is_large_string(cells.type)
    # A name goes out as it stands: `007`, `10.00`.
    return tuple((cells if is_text else texts_of(cells, encoding.id, place)).to_pylist())


def _targets(
    batch: pyarrow.RecordBatch, preparation: Preparation, encoding: TableEncoding, place: RowPlace
) -> NDArray[np.int64] | NDArray[np.float64]:
    name = encoding.target
    if preparation.labels is None:
        numbers = numbers_of(batch.column(name), name, place)
        absent = np.isnan(numbers)
        if bool(absent.any()):
            raise place.error(int(absent.argmax()), f"the target `{name}` is missing", "leave the row out, or fill it in")
        return numbers
    texts = texts_of(batch.column(name), name, place)
    known = compute.index_in(texts, value_set=pyarrow.array(preparation.class_names, pyarrow.string()), skip_nulls=True)
    wrong = missing(known)
    if bool(wrong.any()):
        row = int(wrong.argmax())
        text = texts[row].as_py()
        said = f"the target `{name}` is missing" if text is None else f"`{text:.60}` is no class of this network"
        some = ", ".join(f"`{entry}`" for entry in itertools.islice(preparation.class_names, 10))
        raise place.error(row, said, f"its classes: {some}{', ...' if len(preparation.class_names) > 10 else ''}")
    numbers_found: NDArray[np.int64] = known.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers_found
