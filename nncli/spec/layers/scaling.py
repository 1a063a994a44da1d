"""Layers that scale their inputs by numbers that the config states."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.normalization import feature_size
from nncli.spec.one_or_many import Numbers, OneAxis, Weights
from nncli.spec.values import Shape


class Rescaling(Layer):
    """Multiplies its inputs by one number and adds another."""

    type: Literal["rescaling"] = "rescaling"
    keras_class: ClassVar[str] = "Rescaling"

    scale: float
    """What they are multiplied by."""
    offset: float = 0.0
    """What is added."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class Normalization(Layer):
    """Subtracts a mean from its inputs and divides by a deviation, both stated in the config."""

    type: Literal["normalization"] = "normalization"
    keras_class: ClassVar[str] = "Normalization"

    axis: OneAxis | None = -1
    """The axis of the features, the batch counted as axis 0; -1 is the last. Null: one mean and one variance for all."""
    mean: Numbers | None = None
    """The mean, or one for each feature. Keras can learn it beforehand; here `preprocess: [standardize]` does."""
    variance: Weights | None = None
    """The variance, or one for each feature: the square of the deviation."""
    invert: bool = False
    """Whether to multiply by the deviation and to add the mean instead."""

    @model_validator(mode="after")
    def _stated(self) -> Self:
        for field, other in (("mean", "variance"), ("variance", "mean")):
            if getattr(self, field) is None:
                hint = "`standardize` in the data set's `preprocess` learns both from the training part"
                refuse(
                    "NN206", f"`{field}` is missing: no training learns it", hint, () if getattr(self, other) is None else (other,)
                )
        count, other_count = (len(value) if isinstance(value, tuple) else None for value in (self.mean, self.variance))
        if count != other_count:
            refuse("NN206", "`mean` and `variance` must be numbers, or lists of the same length", None, ("variance",))
        if count is not None and self.axis is None:
            refuse("NN206", "without an axis there is one mean for all", "write a number, or give the axis", ("mean",))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        if self.axis is None:
            return shape
        size = feature_size(shape, self.axis)
        if isinstance(self.mean, tuple) and len(self.mean) not in (1, size):
            message = f"`mean` and `variance` are of {len(self.mean)} features, the input has {size} on axis {self.axis}"
            raise ShapeMistake("NN303", message, "give a number for each, or one for all", "mean")
        return shape
