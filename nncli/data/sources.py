"""Reading a data set's raw arrays: from the config itself, from a file, or from a shipped set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data import cached, cifar, fashion, mnist, mnist_5k, shipped, words
from nncli.data.arrays import Archive, npy_header_of, open_npz, read_npy
from nncli.data.encoding import Encoding, Source
from nncli.data.generated import read_line, read_series
from nncli.data.inline import read_values
from nncli.data.layout import Layout, PartNames, dataset_layout
from nncli.data.matching import match_samples
from nncli.data.on_disk import StoredRows
from nncli.data.origin import Origin, first_index
from nncli.data.pictures import decode_all, encoding_of, list_parts
from nncli.data.samples import RawSamples
from nncli.data.text import read_windows
from nncli.problems import Problem, error
from nncli.spec.datasets.arrays import Inline, InlineSamples, Npy, Npz
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.folders import ImageFolder
from nncli.spec.datasets.generated import Line, Series
from nncli.spec.datasets.housing import BostonHousing, Housing
from nncli.spec.datasets.images import Cifar10, Cifar100, FashionMnist, ImageDataset, Mnist, Mnist5k
from nncli.spec.datasets.shipped import Shipped
from nncli.spec.datasets.tables import Table
from nncli.spec.datasets.text import Text
from nncli.spec.datasets.words import NumberedWords


@dataclass(frozen=True, slots=True, eq=False)
class RawPart:
    """One part of a data set as it is stored.

    Attributes:
        samples: inputs `(num_samples, *raw_shape)`, targets `(num_samples, ...)`.
        inputs_origin, targets_origin: where the two stand.
    """

    samples: RawSamples
    inputs_origin: Origin
    targets_origin: Origin


@dataclass(frozen=True, slots=True, eq=False)
class RawData:
    """A data set as it is stored.

    Attributes:
        train, validation, test: its parts; None where it does not bring one. With a `source`, the inputs of each are the numbers
            of its rows there, `(num_samples,)`.
        class_names: what its classes are called; None where it does not say.
        source: the inputs, where these are no arrays yet; once the parts are known, an encoding is fitted that makes them so.
        groups: number of the group of each training sample, whose members stay together, `(num_samples,)`; None: no groups.
        times: when each training sample is from, in any unit, `(num_samples,)`: the latest are held out; None: nobody knows.
        encoding: what has made the inputs of pictures; with a `source` it is fitted later.
        notes: warnings of what was skipped.
    """

    train: RawPart
    validation: RawPart | None = None
    test: RawPart | None = None
    class_names: tuple[str, ...] | None = None
    source: Source | None = None
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.int64] | None = None
    encoding: Encoding | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def parts(self) -> dict[str, RawPart]:
        """The parts there are, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}

    def arrays(self) -> dict[str, StoredRows]:
        """Every array by a name such as `train.inputs`."""
        found = {}
        for name, part in self.parts.items():
            for field in ("inputs", "targets", "sample_weight"):
                if getattr(part.samples, field) is not None:
                    found[f"{name}.{field}"] = getattr(part.samples, field)
        return found


def read(dataset: Dataset, seed: int, memory: int | None = None) -> RawData:
    """Read all of a data set.

    Args:
        dataset: which.
        seed: the experiment's seed, for a data set that is drawn.
        memory: bytes that the inputs may take; where a file has more, they stay on disk. None: any number.

    Raises:
        NncliError: NN501, NN502 or NN503, what is wrong with it.
    """
    match dataset:
        case Mnist5k() | Mnist():
            return read_digits(dataset)
        case FashionMnist():
            return _shipped(dataset, *fashion.read())
        case NumberedWords():
            found = {part: _named(dataset, part, samples) for part, samples in words.read(dataset).items()}
            return RawData(found["train"], test=found.get("test"), class_names=dataset.class_names)
        case Housing():
            return _read_housing(dataset)
        case Cifar10():
            return _shipped(dataset, *cifar.read(cifar.CIFAR10, "labels"))
        case Cifar100(label_mode=mode):
            return _shipped(dataset, *cifar.read(cifar.CIFAR100, f"{mode}_labels"))
        case Inline():
            return _read_inline(dataset)
        case Npy():
            return _read_npy(dataset, memory)
        case Npz():
            with open_npz(dataset.path) as archive:
                return replace(read_npz(archive, dataset_layout(archive, dataset), memory), class_names=dataset.class_names)
        case Line():
            return _computed("line", *read_line(dataset, seed))
        case Series():
            return _computed("series", *read_series(dataset))
        case Text():
            inputs, targets, vocabulary = read_windows(dataset)
            return replace(_computed("text", inputs, targets), class_names=vocabulary)
        case Shipped():
            origins = {what: Origin(f"the array of {what} of {dataset.type}") for what in ("inputs", "targets")}
            part = RawPart(shipped.read(dataset), origins["inputs"], origins["targets"])
            return RawData(part, class_names=dataset.class_names or None)
        case ImageFolder():
            return _read_pictures(dataset, memory)
        case Table():
            from nncli.data.tables.raw import read_table  # pyarrow takes 0.2 s, which other data need not pay

            return read_table(dataset)
        case _:
            raise TypeError(f"no reader for data set `{dataset.type}`")


def _named(dataset: Dataset, part: str, samples: RawSamples) -> RawPart:
    origins = (Origin(f"the array of {part} {what} of {dataset.type}") for what in ("inputs", "targets"))
    return RawPart(samples, *origins)


def _read_npy(dataset: Npy, memory: int | None) -> RawData:
    paths = {"inputs": dataset.inputs, "targets": dataset.targets, "sample_weight": dataset.sample_weight}
    origins = {what: Origin("the array", path) for what, path in paths.items()}
    inputs = read_npy(dataset.inputs, on_disk=memory is not None and npy_header_of(dataset.inputs).size > memory)
    weight = None if dataset.sample_weight is None else read_npy(dataset.sample_weight)
    return RawData(make_part(inputs, read_npy(dataset.targets), weight, origins), class_names=dataset.class_names)


def _read_housing(dataset: Housing) -> RawData:
    with cached.open_cached(cached.BOSTON if isinstance(dataset, BostonHousing) else cached.CALIFORNIA) as archive:
        origins = {what: archive.origin(name) for what, name in (("inputs", "x"), ("targets", "y"))}
        inputs, targets = (archive.read(name)[: dataset.num_samples] for name in ("x", "y"))
    # In the order of the file neighbours follow each other; the shares are drawn.
    return RawData(make_part(inputs.astype(np.float32), targets.astype(np.float64), None, origins))


def _read_pictures(dataset: ImageFolder, memory: int | None) -> RawData:
    listed = list_parts(dataset)
    encoding = encoding_of(dataset, listed)
    memory = None if memory is None else memory // len(listed)
    decoded = {part: decode_all(of_part.files, dataset, encoding, memory) for part, of_part in listed.items()}
    names = tuple(sorted({label for of_part in listed.values() for label in of_part.labels}))
    numbers = {name: number for number, name in enumerate(names)}
    parts: dict[str, RawPart] = {}
    for part, of_part in listed.items():
        folder = getattr(dataset, f"{part}_path", None) or dataset.path
        if not len(decoded[part].kept):
            raise error("NN502", "no file in it is a readable picture", "see what is wrong: `on_error: fail`", file=folder)
        targets = np.array([numbers[of_part.labels[index]] for index in decoded[part].kept], np.int64)
        origins = Origin("the pictures", folder), Origin("the classes", folder)
        parts[part] = RawPart(RawSamples(decoded[part].pixels, targets, None), *origins)
    notes = tuple(note for part in decoded.values() for note in part.notes)
    return RawData(parts["train"], parts.get("validation"), parts.get("test"), names, encoding=encoding, notes=notes)


def read_digits(dataset: Mnist | Mnist5k) -> RawData:
    """Read one of the two sets of handwritten digits."""
    return _shipped(dataset, *(mnist.read() if isinstance(dataset, Mnist) else mnist_5k.read()))


def _computed(name: str, inputs: NDArray[Any], targets: NDArray[Any]) -> RawData:
    origins = {what: Origin(f"the array of {what} of `{name}`") for what in ("inputs", "targets")}
    return RawData(make_part(inputs, targets, None, origins))


def _shipped(dataset: ImageDataset, train: RawSamples, test: RawSamples) -> RawData:
    name = dataset.type
    parts = [
        RawPart(samples, Origin(f"the array of {split} inputs of {name}"), Origin(f"the array of {split} targets of {name}"))
        for split, samples in (("train", train), ("test", test))
    ]
    return RawData(train=parts[0], test=parts[1], class_names=dataset.class_names)


def _read_inline(dataset: Inline) -> RawData:
    train = _inline_part(dataset, "dataset")
    if dataset.test_samples is None:
        return RawData(train)
    return RawData(train, test=_like(train, _inline_part(dataset.test_samples, "dataset.test_samples")))


def _inline_part(samples: Inline | InlineSamples, path: str) -> RawPart:
    origins = {name: Origin(f"`{name}`", path=f"{path}.{name}") for name in ("inputs", "targets", "sample_weight")}
    weight = None if samples.sample_weight is None else read_values(samples.sample_weight, origins["sample_weight"])
    return make_part(
        read_values(samples.inputs, origins["inputs"]), read_values(samples.targets, origins["targets"]), weight, origins
    )


def read_npz(archive: Archive, layout: Layout, memory: int | None = None) -> RawData:
    """Read the parts of a `.npz` file that `layout` names; the others are brought to the dtype of the training part.

    Args:
        archive: the file.
        layout: names of its arrays.
        memory: bytes that the inputs of all parts may take; where they are more, they stay on disk. None: any number.
    """
    named = {"train": layout.train, "validation": layout.validation, "test": layout.test}
    there = {name: names for name, names in named.items() if names is not None}
    on_disk = memory is not None and sum(archive.header(names.inputs).size for names in there.values()) > memory
    parts = {name: read_part(archive, names, on_disk=on_disk) for name, names in there.items()}
    train = parts.pop("train")
    others = {name: _like(train, part) for name, part in parts.items()}
    return RawData(train, others.get("validation"), others.get("test"))


def read_part(archive: Archive, names: PartNames, *, on_disk: bool = False) -> RawPart:
    """Read one part of a `.npz` file.

    Args:
        archive: the file.
        names: names of its arrays.
        on_disk: whether the inputs stay on disk.
    """
    origins = {"inputs": archive.origin(names.inputs), "targets": archive.origin(names.targets)}
    weight = None
    if names.sample_weight is not None:
        origins["sample_weight"] = archive.origin(names.sample_weight)
        weight = archive.read(names.sample_weight)
    return make_part(archive.read(names.inputs, on_disk=on_disk), archive.read(names.targets), weight, origins)


def make_part(inputs: NDArray[Any], targets: NDArray[Any], weight: NDArray[Any] | None, origins: dict[str, Origin]) -> RawPart:
    """Check that arrays belong together, row by row.

    Args:
        inputs: `(num_samples, ...)`; a vector is `num_samples` samples of one value, raw shape `(1,)`.
        targets: `(num_samples, ...)`.
        weight: `(num_samples,)`, `(num_samples, time)` or None.
        origins: where `inputs`, `targets` and `sample_weight` stand.

    Raises:
        NncliError: NN502, they do not.
    """
    check_shapes(inputs.shape, targets.shape, origins)
    if inputs.ndim == 1:
        inputs = inputs.reshape(-1, 1)
    return RawPart(RawSamples(inputs, targets, _weights(weight, len(inputs), origins)), origins["inputs"], origins["targets"])


def check_shapes(inputs: tuple[int, ...], targets: tuple[int, ...], origins: dict[str, Origin]) -> None:
    """Check what the shapes alone show; arguments and errors as in `make_part`."""
    for shape, what in ((inputs, "inputs"), (targets, "targets")):
        origin = origins[what]
        if not shape:
            raise origin.error("NN502", f"{origin.name} is a single number, but one entry a sample was expected")
        if 0 in shape:
            raise origin.error("NN502", f"{origin.name} has the shape {shape} and thus holds no values")
    if inputs[0] != targets[0]:
        origin = origins["targets"]
        raise origin.error(
            "NN502",
            f"{origins['inputs'].name} has {inputs[0]} samples, but {origin.name} has {targets[0]} targets",
            "give one target a sample",
        )


def _weights(weight: NDArray[Any] | None, num_samples: int, origins: dict[str, Origin]) -> NDArray[np.float32] | None:
    if weight is None:
        return None
    origin = origins["sample_weight"]
    if weight.ndim not in (1, 2) or len(weight) != num_samples or weight.size == 0:
        raise origin.error(
            "NN502",
            f"{origin.name} has the shape {weight.shape}, but ({num_samples},) or ({num_samples}, time) was expected",
            "give one weight a sample, or a row of them a sample, one a time step",
        )
    with np.errstate(over="ignore"):
        result = weight.astype(np.float32)
    wrong = (result < 0) | ~np.isfinite(result)
    if bool(wrong.any()):
        index = first_index(wrong)
        raise origin.error("NN502", f"{origin.name} holds {weight[index]} at {list(index)}, but a weight is 0 or more", at=index)
    if not bool(result.any()):
        raise origin.error("NN502", f"{origin.name} holds only zeros: no sample would count")
    return result


def _like(train: RawPart, part: RawPart) -> RawPart:
    """A part whose inputs have the raw dtype of the training part."""
    expected = train.samples.inputs
    samples, origin = part.samples, part.inputs_origin
    if samples.inputs.shape[1:] != expected.shape[1:]:
        raise origin.error(
            "NN502",
            f"{origin.name} has samples of shape {samples.inputs.shape[1:]}, but those for training have {expected.shape[1:]}",
        )
    matched = match_samples(samples.inputs[:], expected.shape[1:], str(expected.dtype), origin)
    if matched.note:  # the shapes are equal, so it is about the scale
        hint = "save all parts in one scale and dtype"
        raise origin.error(
            "NN502", f"{origin.name} holds whole numbers of 0 to 255, but those for training are {expected.dtype}", hint
        )
    return RawPart(RawSamples(matched.inputs, samples.targets, samples.sample_weight), origin, part.targets_origin)
