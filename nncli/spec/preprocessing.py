"""Steps that turn stored inputs into what the network takes. Fitted on the training part, stored in the checkpoint."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.layers.base import ShapeMistake
from nncli.spec.values import Many


def _increasing(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] >= value[1]:
        refuse("NN204", f"expected a range [low, high] with low < high, received [{value[0]}, {value[1]}]")
    return value


Range = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_increasing)]


def _one_unknown(value: tuple[int, ...]) -> tuple[int, ...]:
    wrong = [entry for entry in value if entry < -1 or entry == 0]
    if wrong:
        refuse("NN204", f"a size is 1 or more, or -1 to be worked out; received {wrong[0]}", at=(value.index(wrong[0]),))
    if value.count(-1) > 1:
        refuse("NN204", f"only one entry may be -1, received {list(value)}", hint="state the others")
    return value


class Preprocessing(TypedSpec):
    """A step of the preprocessing."""

    kind: ClassVar[str] = "preprocessing"

    def resulting_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of one sample after the step: as before, where the step changes values alone.

        Raises:
            ShapeMistake: the step cannot take samples of `shape`.
        """
        return shape


class Rescale(Preprocessing):
    """Maps a range of values linearly onto another: (x - low) / (high - low), then onto `to`."""

    type: Literal["rescale"] = "rescale"
    to: Range = (0.0, 1.0)
    """The range to map onto, [low, high]."""
    source: Range | None = None
    """The range to map from; null: the range of the stored type where that is 8- or 16-bit integers (0 to 255 for uint8), else
    the smallest and largest value of the training inputs."""


class Standardize(Preprocessing):
    """Subtracts the mean and divides by the standard deviation of the training inputs; a constant feature becomes 0."""

    type: Literal["standardize"] = "standardize"
    per: Literal["feature", "channel", "all"] = "feature"
    """What gets a mean and a deviation of its own: each `feature` (position), each `channel` (last axis), or `all` values
    together."""


class Reshape(Preprocessing):
    """Gives each sample another shape, its values in row-major order."""

    type: Literal["reshape"] = "reshape"
    target_shape: Annotated[Many[int], AfterValidator(_one_unknown)] = Field(min_length=1)
    """The new shape of one sample; one entry may be -1 and is then worked out."""

    def resulting_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The target, its -1 worked out."""
        size, known = math.prod(shape), math.prod(entry for entry in self.target_shape if entry != -1)
        if not (size % known == 0 if -1 in self.target_shape else size == known):
            message = f"samples of shape {shape} have {size} values and do not fit `target_shape: {list(self.target_shape)}`"
            raise ShapeMistake("NN303", message, f"the entries must multiply to {size}; one may be -1", "target_shape")
        return tuple(size // known if entry == -1 else entry for entry in self.target_shape)


class Flatten(Preprocessing):
    """Makes each sample a vector."""

    type: Literal["flatten"] = "flatten"

    def resulting_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """One axis."""
        return (math.prod(shape),)


class MovesChannels(Preprocessing):
    """What the two steps share that move an axis."""

    def resulting_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same sizes, one of them elsewhere."""
        if len(shape) < 2:
            raise ShapeMistake("NN301", f"`{self.type}` needs samples with channels, but theirs is the shape {shape}")
        return self.moved(shape)

    def moved(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The sizes after the move."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it moves")


class ChannelsFirst(MovesChannels):
    """Moves the last axis of each sample to the front: (height, width, channels) becomes (channels, height, width)."""

    type: Literal["channels_first"] = "channels_first"

    def moved(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The last one first."""
        return (shape[-1], *shape[:-1])


class ChannelsLast(MovesChannels):
    """Moves the first axis of each sample to the end: (channels, height, width) becomes (height, width, channels)."""

    type: Literal["channels_last"] = "channels_last"

    def moved(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The first one last."""
        return (*shape[1:], shape[0])
