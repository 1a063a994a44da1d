"""Formulas as TensorFlow operations, losses and metrics."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from nncli.engine.layers.step import step_function
from nncli.engine.runtime import tensorflow
from nncli.spec.formula import compute, parse_formula


@functools.cache
def _operations() -> dict[str, Callable[..., Any]]:
    tf = tensorflow()
    return {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "**": tf.pow,
        "negative": operator.neg,
        "abs": tf.abs,
        "exp": tf.exp,
        "log": tf.math.log,
        "sqrt": tf.sqrt,
        "square": tf.square,
        "sin": tf.sin,
        "cos": tf.cos,
        "tanh": tf.tanh,
        "sigmoid": tf.sigmoid,
        "step": step_function(),
        "stop_gradient": tf.stop_gradient,
        "maximum": tf.maximum,
        "minimum": tf.minimum,
    }


def _errors(text: str) -> Callable[[Any, Any], Any]:
    formula = parse_formula(text, ("y_true", "y_pred"))

    def errors(y_true: Any, y_pred: Any) -> Any:
        """The formula's value, its mean over the last axis: (batch, ..., outputs) -> (batch, ...)."""
        tf = tensorflow()
        y_pred = tf.convert_to_tensor(y_pred)
        y_true = tf.cast(y_true, y_pred.dtype)
        if y_true.shape.rank is not None and y_true.shape.rank + 1 == y_pred.shape.rank:
            y_true = y_true[..., tf.newaxis]  # class numbers beside one output
        variables = {"y_true": y_true, "y_pred": y_pred}
        value = compute(formula, _operations(), variables, lambda number: tf.constant(number, y_pred.dtype))
        return tf.reduce_mean(value + tf.zeros_like(y_pred), axis=-1)

    return errors


def expression_loss(formula: str, reduction: str | None) -> Any:
    """A `keras.losses.Loss` of a formula in `y_true` and `y_pred`."""
    tensorflow()
    import keras

    class Expression(keras.losses.Loss):  # type: ignore[misc]
        """The formula, element by element; its mean over the last axis."""

        def call(self, y_true: Any, y_pred: Any) -> Any:
            """(batch, ..., outputs) twice -> (batch, ...)."""
            return errors(y_true, y_pred)

    errors = _errors(formula)
    return Expression(reduction=reduction)


def expression_metric(formula: str, name: str) -> Any:
    """A `keras.metrics.Metric`: the mean of a formula in `y_true` and `y_pred` over all samples."""
    tensorflow()
    import keras

    return keras.metrics.MeanMetricWrapper(_errors(formula), name=name)
