"""Layers of Keras that work on images, mended where stock Keras cannot train, store or load a network with them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any


def store_as_made(layer: Any, arguments: Mapping[str, Any]) -> None:
    """Let a layer be stored with the arguments that it was made of, in place of what it made of them.

    Keras's preprocessing layers turn them into lists that it cannot copy ("cannot pickle 'module' object"), so that no network with
    a `RandomBrightness` is saved as h5, and into others than they take: `RandomShear(0.1)` is stored as one of (-0.1, 0.1), which
    it refuses. The layer itself is changed, not its class: it is stored as the stock layer that it is.

    Args:
        layer: one whose weights do not depend on how it is stored.
        arguments: what it was made of; its name, seed and `data_format` are stored as Keras has them.
    """
    stored, own = layer.get_config, ("name", "seed", "data_format")

    def get_config() -> dict[str, Any]:
        """The arguments."""
        config: dict[str, Any] = stored()
        return config | {name: value for name, value in arguments.items() if name in config and name not in own}

    layer.get_config = get_config


def keep_shears(network: Any) -> None:
    """Let the `RandomShear` layers of a network that stock Keras has loaded be stored again: with one number for both ways."""
    import keras

    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.RandomShear):
            factors = {name: getattr(layer, name) for name in ("x_factor", "y_factor")}
            store_as_made(layer, {name: high if low < 0 else (low, high) for name, (low, high) in factors.items()})


@functools.cache
def random_crop() -> Any:
    """The class `RandomCrop`, registered with Keras as `nncli>RandomCrop`."""
    import keras

    @keras.saving.register_keras_serializable(package="nncli")
    class RandomCrop(keras.layers.RandomCrop):  # type: ignore[misc]
        """Training: Keras's. Else: the largest part from the middle that has the window's proportions, in the window's size, as
        Keras documents; its own class passes the images on uncut, and the layers behind get another size than they were built for.
        """

        def call(self, data: Any, training: bool = True) -> Any:
            """(batch, height, width, channels) -> (batch, new height, new width, channels), or channels first in both."""
            if training:
                return super().call(data, training=True)
            resized = keras.ops.image.resize(
                data, (self.height, self.width), crop_to_aspect_ratio=True, data_format=self.data_format
            )
            return keras.ops.cast(resized, self.compute_dtype)

    return RandomCrop


@functools.cache
def equalization() -> Any:
    """The class `Equalization`, registered with Keras as `nncli>Equalization`."""
    import keras

    @keras.saving.register_keras_serializable(package="nncli")
    class Equalization(keras.layers.Equalization):  # type: ignore[misc]
        """Keras's, which says of its outputs that they are its inputs: a network with it has a cycle. It also equalizes only while
        training, against its own documentation.
        """

        def call(self, data: Any, training: bool = True) -> Any:
            """Images of the same shape."""
            return super().call(data, training=True)

        def compute_output_spec(self, data: Any, **more: Any) -> Any:
            """A tensor of its own."""
            return keras.KerasTensor(data.shape, dtype=self.compute_dtype)

    return Equalization
