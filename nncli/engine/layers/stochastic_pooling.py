"""Stochastic pooling: a layer that Keras does not have."""

from __future__ import annotations

import functools
from typing import Any

from nncli.engine.runtime import tensorflow


@functools.cache
def stochastic_pooling2d() -> Any:
    """The class `StochasticPooling2D`, registered with Keras as `nncli>StochasticPooling2D`.

    Source: Zeiler & Fergus, "Stochastic Pooling for Regularization of Deep Convolutional Neural Networks", 2013.
    """
    tf = tensorflow()
    import keras

    @keras.saving.register_keras_serializable(package="nncli")
    class StochasticPooling2D(keras.layers.Layer):  # type: ignore[misc]
        """Training: one element of each window, drawn with a probability proportional to its activation. Else: their mean, each
        weighted by its probability. Negative activations count as 0; a window of zeros gives 0.
        """

        def __init__(
            self,
            pool_size: Any = (2, 2),
            strides: Any = None,
            padding: str = "valid",
            data_format: str | None = None,
            seed: int | None = None,
            **more: Any,
        ) -> None:
            super().__init__(**more)
            self.pool_size, self.strides = tuple(pool_size), tuple(strides or pool_size)
            self.padding, self.data_format, self.seed = padding, data_format, seed
            self.seed_generator = keras.random.SeedGenerator(seed)

        def call(self, inputs: Any, training: bool = False) -> Any:
            """(batch, height, width, channels) -> (batch, new height, new width, channels), or channels first in both."""
            if self.data_format == "channels_first":
                inputs = tf.transpose(inputs, (0, 2, 3, 1))
            elements = tf.nn.relu(self._windows(inputs))
            if training:
                shape = tf.shape(elements)
                drawn = keras.random.uniform((shape[0], shape[1], shape[2], shape[4]), dtype="float32", seed=self.seed_generator)
                outputs = choose(elements, drawn)
            else:
                total = tf.reduce_sum(elements, axis=3)
                outputs = tf.math.divide_no_nan(tf.reduce_sum(tf.square(elements), axis=3), total)
            return tf.transpose(outputs, (0, 3, 1, 2)) if self.data_format == "channels_first" else outputs

        def _windows(self, inputs: Any) -> Any:
            """(batch, new height, new width, elements of a window, channels)."""
            (height, width), channels = self.pool_size, inputs.shape[-1]
            patches = tf.image.extract_patches(
                inputs, (1, height, width, 1), (1, *self.strides, 1), (1, 1, 1, 1), self.padding.upper()
            )
            shape = tf.shape(patches)
            return tf.reshape(patches, (shape[0], shape[1], shape[2], height * width, channels))

        def get_config(self) -> dict[str, Any]:
            """The arguments."""
            names = ("pool_size", "strides", "padding", "data_format", "seed")
            return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def choose(elements: Any, drawn: Any) -> Any:
        """The element of each window at which the sum of those up to it exceeds the share `drawn`, 0 to below 1, of their sum.

        Summed in float32 whatever the elements' type: bfloat16 would round a share to 1, which no sum exceeds. Where an element is
        no finite number the outcome is none, either.
        """
        sums = tf.cumsum(tf.cast(elements, tf.float32), axis=3)
        total = sums[..., -1:, :]
        reached = sums > drawn[..., tf.newaxis, :] * total
        before = tf.concat([tf.zeros_like(reached[..., :1, :]), reached[..., :-1, :]], axis=3)
        chosen = tf.reduce_sum(tf.where(tf.logical_and(reached, tf.logical_not(before)), elements, 0), axis=3)
        sound = tf.math.is_finite(total[..., 0, :])
        return tf.where(sound, chosen, tf.cast(total[..., 0, :], elements.dtype))

    return StochasticPooling2D
