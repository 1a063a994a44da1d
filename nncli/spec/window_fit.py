"""Whether windows that reach over the edge see anything there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import dimensions
from nncli.spec.layers.windows import spatial_of
from nncli.spec.outline import Outline
from nncli.spec.values import Shape


def window_mistakes(experiment: Experiment, outline: Outline, shapes: Sequence[Shape]) -> Iterator[Mistake]:
    """A warning for each convolution part of whose window never sees anything but the zeros of `padding: same`.

    A window of `size` centred on the edge of an input of W reaches W - 1 beyond either side at most: of 2 W - 1 all is used.

    Args:
        experiment: the config.
        outline: shapes of its data.
        shapes: output shape of every layer.
    """
    for index, (layer, before) in enumerate(zip(experiment.model.layers, [outline.input_shape, *shapes], strict=False)):
        convolution: Any = layer
        spreads = hasattr(layer, "output_padding")  # a transposed convolution looks at no more than one value at a time
        if getattr(layer, "padding", "valid") != "same" or not hasattr(layer, "kernel_size") or spreads:
            continue
        sizes = spatial_of(before, convolution.data_format)[-len(convolution.kernel_size) :]
        reaches = [(length - 1) * gap + 1 for length, gap in zip(convolution.kernel_size, convolution.dilation_rate, strict=True)]
        if any(size is not None and reach > 2 * size - 1 for size, reach in zip(sizes, reaches, strict=True)):
            most = dimensions(tuple(None if size is None else 2 * size - 1 for size in sizes))
            message = f"a window of {dimensions(tuple(reaches))} over an input of {dimensions(sizes)} sees only zeros beyond {most}"
            hint = "use a smaller one: its outer weights are computed with, and never learn anything"
            yield Mistake(("model", "layers", index, "kernel_size"), "NN302", message, hint, "warning")
