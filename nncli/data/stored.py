"""The preparation as a JSON document, and back. Reading trusts nothing: a checkpoint may come from anyone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from nncli.data.documents import entries, mapping, odd, text
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.seen import Seen
from nncli.data.steps import Affine, FittedStep, MovedChannels, NewShape
from nncli.data.texts.encoding import TextEncoding
from nncli.problems import NncliError, error

if TYPE_CHECKING:
    from nncli.data.encoding import Encoding
    from nncli.data.preprocessing import Preparation

_VERSION: Final = 1
_KEYS: Final = frozenset(
    {
        "version",
        "dataset",
        "raw_shape",
        "raw_dtype",
        "input_shape",
        "labels",
        "class_names",
        "target_shape",
        "target_dtype",
        "steps",
        "is_its_own_target",
        "input_mean",
        "target_scale",
        "encoding",
        "seen",
    }
)
_RAW_DTYPES: Final = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"}
)
_MAX_AXES: Final = 16
_MAX_VALUES: Final = 2**28
"""The most values that one sample may have, 1 GiB of float32."""
_MAX_STEPS: Final = 64
_MAX_CLASSES: Final = 1_000_000


def require_storable(preparation: Preparation) -> None:
    """Check that a preparation can be read back from a checkpoint, by reading it back.

    Raises:
        NncliError: NN502, a name is too long, there are too many of them, or whatever else `read` refuses.
    """
    try:
        read(json.loads(json.dumps(write(preparation))))
    except NncliError as refused:
        why = refused.problems[0].message.partition(": ")[2]
        hint = "shorten or leave out what it names; of a text whose words nothing divides, take `unit: character`"
        raise error("NN502", f"this cannot be kept in a checkpoint: {why}", hint) from None


def write(preparation: Preparation) -> dict[str, Any]:
    """The document of a preparation. Float32 numbers are written as doubles, which hold them exactly."""
    return {
        "version": _VERSION,
        "dataset": preparation.dataset,
        "raw_shape": list(preparation.raw_shape),
        "raw_dtype": preparation.raw_dtype,
        "input_shape": list(preparation.input_shape),
        "labels": preparation.labels,
        "class_names": list(preparation.class_names),
        "target_shape": list(preparation.target_shape),
        "target_dtype": preparation.target_dtype,
        "steps": [_write_step(step) for step in preparation.steps],
        "is_its_own_target": preparation.is_its_own_target,
        "input_mean": preparation.input_mean,
        "target_scale": None if preparation.target_scale is None else list(preparation.target_scale),
        "encoding": None if preparation.encoding is None else _ENCODINGS[preparation.encoding.type][0](preparation.encoding),
        "seen": None if preparation.seen is None else preparation.seen.to_json(),
    }


def _write_step(step: FittedStep) -> dict[str, Any]:
    match step:
        case Affine():
            arrays = {name: getattr(step, name).tolist() for name in ("shift", "scale", "offset")}
            return {"type": step.type, "shape": list(step.shift.shape), **arrays}
        case NewShape():
            return {"type": step.type, "shape": list(step.shape)}
        case MovedChannels():
            return {"type": step.type}


def read(data: object) -> dict[str, Any]:
    """The fields of the preparation that a document describes.

    Raises:
        NncliError: NN603, a key is missing, unknown, of the wrong kind or contradicts another.
    """
    if isinstance(data, dict):
        data = {"input_mean": None, "target_scale": None, "encoding": None, "seen": None, **data}  # older checkpoints go without
    document = mapping(data, _KEYS, "the document")
    if document["version"] != _VERSION or isinstance(document["version"], bool):
        raise odd(f"`version` is not {_VERSION}")
    raw_shape = _shape(document["raw_shape"], "raw_shape")
    shape = raw_shape
    steps: list[FittedStep] = []
    for position, entry in enumerate(entries(document["steps"], _MAX_STEPS, "steps")):
        step, shape = _read_step(entry, shape, f"steps[{position}]")
        steps.append(step)
    if _shape(document["input_shape"], "input_shape") != shape:
        raise odd(f"`input_shape` is not what the steps make of `raw_shape`, {shape}")
    if text(document["raw_dtype"], "raw_dtype") not in _RAW_DTYPES:
        raise odd("`raw_dtype` is no dtype that data can have")
    names = entries(document["class_names"], _MAX_CLASSES, "class_names")
    fields = {
        "dataset": text(document["dataset"], "dataset"),
        "raw_shape": raw_shape,
        "raw_dtype": document["raw_dtype"],
        "input_shape": shape,
        "labels": document["labels"],
        "class_names": tuple(text(name, f"class_names[{index}]") for index, name in enumerate(names)),
        "target_shape": _shape(document["target_shape"], "target_shape", least=0),
        "target_dtype": text(document["target_dtype"], "target_dtype"),
        "steps": tuple(steps),
        "is_its_own_target": document["is_its_own_target"],
        "input_mean": document["input_mean"],
        "target_scale": _target_scale(document["target_scale"]),
        "encoding": _read_encoding(document["encoding"]),
        "seen": None if document["seen"] is None else Seen.from_json(document["seen"]),
    }
    encoding = fields["encoding"]
    if encoding is not None and (encoding.raw_shape, encoding.raw_dtype) != (raw_shape, fields["raw_dtype"]):
        raise odd("`encoding` does not give samples of `raw_shape` and `raw_dtype`")
    mean = fields["input_mean"]
    if mean is not None and not (type(mean) is float and 0 <= mean <= 255):
        raise odd("`input_mean` is not from 0 to 255")
    if not isinstance(fields["is_its_own_target"], bool) or (fields["is_its_own_target"] and fields["target_shape"] != shape):
        raise odd("`is_its_own_target` does not fit the shapes")
    if fields["target_scale"] is not None and fields["labels"] is not None:
        raise odd("`target_scale` is for numbers to predict")
    _check_targets(**{name: fields[name] for name in ("labels", "class_names", "target_shape", "target_dtype")})
    return fields


def _target_scale(data: object) -> tuple[float, float] | None:
    if data is None:
        return None
    numbers = entries(data, 2, "target_scale")
    if len(numbers) != 2 or not all(type(number) is float and math.isfinite(number) for number in numbers) or numbers[1] <= 0:
        raise odd("`target_scale` is no mean and deviation")
    return numbers[0], numbers[1]


def _read_encoding(data: object) -> Encoding | None:
    if data is None:
        return None
    kind = data.get("type") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in _ENCODINGS:
        raise odd("`encoding` is of no known type")
    return _ENCODINGS[kind][1](data)


def _write_table(encoding: Any) -> dict[str, Any]:
    from nncli.data.tables.stored import write_table  # pyarrow takes 0.2 s, which other data need not pay

    return write_table(encoding)


def _read_table(data: object) -> Encoding:
    from nncli.data.tables.stored import read_table

    return read_table(data)


_ENCODINGS: Final[dict[str, tuple[Callable[[Any], dict[str, Any]], Callable[[object], Encoding]]]] = {
    "table": (_write_table, _read_table),
    "texts": (TextEncoding.to_json, TextEncoding.from_json),
    "pictures": (PictureEncoding.to_json, PictureEncoding.from_json),
}
"""Type of an encoding -> what writes it, and what reads it."""


def _check_targets(labels: object, class_names: tuple[str, ...], target_shape: tuple[int, ...], target_dtype: str) -> None:
    num_classes = len(class_names)
    fits = {
        "index": num_classes > 0 and target_shape == () and target_dtype == "int32",
        "one_hot": num_classes > 0 and target_shape == (num_classes,) and target_dtype == "float32",
        None: num_classes == 0 and target_shape != () and target_dtype == "float32",
    }
    if not (labels is None or isinstance(labels, str)) or not fits.get(labels, False):
        raise odd("`labels`, `class_names`, `target_shape` and `target_dtype` do not fit together")


def _read_step(data: object, shape: tuple[int, ...], what: str) -> tuple[FittedStep, tuple[int, ...]]:
    kind = data.get("type") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        raise odd(f"`{what}` has no type")
    if kind in ("rescale", "standardize"):
        step = mapping(data, frozenset({"type", "shape", "shift", "scale", "offset"}), what)
        own = _shape(step["shape"], f"{what}.shape", least=0)
        if own not in ((), shape[-1:], shape):
            raise odd(f"`{what}` has parameters of shape {own} for samples of shape {shape}")
        arrays = [_floats(step[name], part, f"{what}.{name}") for name, part in (("shift", own), ("scale", own), ("offset", ()))]
        return Affine(cast(Any, kind), *arrays), shape
    if kind in ("reshape", "flatten"):
        step = mapping(data, frozenset({"type", "shape"}), what)
        new = _shape(step["shape"], f"{what}.shape")
        if math.prod(new) != math.prod(shape) or (kind == "flatten" and len(new) != 1):
            raise odd(f"`{what}` cannot turn samples of shape {shape} into {new}")
        return NewShape(cast(Any, kind), new), new
    if kind in ("channels_first", "channels_last"):
        mapping(data, frozenset({"type"}), what)
        if len(shape) < 2:
            raise odd(f"`{what}` moves channels of samples of shape {shape}")
        return MovedChannels(cast(Any, kind)), (shape[-1], *shape[:-1]) if kind == "channels_first" else (*shape[1:], shape[0])
    raise odd(f"`{what}` is of the unknown type {kind!r:.40}")


def _shape(data: object, what: str, least: int = 1) -> tuple[int, ...]:
    sizes = entries(data, _MAX_AXES, what)
    if len(sizes) < least or not all(type(size) is int and 1 <= size <= _MAX_VALUES for size in sizes):
        raise odd(f"`{what}` is not a shape")
    if math.prod(sizes) > _MAX_VALUES:
        raise odd(f"`{what}` has more than {_MAX_VALUES:,} values")
    return tuple(sizes)


def _floats(data: object, shape: tuple[int, ...], what: str) -> NDArray[np.float32]:
    flat: list[Any] = [data]
    for size in shape:  # axis by axis, so that neither depth nor raggedness reaches NumPy
        if not all(isinstance(part, list) and len(part) == size for part in flat):
            raise odd(f"`{what}` is not of shape {shape}")
        flat = [entry for part in flat for entry in part]
    if not all(type(entry) is float and math.isfinite(entry) for entry in flat):
        raise odd(f"`{what}` holds something other than finite decimal numbers")
    exact = np.array(flat, dtype=np.float64).reshape(shape)
    with np.errstate(over="ignore"):
        array = exact.astype(np.float32)
    if not bool((array == exact).all()):
        raise odd(f"`{what}` holds numbers that are not float32")
    return array
