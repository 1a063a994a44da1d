"""Data sets of plain arrays: written in the config, or in a NumPy file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from nncli.spec.base import Spec, refuse
from nncli.spec.datasets.base import Splittable
from nncli.spec.values import FilePath, Many
from nncli.spec.wording import repeated

Numbers = Many[Any]
"""A list of numbers, or of lists of numbers, to any depth; `nncli.data` checks that it is regular."""


class InlineSamples(Spec):
    """Samples that are written in the config."""

    inputs: Numbers = Field(min_length=1)
    """One entry a sample; entries of equal shape."""
    targets: Numbers = Field(min_length=1)
    """One entry a sample."""
    sample_weight: Numbers | None = None
    """How much each sample counts: one number a sample, or a row of numbers a sample, one a time step."""


class Inline(Splittable):
    """Samples written in the config itself, for small lessons."""

    type: Literal["inline"] = "inline"
    inputs: Numbers = Field(min_length=1)
    """One entry a sample; entries of equal shape."""
    targets: Numbers = Field(min_length=1)
    """One entry a sample."""
    sample_weight: Numbers | None = None
    """How much each sample counts: one number a sample, or a row of numbers a sample, one a time step."""
    test_samples: InlineSamples | None = None
    """Samples for the test, in place of a share."""

    @model_validator(mode="after")
    def _one_test_part(self) -> Inline:
        if self.test and self.test_samples is not None:
            refuse("NN206", "`test` and `test_samples` both say what the test is on", hint="keep one of them", at=("test",))
        return self


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    for index in repeated(value):
        refuse("NN204", f"two classes have the name `{value[index]}`", hint="give each class a name of its own", at=(index,))
    return value


ClassNames = Annotated[Many[str], Field(min_length=1), AfterValidator(_distinct)]


class Npy(Splittable):
    """Arrays in NumPy `.npy` files, one for inputs and one for targets."""

    type: Literal["npy"] = "npy"
    inputs: FilePath
    """The file of the inputs, one entry a sample, relative to the config's folder."""
    targets: FilePath
    """The file of the targets, one entry a sample."""
    sample_weight: FilePath | None = None
    """A file that says how much each sample counts."""
    class_names: ClassNames | None = None
    """Names of the classes 0, 1, 2, ... for predictions; null: the numbers themselves."""


class Npz(Splittable):
    """Arrays in a NumPy `.npz` file: `x` and `y`, or `x_train`, `y_train` and, where there are, `x_validation`, `y_validation`,
    `x_test`, `y_test`. Weights of the samples may stand in `sample_weight` (or `sample_weight_train`, ...).
    """

    type: Literal["npz"] = "npz"
    path: FilePath
    """The file, relative to the config's folder."""
    class_names: ClassNames | None = None
    """Names of the classes 0, 1, 2, ... for predictions; null: the numbers themselves."""
