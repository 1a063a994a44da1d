"""From a data set's spec to arrays that a network can be trained on, and evaluated on later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_npz
from nncli.data.classes import Classes, learn_classes
from nncli.data.encoding import Encoding
from nncli.data.layout import evaluation_part
from nncli.data.matching import match_samples
from nncli.data.memory import give_back
from nncli.data.on_disk import StoredRows, chunks, is_on_disk, select, spool
from nncli.data.origin import Origin
from nncli.data.parts import split
from nncli.data.pictures.decoding import mean_brightness
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.pictures.folder import read_evaluation as read_evaluation_pictures
from nncli.data.preprocessing import Preparation
from nncli.data.raw import RawPart, make_part
from nncli.data.samples import RawSamples, Samples, Splits
from nncli.data.seen import Seen
from nncli.data.series import cut_windows, holds_columns
from nncli.data.shapes import shape_after_all
from nncli.data.sources import read, read_digits, read_part
from nncli.data.steps import fit
from nncli.data.stored import require_storable
from nncli.data.targets import encode, values
from nncli.data.texts.encoding import TextEncoding
from nncli.data.texts.folder import read_evaluation as read_evaluation_texts
from nncli.problems import Problem, Where, error
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.generated import Series
from nncli.spec.datasets.images import Mnist, Mnist5k
from nncli.spec.datasets.tables import Table

SHIPPED: Final[dict[str, Mnist | Mnist5k]] = {"mnist": Mnist(), "mnist_5k": Mnist5k()}
"""Data sets that `load_evaluation` knows by their bare names. A file of that name is written `./mnist`."""


def prepare(dataset: Dataset, *, seed: int, memory: int | None = None) -> Splits:
    """Read a data set, split it, fit the preprocessing on the training part and apply it to all parts.

    Args:
        dataset: what to read, and how.
        seed: the experiment's seed, 0 or more: which samples a share holds out is a pure function of it.
        memory: bytes that the inputs of all parts may take as they are stored; where they are more, they stay on disk. None: any
            number.

    Returns:
        The parts, the fitted preparation and the fingerprint of what was read.

    Raises:
        NncliError: NN501, NN502 or NN503, what is wrong with the data; NN301, NN303 or NN403, which setting does not fit them;
            NN604, the disk has no room for them.
    """
    raw = read(dataset, seed, memory)
    digest = raw.fingerprint()
    targets = {name: (part.samples.targets, part.targets_origin) for name, part in raw.parts.items()}
    classes = learn_classes(dataset, targets, raw.class_names)
    parts = {name: part.samples for name, part in raw.parts.items()}
    if raw.source is None:
        parts, encoding = split(dataset, raw, _within(parts, memory), classes, seed), raw.encoding
    else:
        parts = split(dataset, raw, parts, classes, seed)
        encoding = raw.source.fit(np.asarray(parts["train"].inputs))
        inputs = raw.source.encode(encoding, memory)
        raw.source.close()
        parts = {name: replace(part, inputs=select(inputs, np.asarray(part.inputs))) for name, part in parts.items()}
    preparation = _fit(dataset, parts["train"], classes, raw.train, encoding)
    require_storable(preparation)
    ready = {}
    for name in ("train", "validation", "test"):
        origin = raw.parts.get(name, raw.train)
        ready[name] = _apply(preparation, parts.pop(name), origin) if name in parts else None  # popped: raw copies go early
    assert ready["train"] is not None
    give_back()
    notes = (*raw.notes, *(raw.source.notes if raw.source is not None else ()))
    return Splits(ready["train"], ready["validation"], ready["test"], preparation, digest, notes)


def _within(parts: dict[str, RawSamples], memory: int | None) -> dict[str, RawSamples]:
    """The parts, their inputs on disk where they take more memory than they may."""
    inputs = {name: part.inputs[:] for name, part in parts.items() if not is_on_disk(part.inputs)}
    if memory is None or sum(array.nbytes for array in inputs.values()) <= memory:
        return parts
    laid_down = {
        name: replace(parts[name], inputs=spool(chunks(array), array.shape, array.dtype)) for name, array in inputs.items()
    }
    return parts | laid_down


def _fit(dataset: Dataset, train: RawSamples, classes: Classes, origin: RawPart, encoding: Encoding | None) -> Preparation:
    raw_shape = train.inputs.shape[1:]
    input_shape = shape_after_all(dataset.preprocess, raw_shape)
    target: NDArray[Any]
    if dataset.is_its_own_target:
        target = np.zeros((1, *input_shape), np.float32)
    elif classes.labels is None:
        target = values(np.zeros_like(train.targets[:1]), origin.targets_origin)
    else:
        target = encode(np.zeros(1, dtype=np.int32), classes.labels, len(classes.names))
    return Preparation(
        dataset=dataset.type,
        raw_shape=raw_shape,
        raw_dtype=str(train.inputs.dtype),
        input_shape=input_shape,
        labels=classes.labels,
        class_names=classes.names,
        target_shape=target.shape[1:],
        target_dtype=str(target.dtype),
        steps=fit(dataset.preprocess, train.inputs),
        is_its_own_target=dataset.is_its_own_target,
        input_mean=mean_brightness(train.inputs),
        target_scale=target_scale(dataset, train.targets, classes.labels, origin.targets_origin),
        encoding=encoding,
        seen=Seen.of(train.inputs),
    )


def target_scale(dataset: Dataset, targets: NDArray[Any], labels: str | None, origin: Origin) -> tuple[float, float] | None:
    """Mean and deviation of the training targets, where they are asked for.

    Args:
        dataset: the data set's spec.
        targets: those of the training part, `(num_samples, ...)`.
        labels: how classes are written; None: numbers are predicted.
        origin: where they stand.

    Raises:
        NncliError: NN403, they are classes; NN502, they are all equal, or too far apart.
    """
    if not (isinstance(dataset, Table) and dataset.scale_target):
        return None
    if labels is not None:
        message = f"{origin.name} holds classes, which are not scaled"
        raise error("NN403", message, "remove `scale_target`, or say `targets: numbers`", path="dataset.scale_target")
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(targets.mean(dtype=np.float64)), float(targets.std(dtype=np.float64))
    if not (np.isfinite(mean) and np.isfinite(deviation)) or deviation == 0:
        what = "are all equal" if deviation == 0 else "lie too far apart"
        raise origin.error("NN502", f"the training targets {what}: they cannot be scaled", "leave out `scale_target`")
    return mean, deviation


def _apply(preparation: Preparation, samples: RawSamples, origin: RawPart) -> Samples:
    inputs = preparation.keep(samples.inputs, origin.inputs_origin)
    if preparation.is_its_own_target:
        return _weighted(Samples(inputs, inputs, samples.sample_weight), origin)
    return _weighted(Samples(inputs, preparation.targets(samples.targets, origin.targets_origin), samples.sample_weight), origin)


def _weighted(samples: Samples, origin: RawPart) -> Samples:
    """The same samples, whose weights of time steps, if they have some, are of the targets' own.

    Raises:
        NncliError: NN502, they are not.
    """
    weight, shape = samples.sample_weight, samples.targets.shape
    if weight is not None and weight.ndim == 2 and (len(shape) < 3 or shape[1] != weight.shape[1]):
        message = f"`sample_weight` has the shape {weight.shape}, a weight a time step, but the targets have the shape {shape}"
        hint = "give one weight a sample, or targets of the shape (num_samples, time, ...)"
        raise origin.targets_origin.error("NN502", message, hint)
    return samples


def load_evaluation(
    source: str | Path, preparation: Preparation, dataset: Dataset | None = None
) -> tuple[Samples, tuple[Problem, ...]]:
    """Read raw data to evaluate a trained network on.

    Args:
        source: a `.npz` file with `x_test` and `y_test`, or `x` and `y`, raw as the network's own were (`sample_weight_test` or
            `sample_weight` are used where they are there); or `mnist` or `mnist_5k`: its test part. For a network that was
            trained on a table or a series: a table with the same columns; on a folder: one that is laid out alike.
        preparation: that of the trained network.
        dataset: what it was trained on; tables of its type are read as it says, and series cut into windows.

    Returns:
        Samples prepared as the training samples were; warnings of what was taken for granted, or makes the figures worth less.

    Raises:
        NncliError: NN501, NN502 or NN503, what is wrong with the file, or does not fit the network.
    """
    is_archive = str(source).lower().endswith(".npz")
    if preparation.encoding is not None and not (is_archive and isinstance(preparation.encoding, PictureEncoding)):
        return _encoded_evaluation(str(source), preparation, preparation.encoding, dataset)
    if isinstance(source, str) and source in SHIPPED:
        part = read_digits(SHIPPED[source]).test
        assert part is not None
    elif isinstance(dataset, Series) and holds_columns(source, dataset):
        return _series_evaluation(source, preparation, dataset)
    else:
        with open_npz(source) as archive:
            part = read_part(archive, evaluation_part(archive))
    # read_part has taken a vector as samples of one value; as one flat sample it would bring one target, not many.
    matched = match_samples(part.samples.inputs[:], preparation.raw_shape, preparation.raw_dtype, part.inputs_origin)
    if matched.single:
        raise error("NN502", f"{part.inputs_origin.name} is one sample, but a batch was expected", "add a first axis", file=source)
    samples = _apply(preparation, RawSamples(matched.inputs, part.samples.targets, part.samples.sample_weight), part)
    note = matched.warning(source) if matched.note else None
    return samples, tuple(problem for problem in (note, _seen(matched.inputs, preparation, source)) if problem is not None)


def _series_evaluation(source: str | Path, preparation: Preparation, dataset: Series) -> tuple[Samples, tuple[Problem, ...]]:
    windows = cut_windows(source, dataset, labelled=True)
    assert windows.targets is not None
    origins = {what: Origin(f"the array of {what} of the series", str(source)) for what in ("inputs", "targets")}
    part = make_part(windows.inputs, windows.targets, None, origins)
    note = Problem("NN502", windows.note, None, Where(file=str(source)), "warning") if windows.note else None
    samples = _apply(preparation, part.samples, part)
    return samples, tuple(problem for problem in (note, _seen(windows.inputs, preparation, source)) if problem is not None)


def _encoded_evaluation(
    source: str, preparation: Preparation, encoding: Encoding, dataset: Dataset | None
) -> tuple[Samples, tuple[Problem, ...]]:
    if isinstance(encoding, PictureEncoding | TextEncoding) and preparation.labels is None:
        hint = "use a checkpoint that nncli wrote" if isinstance(encoding, TextEncoding) else "give it arrays"
        raise error("NN502", "this network names no classes, which those of the folder could be held to", hint, file=source)
    notes: list[Problem] = []
    if isinstance(encoding, PictureEncoding):
        raw, notes = read_evaluation_pictures(source, preparation.class_names, encoding, dataset)
        part = RawPart(raw, Origin("the pictures", source), Origin("the classes", source))
    elif isinstance(encoding, TextEncoding):
        raw = read_evaluation_texts(source, preparation.class_names, encoding, dataset)
        part = RawPart(raw, Origin("the texts", source), Origin("the classes", source))
    else:
        from nncli.data.tables.encoding import TableEncoding  # pyarrow takes 0.2 s, which other data need not pay
        from nncli.data.tables.reading import read_evaluation

        assert isinstance(encoding, TableEncoding)
        raw = read_evaluation(source, preparation, encoding, dataset)
        part = RawPart(raw, Origin("the table", source), Origin(f"column `{encoding.target}`", source))
    if (note := _seen(raw.inputs, preparation, source)) is not None:
        notes.append(note)
    return _apply(preparation, raw, part), tuple(notes)


def _seen(inputs: StoredRows, preparation: Preparation, source: str | Path) -> Problem | None:
    """A warning where the network was trained on some of the very samples that it is evaluated on."""
    if preparation.seen is None:
        return None
    is_name = isinstance(source, str) and source in SHIPPED
    return preparation.seen.warning(inputs, Where(argument=str(source)) if is_name else Where(file=str(source)))
