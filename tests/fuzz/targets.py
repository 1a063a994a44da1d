"""What is fuzzed: each target is given bytes from anyone, and may do nothing with them but read them or report a problem."""

from __future__ import annotations

import contextlib
import io
import math
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from pickle import dumps
from typing import Final
from unittest import mock

import numpy as np

from nncli.checkpoint import read
from nncli.commands import loading
from nncli.config.load import parse_config
from nncli.config.reader import decode
from nncli.data.arrays import open_npz
from nncli.data.sets import cifar
from nncli.problems import NncliError
from nncli.spec.conditions import parse_condition
from nncli.spec.formula import FUNCTIONS, OPERATORS, FormulaError, compute, parse_formula
from tests.hostile import files

Target = Callable[[bytes], None]

ROOT: Final = Path(__file__).parents[2]
FILE: Final = Path("from-anyone")
NAMES: Final = ("y_true", "y_pred")


def yaml(data: bytes) -> None:
    """The bytes of a config: text, tree, specs."""
    try:
        parse_config(decode(data, "config.yaml"), "config.yaml", "/")
    except NncliError as failure:
        _require(failure, "NN1", "NN2", "NN3", "NN4")


def h5(data: bytes) -> None:
    """The bytes of a checkpoint, or of a file of stock Keras. A checksum keeps nobody out, and would keep the fuzzer out."""
    with mock.patch.object(read, "_verify"), mock.patch.object(loading, "read_file", lambda path: data):
        try:
            loading.load_trained(FILE)
        except NncliError as failure:
            _require(failure, "NN603")


def formula(data: bytes) -> None:
    """The text of a formula, and of a condition."""
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        found = parse_formula(text, NAMES)
    except FormulaError as problem:
        assert problem.message, text
        assert 0 <= problem.column <= len(text), (problem.column, text)
    else:
        one = dict.fromkeys((*OPERATORS.values(), *FUNCTIONS, "negative"), lambda *arguments: 1.0)
        assert math.isfinite(compute(found, one, dict.fromkeys(NAMES, 1.0), float)), text
    with contextlib.suppress(ValueError):  # by which a validator of Pydantic's says what is wrong
        parse_condition(text)


def npz(data: bytes) -> None:
    """The bytes of an archive of arrays."""
    try:
        with open_npz(FILE, io.BytesIO(data)) as archive:
            for name in archive.names:
                archive.read(name)
    except NncliError as failure:
        _require(failure, "NN502")


def pickle(data: bytes) -> None:
    """The bytes of a pickle in CIFAR's cache."""
    with contextlib.suppress(Exception):  # of whatever kind: the reader makes a problem of each
        cifar._decode(io.BytesIO(data), "labels")


def _require(failure: NncliError, *codes: str) -> None:
    for problem in failure.problems:
        assert problem.code.startswith(codes), problem
        assert problem.message, problem


TARGETS: Final[dict[str, Target]] = {"yaml": yaml, "h5": h5, "formula": formula, "npz": npz, "pickle": pickle}


def seeds(target: str) -> Iterator[bytes]:
    """Sound input, for a fuzzer to begin with."""
    match target:
        case "yaml":
            for path in (*sorted((ROOT / "configs").glob("*.yaml")), *sorted((ROOT / "tests/configs").rglob("*.yaml"))):
                yield path.read_bytes()
        case "h5":
            yield from _networks()
        case "formula":
            yield from (b"square(y_true - y_pred)", b"y_pred**5 - 2*y_pred**3 - 2", b"val_loss <= 1e-3", b"maximum(-y_pred, +pi)")
        case "npz":
            yield from _archives()
        case "pickle":
            values = np.zeros((2, 3072), np.uint8)
            yield from (dumps({b"data": values, b"labels": [1, 2], b"names": ["a", b"b"]}, protocol=number) for number in (2, 4))


def _networks() -> Iterator[bytes]:
    yield from (files.stock_h5(), files.archive(), files.checkpoint(), files.pictures())
    for path in sorted((ROOT / "tests/unit/checkpoint/files").glob("*.[hk]*")):
        yield path.read_bytes()


def _archives() -> Iterator[bytes]:
    for save in (np.savez, np.savez_compressed):
        buffer = io.BytesIO()
        save(buffer, x=np.arange(6.0).reshape(2, 3), y=np.array([1, 2], ">i2"), z=np.asfortranarray(np.eye(2)), e=np.zeros((0, 3)))
        yield buffer.getvalue()
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header + bytes(8))
    yield buffer.getvalue()
