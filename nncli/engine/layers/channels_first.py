"""Keras layers as nncli has to build them where the stock ones cannot compute. They are stored under the stock layer's name."""

from __future__ import annotations

import functools
from typing import Any

from nncli.engine.runtime import tensorflow


@functools.cache
def channels_first_conv2d() -> Any:
    """A `Conv2D` that computes `channels_first` on a CPU.

    TensorFlow's CPU kernels convolve channels-last images only ("Conv2DCustomBackpropFilterOp only supports NHWC"), and Keras
    transposes for pooling but not here. The class keeps Keras's name, so that a saved network is stock Keras.
    """
    tensorflow()
    import keras

    class Conv2D(keras.layers.Conv2D):  # type: ignore[misc]
        """The stock layer, transposing around the convolution."""

        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            """(batch, channels, height, width) -> (batch, filters, new height, new width)."""
            outputs = keras.ops.conv(
                keras.ops.transpose(inputs, (0, 2, 3, 1)),
                kernel,
                strides=list(self.strides),
                padding=self.padding,
                dilation_rate=self.dilation_rate,
                data_format="channels_last",
            )
            return keras.ops.transpose(outputs, (0, 3, 1, 2))

    return Conv2D
