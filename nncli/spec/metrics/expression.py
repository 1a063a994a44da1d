"""A metric that the config itself spells out."""

from typing import Annotated, Literal

from pydantic import Field

from nncli.spec.formula import LossFormula
from nncli.spec.metrics.base import Metric


class Expression(Metric):
    """A formula of the config: its value for each output, then the mean over all outputs and samples."""

    type: Literal["expression"] = "expression"
    # Two expressions in one config are nothing unusual, so that each needs a name of its own.
    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]
    """What reports and conditions call it: letters, digits and `_`."""
    formula: LossFormula
    """In `y_true` and `y_pred`, such as `abs(y_true - y_pred)`: `+ - * / **`, brackets, `pi` and the functions abs, exp, log, sqrt,
    square, sin, cos, tanh, sigmoid, step, stop_gradient, maximum and minimum."""
