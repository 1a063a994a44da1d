"""Reading what a trained network is asked to predict: arrays, images and series, as raw inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file, open_npz, read_npy
from nncli.data.matching import Matched, match_samples
from nncli.data.origin import Origin
from nncli.data.pictures.decoding import is_negative, read_image
from nncli.data.preprocessing import Preparation
from nncli.data.series import cut_windows, holds_columns
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.generated import Series

_NPY_MAGIC = b"\x93NUMPY"
_ZIP_MAGIC = b"PK"


@dataclass(frozen=True, eq=False)
class RawInputs:
    """Inputs to predict from.

    Attributes:
        inputs: `(num_samples, *raw_shape)` of the raw dtype; read as prepared, `(num_samples, *input_shape)` float32.
        names: one a row: the file as it was named, or `digits.npy[3]` for a row of an array, `weather.csv[24]` for the
            window of a series that begins at this row, from 0 on.
        notes: warnings of what was changed or taken for granted, with the file in `where`.
    """

    inputs: NDArray[Any]
    names: tuple[str, ...]
    notes: tuple[Problem, ...]


def read_inputs(
    paths: Sequence[str | Path], preparation: Preparation, prepared: bool = False, dataset: Dataset | None = None
) -> RawInputs:
    """Read files and put their rows one after the other.

    What a file is, its content tells, not its name.

    Args:
        paths: `.npy` files, `.npz` files (with an array `x`, or only one, or `x_test`) and images; for a network
            that was trained on a series, tables and `.npz` files with its columns.
        preparation: that of the trained network.
        prepared: the arrays are what the network's first layer takes; they are read as float32 of shape `input_shape`, no step
            of the preprocessing is to follow, and images and tables are refused.
        dataset: what the network was trained on.

    Raises:
        NncliError: NN501 or NN502, all that is wrong with any of the files.
    """
    if not paths:
        raise error("NN502", "no input was given", "name a .npy, .npz or image file")
    batches: list[NDArray[Any]] = []
    names: list[str] = []
    notes: list[Problem] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            matched = _read(path, preparation, prepared, dataset)
        except NncliError as failure:
            problems.extend(failure.problems)
            continue
        batches.append(matched.inputs)
        name = str(path)
        names.extend([name] if matched.single else [f"{name}[{row}]" for row in matched.rows or range(len(matched.inputs))])
        if matched.note:
            notes.append(matched.warning(path))
        if matched.is_picture and matched.inputs.min() == matched.inputs.max():
            notes.append(_blank(path, int(matched.inputs.min())))
        elif matched.is_picture and preparation.input_mean is not None and is_negative(matched.inputs, preparation.input_mean):
            notes.append(_negative(path, preparation.input_mean))
    if problems:
        raise NncliError(problems)
    return RawInputs(np.concatenate(batches), tuple(names), tuple(notes))


def _read(path: str | Path, preparation: Preparation, prepared: bool, dataset: Dataset | None) -> Matched:
    if isinstance(dataset, Series) and not prepared and holds_columns(path, dataset):
        windows = cut_windows(path, dataset, labelled=False)
        return Matched(windows.inputs, False, windows.note, rows=windows.starts)
    shape, dtype = (preparation.input_shape, "float32") if prepared else (preparation.raw_shape, preparation.raw_dtype)
    with open_file(path) as stream:
        magic = stream.read(len(_NPY_MAGIC))
    if magic.startswith(_NPY_MAGIC):
        return match_samples(read_npy(path), shape, dtype, Origin("the array", str(path)))
    if magic.startswith(_ZIP_MAGIC):
        with open_npz(path) as archive:
            name = _array_name(archive.names, str(path))
            return match_samples(archive.read(name), shape, dtype, archive.origin(name))
    if prepared:
        raise error("NN502", "prepared inputs are arrays, but this is neither a .npy nor a .npz file", file=path)
    pixels, notes = read_image(path, shape)
    if dtype != "uint8":
        raise error(
            "NN502",
            f"an image holds 0 to 255, but the network was trained on {dtype} numbers, whose scale nncli does not know",
            "save the image as a .npy file in the scale that the network was trained on",
            file=path,
        )
    return Matched(pixels[np.newaxis], True, "; ".join(notes) or None, is_picture=True)


def _blank(path: str | Path, value: int) -> Problem:
    """A warning that nothing is to be seen in a picture."""
    message = f"every pixel of this picture is {value}: nothing is to be seen in it, and its answer is worth little"
    hint = "look at the picture; one that is drawn in black on a transparent ground has to be given a white one"
    return Problem("NN505", message, hint, Where(file=str(path)), severity="warning")


def _negative(path: str | Path, usual: float) -> Problem:
    """A warning that a picture looks like the negative of what the network has learnt from."""
    here, there = ("bright", "dark") if usual < 255 / 2 else ("dark", "bright")
    message = f"this picture is mostly {here}, the network has learnt from mostly {there} ones: its answer is worth little"
    hint = "invert the picture (MNIST's digits are white on black)" if here == "bright" else "invert the picture"
    return Problem("NN505", message, hint, Where(file=str(path)), severity="warning")


def _array_name(names: tuple[str, ...], file: str) -> str:
    name: str
    inputs = [name for name in names if name not in ("y", "y_test")]
    for name in ("x", *(inputs if len(names) == 1 else ()), "x_test"):
        if name in names:
            return name
    if names and not inputs:
        raise error("NN502", f"the file holds `{names[0]}`, but no `x`", "add `x` to it", file=file)
    there = ", ".join(f"`{name:.40}`" for name in names[:10]) or "no arrays"
    raise error("NN502", f"the file holds {there}: which is the input?", "name the array `x`", file=file)
