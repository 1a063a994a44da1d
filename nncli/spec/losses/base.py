"""What all losses share."""

from typing import ClassVar, Literal

from nncli.spec.base import TypedSpec

Reduction = Literal["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]


class Loss(TypedSpec):
    """A loss. In the formulas `y` is the target and `p` the prediction; means run over the last axis."""

    kind: ClassVar[str] = "loss"
    keras_module: ClassVar[str] = "losses"

    reduction: Reduction | None = "sum_over_batch_size"
    """How the samples' losses become one number: `sum`, `mean` (`sum_over_batch_size` is the same), `mean_with_sample_weight`
    (the weighted sum over the sum of the weights), or `none` or null: they stay apart."""
