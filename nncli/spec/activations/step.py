"""The step function, the activation of the first perceptrons."""

from typing import ClassVar, Literal

from nncli.spec.activations.base import Activation


class Step(Activation):
    """1 where x is 0 or more, else 0. Its gradient is passed straight through, as that of x itself, so that it can be trained.

    Source: Rosenblatt, 1958; straight-through estimator: Bengio, Léonard & Courville, 2013.
    """

    type: Literal["step"] = "step"
    keras_module: ClassVar[str] = ""
    bounds: ClassVar[tuple[float, float]] = (0, 1)
