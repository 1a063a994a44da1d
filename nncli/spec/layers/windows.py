"""The arithmetic of windows that slide over an image, shared by convolutions and pooling."""

from __future__ import annotations

from nncli.spec import registry
from nncli.spec.layers.base import ShapeMistake, dimensions, require_rank
from nncli.spec.values import Shape

AXES = {1: "length", 2: "height, width", 3: "depth, height, width"}
"""Number of spatial axes -> their names."""


def channels_of(shape: Shape, rank: int, data_format: str | None, layer: str) -> int:
    """Number of channels of an input sample with `rank` spatial axes.

    Args:
        shape: the input sample's shape.
        rank: number of spatial axes, 1 to 3.
        data_format: `channels_first`, or anything else for channels last.
        layer: the layer's type, for messages.

    Raises:
        ShapeMistake: the input has another number of axes, or its channels may vary.
    """
    axes = f"channels, {AXES[rank]}" if data_format == "channels_first" else f"{AXES[rank]}, channels"
    hint = "a `reshape` in the preprocessing or before this layer can add the axis that is missing" if len(shape) == rank else None
    same, fitting = f"{rank}d", f"{len(shape) - 1}d"
    if rank == 3 or len(shape) > rank:
        other = layer.replace(same, fitting)
        hint = f"use `{other}`" + (f", or {hint}" if hint else "") if other != layer and other in registry.names("layer") else hint
    hint = "put it before what makes vectors, such as `flatten`" if len(shape) == 1 and rank > 1 else hint
    require_rank(shape, rank + 1, axes, layer, hint)
    channels = shape[0] if data_format == "channels_first" else shape[-1]
    if channels is None:
        raise ShapeMistake("NN303", f"`{layer}` needs to know the number of channels, which may vary here")
    return channels


def spatial_of(shape: Shape, data_format: str | None) -> Shape:
    """The spatial axes of an input sample."""
    return shape[1:] if data_format == "channels_first" else shape[:-1]


def with_spatial(spatial: Shape, channels: int, data_format: str | None) -> Shape:
    """An output sample's shape from its spatial axes and its channels."""
    return (channels, *spatial) if data_format == "channels_first" else (*spatial, channels)


def slide(
    sizes: Shape, window: tuple[int, ...], strides: tuple[int, ...], padding: str, dilation: tuple[int, ...] | None, field: str
) -> Shape:
    """Sizes of what a window gives that slides over `sizes`.

    Padding `valid` gives floor((W - F) / S) + 1 with F = (window - 1) * dilation + 1, padding `same` or `causal` gives ceil(W / S).

    Args:
        sizes: spatial sizes of the input; None where they may vary.
        window, strides, dilation: one entry an axis; a dilation of None is 1 everywhere.
        padding: `valid`, `same` or `causal`.
        field: the field that gives the window's size, for messages.

    Raises:
        ShapeMistake: NN302, the window is larger than the input.
    """
    result: list[int | None] = []
    for size, length, stride, gap in zip(sizes, window, strides, dilation or (1,) * len(window), strict=True):
        reach = (length - 1) * gap + 1
        if size is None:
            result.append(None)
        elif padding != "valid":
            result.append(-(-size // stride))
        elif reach > size:
            raise ShapeMistake(
                "NN302",
                f"a window of {dimensions(window)} does not fit into an input of {dimensions(sizes)}:"
                f" side = floor((W - F + 2P) / S) + 1 = floor(({size} - {reach} + 0) / {stride}) + 1 is below 1",
                "use a smaller window, `padding: same`, or less pooling before it",
                field,
            )
        else:
            result.append((size - reach) // stride + 1)
    return tuple(result)


def spread(sizes: Shape, window: tuple[int, ...], strides: tuple[int, ...], padding: str, added: tuple[int, ...] | None) -> Shape:
    """Sizes of what a transposed convolution makes of `sizes`.

    Padding `valid` gives (W - 1) * S + max(F, S), padding `same` gives W * S; with A values added at the end these are
    (W - 1) * S + F + A and (W - 1) * S + F mod 2 + A.

    Args:
        sizes: spatial sizes of the input; None where they may vary.
        window, strides: one entry an axis.
        padding: `valid` or `same`.
        added: one entry an axis, or None.
    """
    result: list[int | None] = []
    for axis, (size, length, stride) in enumerate(zip(sizes, window, strides, strict=True)):
        if size is None:
            result.append(None)
        elif added is None:
            result.append(size * stride if padding == "same" else (size - 1) * stride + max(length, stride))
        else:
            result.append((size - 1) * stride + (length % 2 if padding == "same" else length) + added[axis])
    return tuple(result)
