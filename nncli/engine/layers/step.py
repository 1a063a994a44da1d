"""The step function, as an activation that can be trained."""

from __future__ import annotations

import functools
from typing import Any

from nncli.engine.runtime import tensorflow


@functools.cache
def step_function() -> Any:
    """`step`: 1 where z >= 0, else 0; its gradient is passed straight through, as that of z itself.

    A true step has the gradient 0 and could not be trained. Passed straight through, gradient descent on half the squared error
    is Rosenblatt's rule for the perceptron. Registered with Keras as `nncli>step`, by which a saved network names it.

    Source: Rosenblatt, 1958; straight-through estimator: Bengio, Léonard & Courville, 2013.
    """
    tf = tensorflow()
    import keras

    @keras.saving.register_keras_serializable(package="nncli")  # type: ignore[untyped-decorator]
    def step(z: Any) -> Any:
        """0 or 1 for each number, in the type of `z`."""

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def passed_through(z: Any) -> tuple[Any, Any]:
            return tf.cast(z >= 0, z.dtype), lambda upstream: upstream

        return passed_through(tf.convert_to_tensor(z))

    return step
