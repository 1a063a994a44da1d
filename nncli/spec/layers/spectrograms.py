"""Layers that turn sounds into pictures of their frequencies over time."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nncli.spec.base import refuse
from nncli.spec.initializers.fourier import Window
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake, num_positions, require_rank
from nncli.spec.layers.windows import channels_of, slide, spatial_of
from nncli.spec.values import LARGEST, DataFormat, NonNegativeFloat, PositiveFloat, PositiveInt, Shape


class MelSpectrogram(Layer):
    """Turns a sound into the loudness of its pitches over time, spaced as an ear hears them.

    With `power_to_db` the loudness is cut `top_db` below the loudest of the batch: a prediction then depends on what else is in it.
    """

    type: Literal["mel_spectrogram"] = "mel_spectrogram"
    keras_class: ClassVar[str] = "MelSpectrogram"

    fft_length: PositiveInt = 2048
    """Length of each Fourier transform, in samples."""
    sequence_stride: PositiveInt = 512
    """Samples from one window to the next."""
    sequence_length: PositiveInt | None = None
    """Length of the windows, padded with zeros to `fft_length`; null: as long."""
    window: Literal["hann", "hamming"] | None = "hann"
    """What each window is multiplied by; null: nothing."""
    sampling_rate: PositiveInt = 16000
    """Samples a second."""
    num_mel_bins: PositiveInt = 128
    """How many pitches are told apart."""
    min_freq: NonNegativeFloat = 20.0
    """The lowest, in Hertz."""
    max_freq: PositiveFloat | None = None
    """The highest; null: half the sampling rate."""
    power_to_db: bool = True
    """Whether loudness is given in decibels."""
    top_db: NonNegativeFloat = 80.0
    """How many of them, at most, the softest is below the loudest of the batch."""
    mag_exp: PositiveFloat = 2.0
    """Exponent of the magnitude: 1 for the magnitude itself, 2 for its power."""
    min_power: PositiveFloat = 1e-10
    """Smallest power of which a logarithm is taken."""
    ref_power: PositiveFloat = 1.0
    """The power that is 0 decibels."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.sequence_length is not None and self.sequence_length > self.fft_length:
            message = f"a window of {self.sequence_length} is longer than the `fft_length` of {self.fft_length}"
            refuse("NN206", message, "shorten it, or lengthen `fft_length`", ("sequence_length",))
        highest = self.max_freq if self.max_freq is not None else self.sampling_rate // 2
        if self.min_freq >= highest:
            refuse("NN206", f"the lowest pitch, {self.min_freq:g}, is not below the highest, {highest:g}", None, ("min_freq",))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """(pitches, windows)."""
        require_rank(shape, 1, "samples of the sound", self.type, "a sound of several channels needs a network for each")
        length, stride = shape[0], self.sequence_stride
        if length is None:
            return (self.num_mel_bins, None)
        margin = self.fft_length // 2
        if length <= margin:
            message = f"half an `fft_length` ({margin}) is mirrored at both ends, a sound of {length} samples is too short for it"
            raise ShapeMistake("NN302", message, "shorten `fft_length`", "fft_length")
        windows = (length + 2 * margin - self.fft_length) // stride + 1
        if windows != (length + stride + 1) // stride:
            message = f"Keras computes {windows} windows of {length} samples, but reckons with another number"
            raise ShapeMistake("NN303", message, "change the stride, or the length of the sounds, by 1", "sequence_stride")
        return (self.num_mel_bins, windows)


class STFTSpectrogram(Layer):
    """Turns a sound into its frequencies over time: a convolution whose kernels are waves, which training may change.

    Freeze it with `trainable: false` to keep them as they are.
    """

    type: Literal["stft_spectrogram"] = "stft_spectrogram"
    keras_class: ClassVar[str] = "STFTSpectrogram"
    has_weights: ClassVar[bool] = True
    has_windows: ClassVar[bool] = True
    in_float32: ClassVar[bool] = True

    mode: Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"] = "log"
    """What is told of each frequency: its magnitude, the logarithm of that, its power, its real or imaginary part, its phase,
    or (`stft`) both parts.
    """
    frame_length: Annotated[int, Field(ge=2, le=LARGEST)] = 256
    """Length of the windows, in samples."""
    frame_step: PositiveInt | None = None
    """Samples from one window to the next; null: half a window."""
    fft_length: Annotated[int, Field(ge=2, le=LARGEST)] | None = None
    """Length of the Fourier transform, which gives half as many frequencies and one; null: the power of 2 that holds a window."""
    window: Window = "hann"
    """What each frame is multiplied by: a window's name, a list with one number a step of the frame, or null: nothing."""
    periodic: bool = False
    """Whether a named window is one period of a wave; otherwise it is symmetric."""
    scaling: Literal["density", "spectrum"] | None = "density"
    """What the waves are divided by: `density` (root of the window's sum of squares), `spectrum` (its sum), null: nothing."""
    padding: Literal["valid", "same"] = "valid"
    """`valid`: only windows inside the sound; `same`: zeros at its ends."""
    expand_dims: bool = False
    """Whether the channels keep an axis of their own; otherwise the frequencies of all stand on one."""
    data_format: DataFormat | None = None
    """`channels_last` (length, channels), which null means, or `channels_first` (channels, length)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.frame_step is not None and self.frame_step > self.frame_length:
            message = f"a step of {self.frame_step} leaves gaps between windows of {self.frame_length}"
            refuse("NN206", message, "shorten it", ("frame_step",))
        if self.fft_length is not None and self.fft_length < self.frame_length:
            message = f"a transform of {self.fft_length} does not hold a window of {self.frame_length}"
            refuse("NN206", message, "lengthen it, or leave it out", ("fft_length",))
        if isinstance(self.window, tuple) and len(self.window) != self.frame_length:
            message = f"{len(self.window)} numbers for windows of {self.frame_length} samples"
            refuse("NN206", message, "give one for each", ("window",))
        return self

    @property
    def _frequencies(self) -> int:
        return (self.fft_length or 1 << (self.frame_length - 1).bit_length()) // 2 + 1

    @property
    def _kernels(self) -> int:
        return 1 if self.mode in ("real", "imag") else 2

    def _steps(self, shape: Shape) -> int | None:
        step = self.frame_step or max(1, self.frame_length // 2)  # a window of 1 stands in where none fits
        [steps] = slide(spatial_of(shape, self.data_format), (self.frame_length,), (step,), self.padding, None, "frame_length")
        return steps

    def resulting_shape(self, shape: Shape) -> Shape:
        """(windows, frequencies), the frequencies of all channels behind each other; with the channels first in reverse order."""
        channels, steps = channels_of(shape, 1, self.data_format, self.type), self._steps(shape)
        frequencies = self._frequencies * (2 if self.mode == "stft" else 1)
        if self.data_format == "channels_first":
            return (channels, steps, frequencies) if self.expand_dims else (channels * frequencies, steps)
        return (steps, frequencies, channels) if self.expand_dims else (steps, frequencies * channels)

    def parameters(self, shape: Shape) -> Parameters:
        """A cosine and a sine for each frequency, or one of them."""
        return Parameters(self.frame_length * self._frequencies * self._kernels)

    def multiply_adds(self, shape: Shape) -> int:
        """All of them at each place of the window, for each channel."""
        channels = channels_of(shape, 1, self.data_format, self.type)
        return self.parameters(shape).learnt * channels * num_positions((self._steps(shape),))
