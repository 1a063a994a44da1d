"""The initializer that makes a convolution compute a spectrum."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from nncli.spec.base import Misfit, refuse
from nncli.spec.initializers.base import Initializer
from nncli.spec.initializers.constant import regular_numbers
from nncli.spec.wording import describe

# The window functions of scipy.signal that need no parameter of their own.
_WINDOWS = (
    "barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "cosine", "exponential", "flattop", "hamming",
    "hann", "lanczos", "nuttall", "parzen", "taylor", "triang", "tukey",
)  # fmt: skip


_NAME_OR_NUMBERS = {
    "anyOf": [{"enum": list(_WINDOWS)}, {"type": "array", "items": {"type": "number"}, "minItems": 1}, {"type": "null"}]
}


def _flat(values: list[object] | tuple[object, ...]) -> object:
    for index, entry in enumerate(values):
        if isinstance(entry, list | tuple):
            refuse("NN203", f"expected a number, received {describe(entry)}", at=(index,))
    return regular_numbers(values)


def _window(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return _flat(value)
    if not isinstance(value, str):
        refuse("NN203", f"expected the name of a window or a list of numbers, received {describe(value)}")
    if value not in _WINDOWS:
        refuse("NN205", f"unknown window `{value}`", f"there are: {', '.join(_WINDOWS)}")
    return value


Window = Annotated[str | tuple[float, ...] | None, BeforeValidator(_window), WithJsonSchema(_NAME_OR_NUMBERS)]
"""What each frame of a sound is multiplied by."""


class STFT(Initializer):
    """Waves of a short-time Fourier transform, so that a 1D convolution computes a spectrum."""

    type: Literal["stft"] = "stft"
    keras_class: ClassVar[str] = "STFT"
    side: Literal["real", "imag"] = "real"
    """Which part of the spectrum: `real` (cosines) or `imag` (sines)."""
    window: Window = "hann"
    """What each frame is multiplied by: a window's name, a list with one number a step of the frame, or null: nothing."""
    scaling: Literal["density", "spectrum"] | None = "density"
    """What the waves are divided by: `density` (root of the window's sum of squares), `spectrum` (its sum), null: nothing."""
    periodic: bool = False
    """Whether a named window is one period of a wave; otherwise it is symmetric."""

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Three axes: the frame's length, one channel, and two frequencies or more."""
        if len(shape) != 3 or shape[1] != 1:
            message = "`stft` fills the kernel of a `conv1d` on one channel alone"
            return Misfit(message, "use `glorot_uniform`, or `zeros` for a bias")
        if shape[2] < 2:
            return Misfit("`stft` needs 2 frequencies or more, one a filter", "give the layer more filters")
        if isinstance(self.window, tuple) and len(self.window) != shape[0]:
            message = f"a window of {len(self.window)} numbers is not as long as its first axis"
            return Misfit(message, f"give {shape[0]}, or a window's name", ("window",))
        return None
