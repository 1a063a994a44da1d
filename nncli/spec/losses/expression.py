"""A loss that the config itself spells out."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from nncli.spec.base import refuse
from nncli.spec.formula import LossFormula, parse_formula, variables_of
from nncli.spec.losses.base import Loss


def _of_the_prediction(text: str) -> str:
    if "y_pred" not in variables_of(parse_formula(text, ("y_true", "y_pred"))):
        refuse("NN207", "the formula does not use `y_pred`, so that nothing could make it smaller", "write it in `y_pred`")
    return text


class Expression(Loss):
    """A formula of the config: its value for each output, then the mean over the last axis, then over the batch."""

    type: Literal["expression"] = "expression"
    formula: Annotated[LossFormula, AfterValidator(_of_the_prediction)]
    """In `y_true` and `y_pred`, such as `square(y_true - y_pred)`: `+ - * / **`, brackets, `pi` and the functions abs, exp, log,
    sqrt, square, sin, cos, tanh, sigmoid, step, stop_gradient, maximum and minimum."""
