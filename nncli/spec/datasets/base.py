"""What all data sets share."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.choice import OneOf
from nncli.spec.preprocessing import Preprocessing
from nncli.spec.values import Many, Share

Labels = Literal["index", "one_hot"]


class Dataset(TypedSpec):
    """What every data set has: a validation share, the form of its labels, and the preprocessing of its inputs."""

    kind: ClassVar[str] = "dataset"

    validation: Share = 0.0
    """Share of the training samples that is held out for validation, 0 to below 1; stratified by class where there are any."""
    labels: Labels | None = None
    """Form of the targets: `index` (class numbers), `one_hot` (a row of 0s and one 1), or null: as the data has them (integer
    vectors are class numbers, everything else is numbers to predict)."""
    preprocess: Many[Annotated[Preprocessing, OneOf("preprocessing")]] = ()
    """Steps applied to the inputs in order, fitted on the training part alone."""

    is_ordered: ClassVar[bool] = False
    """Whether the samples follow each other in time, so that a share is held out from the end and not drawn."""

    @property
    def is_its_own_target(self) -> bool:
        """Whether the network is to give back what it was given."""
        return False


class Splittable(Dataset):
    """What the data sets share that need not bring a test part."""

    test: Share = 0.0
    """Share of all samples that is held out for the test, 0 to below 1, where the data bring no test part of their own."""


def require_one_part_each(dataset: Splittable) -> None:
    """Refuse a data set with `validation_path` and `test_path` that states a share and files for the same part."""
    for part in ("validation", "test"):
        if getattr(dataset, part) and getattr(dataset, f"{part}_path") is not None:
            message = f"`{part}` and `{part}_path` both say what the {part} part is"
            refuse("NN206", message, hint="keep one of them", at=(part,))
