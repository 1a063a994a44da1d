"""Layers that turn categories, given as numbers, into numbers from 0 on or into vectors of zeros and ones."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions, require_rank
from nncli.spec.values import LARGEST, Many, NonNegativeInt, PositiveInt, Shape
from nncli.spec.wording import describe

WHOLE: range = range(-(2**31), 2**31)
"""Every whole number that a network's input holds."""


def _fits(bits: int) -> AfterValidator:
    """A validator of whole numbers that so many bits hold, one of them for the sign."""

    def validate(value: int) -> int:
        if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            refuse("NN204", f"expected a whole number that {bits} bits hold, received {describe(value)}")
        return value

    return AfterValidator(validate)


Int64 = Annotated[int, _fits(64)]


class Encoding(Layer):
    """What the layers share that encode categories."""

    in_float32: ClassVar[bool] = True

    output_mode: str

    @property
    def depth(self) -> int:
        """How many categories there are."""
        raise NotImplementedError(f"{type(self).__name__} does not say how many categories it has")

    @property
    def places(self) -> int | None:
        """The categories, unless it gives vectors."""
        return self.depth if self.output_mode == "int" else None

    def resulting_shape(self, shape: Shape) -> Shape:
        """That of the inputs for `int`, else with the categories as last axis: beside the others, or in place of one of size 1."""
        if self.output_mode == "int":
            return shape
        if self.output_mode != "one_hot":
            hint = "`one_hot` takes any number of axes"
            require_rank(shape, 1, "categories", f"{self.type}` with `output_mode: {self.output_mode}", hint)
            return (self.depth,)
        return (*(shape[:-1] if shape[-1] == 1 else shape), self.depth)


class CategoryEncoding(Encoding):
    """Turns whole numbers into vectors of zeros and ones."""

    type: Literal["category_encoding"] = "category_encoding"
    keras_class: ClassVar[str] = "CategoryEncoding"

    num_tokens: PositiveInt
    """How many categories there are: the largest number that comes in, plus 1."""
    output_mode: Literal["one_hot", "multi_hot", "count"] = "multi_hot"
    """`one_hot`: a vector for each number; `multi_hot`: one for all, 1 where a number occurs; `count`: how often it does."""

    @property
    def depth(self) -> int:
        """As many as the config says."""
        return self.num_tokens

    @property
    def numbers(self) -> Collection[int] | None:
        """Those that have a place."""
        return range(self.num_tokens)


def _rising(value: tuple[float, ...]) -> tuple[float, ...]:
    for index, (before, after) in enumerate(pairwise(value), 1):
        if after <= before:
            refuse("NN204", f"expected rising boundaries, received {after:g} behind {before:g}", at=(index,))
    return value


class Discretization(Encoding):
    """Tells between which of some boundaries each number lies."""

    type: Literal["discretization"] = "discretization"
    keras_class: ClassVar[str] = "Discretization"

    bin_boundaries: Annotated[Many[float], Field(min_length=1), AfterValidator(_rising)] | None = None
    """The boundaries in rising order: k of them make k + 1 bins; each belongs to the bin above it."""
    num_bins: PositiveInt | None = None
    """Number of bins of boundaries that Keras would learn beforehand; here they have to be given."""
    epsilon: Annotated[float, Field(gt=0)] = 0.01
    """How exactly it would."""
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = "int"
    """`int`: the bin's number; `one_hot`: a vector for each number; `multi_hot`, `count`: one for all."""

    @model_validator(mode="after")
    def _given(self) -> Self:
        if self.num_bins is not None:
            refuse("NN206", "no training learns the boundaries of `num_bins`", "give `bin_boundaries` in its place", ("num_bins",))
        if self.bin_boundaries is None:
            refuse("NN206", "`bin_boundaries` is missing: no training learns it", "write it as a list of numbers in rising order")
        return self

    @property
    def depth(self) -> int:
        """One more than boundaries."""
        return len(self.bin_boundaries or ()) + 1


def _salt(value: object) -> object:
    numbers: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers) or len(numbers) not in (1, 2):
        refuse("NN203", f"expected a whole number or two, received {describe(value)}")
    if not all(0 <= number < 2**63 for number in numbers):
        refuse("NN204", "expected numbers from 0 to below 2^63")
    return tuple(numbers * 2)[:2]


_SALT: dict[str, Any] = {"type": "integer", "minimum": 0}
Salt = Annotated[
    tuple[int, int],
    BeforeValidator(_salt),
    WithJsonSchema({"anyOf": [_SALT, {"type": "array", "items": _SALT, "minItems": 2, "maxItems": 2}]}),
]


class Hashing(Encoding):
    """Sorts whole numbers into bins by their hash: the same number always into the same bin."""

    type: Literal["hashing"] = "hashing"
    keras_class: ClassVar[str] = "Hashing"
    suits_xla: ClassVar[bool] = False  # it has no texts, whose hashes these are

    num_bins: PositiveInt
    """How many bins."""
    mask_value: Annotated[int, _fits(32)] | None = None
    """A number that alone has bin 0; null: none has."""
    salt: Salt | None = None
    """One or two numbers that mix the bins anew; null: none, and a faster hash."""
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = "int"
    """`int`: the bin's number; `one_hot`: a vector for each number; `multi_hot`, `count`: one for all."""

    @property
    def depth(self) -> int:
        """As many as bins."""
        return self.num_bins

    @property
    def numbers(self) -> Collection[int] | None:
        """Any."""
        return WHOLE

    def resulting_shape(self, shape: Shape) -> Shape:
        """As of every encoding; one-hot only where Keras reckons with what it computes."""
        if self.output_mode == "one_hot" and (shape[-1] != 1 or shape[-2:] == (1, 1)):
            message = (
                f"Keras reckons with a last axis of 1 for one-hot hashes (and none before it), this input is {dimensions(shape)}"
            )
            raise ShapeMistake(
                "NN303", message, f"put {{type: reshape, target_shape: {[*map(str, shape)]}}} before it", "output_mode"
            )
        return super().resulting_shape(shape)


class IntegerLookup(Encoding):
    """Turns the whole numbers of a vocabulary into their places in it."""

    type: Literal["integer_lookup"] = "integer_lookup"
    keras_class: ClassVar[str] = "IntegerLookup"
    suits_xla: ClassVar[bool] = False  # it has no tables

    max_tokens: Annotated[int, Field(ge=2, le=LARGEST)] | None = None
    """Largest size of the vocabulary, places for unknown numbers and the mask included; null: any."""
    num_oov_indices: NonNegativeInt = 1
    """How many places there are for numbers that are not in the vocabulary; 0: there must be none."""
    mask_token: Int64 | None = None
    """A number that stands for nothing: place 0, or no place where vectors are given; null: none does."""
    oov_token: Int64 = -1
    """What `invert` gives for a place that no number has."""
    vocabulary: Annotated[Many[Int64], Field(min_length=1)] | None = None
    """The numbers, each once. Keras can learn them beforehand; here they have to be given."""
    vocabulary_dtype: Literal["int64"] = "int64"
    """Type of the numbers; Keras knows no other."""
    idf_weights: Many[float] | None = None
    """For `tf_idf`: the weight of each number of the vocabulary."""
    invert: bool = False
    """Whether to turn places into numbers instead."""
    output_mode: Literal["int", "one_hot", "multi_hot", "count", "tf_idf"] = "int"
    """`int`: the place; `one_hot`: a vector for each number; `multi_hot`, `count`, `tf_idf`: one for all."""
    pad_to_max_tokens: bool = False
    """Whether vectors are `max_tokens` long, however long the vocabulary is."""
    oov_method: Literal["floormod", "farmhash"] = "floormod"
    """How an unknown number gets one of several places: by its remainder, or by its hash."""
    salt: Salt | None = None
    """One or two numbers that mix those places anew, for `oov_method: farmhash`."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.vocabulary is None:
            refuse("NN206", "`vocabulary` is missing: no training learns it", "write it as a list of whole numbers")
        words = self._words
        if len(set(words)) < len(words):
            refuse("NN204", "expected each number once", "remove the repetition", ("vocabulary",))
        if not words:
            refuse("NN204", "expected numbers beside the mask and the unknown ones", None, ("vocabulary",))
        if self.mask_token is not None and self.mask_token in words:
            refuse("NN206", f"{self.mask_token} is in the vocabulary, too", "it has a place of its own", ("mask_token",))
        if self.invert and self.oov_token in words:
            refuse("NN206", f"{self.oov_token} is in the vocabulary, too", "give another number", ("oov_token",))
        if self.max_tokens is not None and self._num_tokens > self.max_tokens:
            message = f"the vocabulary takes {self._num_tokens} places, those of the mask and of unknown numbers included"
            refuse("NN206", message, "raise `max_tokens`, or leave it out", ("max_tokens",))
        if self.pad_to_max_tokens and self.max_tokens is None:
            refuse("NN206", "`pad_to_max_tokens` needs `max_tokens`", None, ("pad_to_max_tokens",))
        if self.invert and self.output_mode != "int":
            refuse("NN206", "`invert` gives numbers, and no vectors", "use `output_mode: int`", ("output_mode",))
        if self.salt is not None and self.oov_method != "farmhash":
            refuse("NN206", "only `oov_method: farmhash` takes a salt", None, ("salt",))
        if (self.idf_weights is not None) != (self.output_mode == "tf_idf"):
            refuse("NN206", "`output_mode: tf_idf` and `idf_weights` need each other", None, ("output_mode",))
        if self.idf_weights is not None and len(self.idf_weights) != len(self.vocabulary):
            message = f"{len(self.idf_weights)} weights for a vocabulary of {len(self.vocabulary)}"
            refuse("NN206", message, "give one for each number", ("idf_weights",))
        return self

    @property
    def _special(self) -> tuple[int | None, ...]:
        """The numbers that a vocabulary may begin with: the mask and the unknown."""
        mask = (self.mask_token,) if self.mask_token is not None and self.output_mode == "int" else ()
        return (*mask, *(self.oov_token,) * self.num_oov_indices)

    @property
    def _words(self) -> tuple[int, ...]:
        """The vocabulary without them."""
        vocabulary, special = self.vocabulary or (), self._special
        return vocabulary[len(special) :] if vocabulary[: len(special)] == special else vocabulary

    @property
    def _num_tokens(self) -> int:
        return len(self._special) + len(self._words)

    @property
    def depth(self) -> int:
        """As many as places."""
        return self.max_tokens if self.pad_to_max_tokens and self.max_tokens is not None else self._num_tokens

    @property
    def places(self) -> int | None:
        """None where it turns them back."""
        return None if self.invert else super().places

    @property
    def numbers(self) -> Collection[int] | None:
        """Any; those of the vocabulary where unknown ones have no place."""
        if self.num_oov_indices or self.invert:
            return WHOLE
        return frozenset(self._words) | ({self.mask_token} if self.mask_token is not None else set())
