"""Which arrays of a `.npz` file are which."""

from __future__ import annotations

from dataclasses import dataclass

from nncli.data.arrays import Archive
from nncli.problems import error
from nncli.spec.datasets.arrays import Npz


@dataclass(frozen=True, slots=True)
class PartNames:
    """Names of the arrays of one part."""

    inputs: str
    targets: str
    sample_weight: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts that a file brings."""

    train: PartNames
    validation: PartNames | None
    test: PartNames | None


def dataset_layout(archive: Archive, dataset: Npz) -> Layout:
    """The parts of a file that is to be trained on.

    Raises:
        NncliError: NN502, arrays are missing or ambiguous; NN403, the file brings a part that a share is asked for, too.
    """
    if "x" in archive.names and "x_train" in archive.names:
        raise error(
            "NN502", "the file holds both `x` and `x_train`: which is to be trained on?", "keep one of them", file=archive.file
        )
    train = _part(archive, "_train") or _part(archive, "")
    if train is None:
        raise _missing(archive, "`x` and `y`, or `x_train` and `y_train`")
    layout = Layout(train, _part(archive, "_validation"), _part(archive, "_test"))
    for split, share, part in (
        ("validation", dataset.validation, layout.validation),
        ("test", dataset.test, layout.test),
    ):
        if share and part:
            raise error(
                "NN403",
                f"`{split}: {share}` asks for a share of the training samples, but {dataset.path} brings `{part.inputs}`",
                f"remove `{split}` from the data set, or the arrays from the file",
                path=f"dataset.{split}",
            )
    return layout


def evaluation_part(archive: Archive) -> PartNames:
    """The part of a file that is to be evaluated on: `x_test`, `y_test`, else `x`, `y`.

    Raises:
        NncliError: NN502, the file holds neither.
    """
    part = _part(archive, "_test") or _part(archive, "")
    if part is None:
        raise _missing(archive, "`x` and `y`, or `x_test` and `y_test`")
    return part


def _part(archive: Archive, suffix: str) -> PartNames | None:
    inputs, targets, weight = (f"{name}{suffix}" for name in ("x", "y", "sample_weight"))
    if inputs not in archive.names and targets not in archive.names:
        return None
    for name, other in ((inputs, targets), (targets, inputs)):
        if name not in archive.names:
            raise error("NN502", f"the file holds `{other}`, but no `{name}`", f"add `{name}` to it", file=archive.file)
    return PartNames(inputs, targets, weight if weight in archive.names else None)


def _missing(archive: Archive, expected: str) -> Exception:
    there = ", ".join(f"`{name:.40}`" for name in archive.names[:10]) or "no arrays"
    return error("NN502", f"the file holds {there}, but {expected} were expected", "name the arrays so", file=archive.file)
