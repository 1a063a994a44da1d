"""Losses of sequences, of regions in images, and of embeddings."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.losses.base import Loss
from nncli.spec.one_or_many import Axes
from nncli.spec.values import NonNegativeFloat, PositiveFloat


class CTC(Loss):
    """For a sequence of labels without their places in time (Graves et al., 2006).

    Targets `(batch, labels)` of class numbers from 1 up, padded with 0, which also is the blank; predictions
    `(batch, time, classes)` before the softmax.
    """

    type: Literal["ctc"] = "ctc"
    keras_class: ClassVar[str] = "CTC"


class Dice(Loss):
    """For regions: 1 - 2 * overlap / (size of the target + size of the prediction) (Dice, 1945)."""

    type: Literal["dice"] = "dice"
    keras_class: ClassVar[str] = "Dice"
    axis: Axes | None = None
    """The axis or axes that the sizes are summed over; null: all, the whole batch being one region."""


class Tversky(Loss):
    """Dice with a weight for each kind of mistake: 1 - overlap / (overlap + alpha * missed + beta * wrongly marked).

    Source: Salehi, Erdogmus & Gholipour, 2017.
    """

    type: Literal["tversky"] = "tversky"
    keras_class: ClassVar[str] = "Tversky"
    # Keras calls the variables the other way round, but computes these: (1 - prediction) * target is multiplied by `alpha`.
    alpha: NonNegativeFloat = 0.5
    """Weight of what belongs to the region and is not marked, 0 or more."""
    beta: NonNegativeFloat = 0.5
    """Weight of what is marked and does not belong to the region, 0 or more."""
    axis: Axes | None = None
    """The axis or axes that the sizes are summed over; null: all, the whole batch being one region."""


class Circle(Loss):
    """For embeddings of length 1: draws samples of one class together, pushes those of others apart (Sun et al., 2020).

    Targets are class numbers; the pairs are taken within the batch.
    """

    type: Literal["circle"] = "circle"
    keras_class: ClassVar[str] = "Circle"
    gamma: PositiveFloat = 80.0
    """Scale of the similarities, above 0."""
    margin: Annotated[float, Field(ge=-1, le=1)] = 0.4
    """Cosine distance at which a pair goes over from near to far, -1 to 1; pairs on the wrong side weigh more."""
    remove_diagonal: bool = True
    """Whether the pair of a sample with itself is left out."""
