"""What all metrics share."""

from typing import Annotated, ClassVar

from pydantic import Field

from nncli.spec.base import TypedSpec


class Metric(TypedSpec):
    """A metric. In the formulas `y` is the target and `p` the prediction; means run over all samples."""

    kind: ClassVar[str] = "metric"
    keras_module: ClassVar[str] = "metrics"

    # The pattern is that of names in conditions such as `test_accuracy >= 0.9`.
    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)] | None = None
    """What reports and conditions call it: letters, digits and `_`; null: the name that the config writes for it."""
