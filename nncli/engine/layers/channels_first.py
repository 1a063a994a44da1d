"""Convolutions of `channels_first` inputs on a CPU, where TensorFlow computes them with the channels last only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any


def convolve_channels_last(layer: Any) -> None:
    """Let a layer of Keras's with `data_format="channels_first"` transpose around its convolutions; leave any other alone.

    TensorFlow's CPU kernels convolve with the channels last only ("Conv2DCustomBackpropFilterOp only supports NHWC"), and XLA, by
    which Keras helps itself for volumes, is 2 to 5 times slower. The layer itself is changed, not its class: it is stored, alone
    and inside others, as the stock layer that it is.

    Args:
        layer: a plain or transposed convolution, an `STFTSpectrogram`, a `ConvLSTM`, or a `Bidirectional`. Depthwise and separable
            convolutions need no help: Keras transposes for these.
    """
    if hasattr(layer, "forward_layer"):  # it holds copies of what it was given
        convolve_channels_last(layer.forward_layer)
        convolve_channels_last(layer.backward_layer)
    elif getattr(layer, "data_format", None) != "channels_first":
        return
    elif hasattr(layer, "cell"):
        if "input_conv" in vars(layer.cell):
            return  # a `Bidirectional` copies the layer that reads forwards, but not always the other
        layer.cell.input_conv = _transposing(layer.cell, layer.cell.input_conv)
        layer.cell.recurrent_conv = _transposing(layer.cell, layer.cell.recurrent_conv)
    else:
        layer.call = _then_activating(layer, _transposing(layer, layer.call))


def _transposing(layer: Any, compute: Callable[..., Any]) -> Callable[..., Any]:
    import keras

    def transposed(inputs: Any, *more: Any, **named: Any) -> Any:
        """(batch, channels, ...) -> (batch, filters, ...)."""
        with _channels_last(layer):
            outputs = compute(keras.ops.moveaxis(inputs, 1, -1), *more, **named)
        return keras.ops.moveaxis(outputs, -1, 1)

    return transposed


@contextlib.contextmanager
def _channels_last(layer: Any) -> Iterator[None]:
    """The layer as one whose channels come last, and without its activation, which may look at an axis."""
    # Past Keras's `__setattr__`, which keeps books of the layers that a layer holds: an activation may be one.
    attributes = vars(layer)
    kept = {name: attributes[name] for name in ("data_format", "activation") if name in attributes}
    attributes.update(dict.fromkeys(kept), data_format="channels_last")
    try:
        yield
    finally:
        attributes.update(kept)


def _then_activating(layer: Any, compute: Callable[..., Any]) -> Callable[..., Any]:
    def activated(inputs: Any) -> Any:
        """(batch, channels, ...) -> (batch, filters, ...)."""
        outputs = compute(inputs)
        activation = getattr(layer, "activation", None)
        return outputs if activation is None else activation(outputs)

    return activated
