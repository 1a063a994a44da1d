"""Reading a data set's raw arrays: from the config itself, from a file, or from a shipped set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import Archive, npy_header_of, open_npz, read_npy, spool_npy
from nncli.data.generated import read_line
from nncli.data.inline import read_values
from nncli.data.layout import Layout, PartNames, dataset_layout
from nncli.data.origin import Origin
from nncli.data.pictures.folder import decode_all
from nncli.data.pictures.listing import list_parts
from nncli.data.pictures.sizes import encoding_of
from nncli.data.raw import RawData, RawPart, like, make_part
from nncli.data.samples import RawSamples
from nncli.data.series import read_series
from nncli.data.sets import cached, cifar, fashion, mnist, mnist_5k, shipped, words
from nncli.data.texts.folder import TextSource
from nncli.data.texts.windows import read_windows
from nncli.problems import error
from nncli.spec.datasets.arrays import Inline, InlineSamples, Npy, Npz
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.folders import ImageFolder, TextFolder
from nncli.spec.datasets.generated import Line, Series
from nncli.spec.datasets.housing import BostonHousing, Housing
from nncli.spec.datasets.images import Cifar10, Cifar100, FashionMnist, ImageDataset, Mnist, Mnist5k
from nncli.spec.datasets.shipped import Shipped
from nncli.spec.datasets.tables import Table
from nncli.spec.datasets.text import Text
from nncli.spec.datasets.words import NumberedWords


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
        case TextFolder():
            return _read_texts(dataset)
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
    is_large = memory is not None and npy_header_of(dataset.inputs).size > memory
    inputs = spool_npy(dataset.inputs) if is_large else read_npy(dataset.inputs)
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
    notes = tuple(note for part in listed for note in (*listed[part].notes, *decoded[part].notes))
    there = parts["train"], parts.get("validation"), parts.get("test")
    digests = {part: of_part.digests for part, of_part in decoded.items()}
    return RawData(*there, names, encoding=encoding, digests=digests, notes=notes)


def _read_texts(dataset: TextFolder) -> RawData:
    source = TextSource(dataset)
    parts: dict[str, RawPart] = {}
    first = 0
    for part, targets in source.targets.items():
        folder = getattr(dataset, f"{part}_path", None) or dataset.path
        samples = RawSamples(np.arange(first, first + len(targets)), targets, None)
        parts[part] = RawPart(samples, Origin("the texts", folder), Origin("the classes", folder))
        first += len(targets)
    return RawData(parts["train"], parts.get("validation"), parts.get("test"), source.class_names, source)


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
    return RawData(train, test=like(train, _inline_part(dataset.test_samples, "dataset.test_samples")))


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
    others = {name: like(train, part) for name, part in parts.items()}
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
    inputs = archive.spool(names.inputs) if on_disk else archive.read(names.inputs)
    return make_part(inputs, archive.read(names.targets), weight, origins)
