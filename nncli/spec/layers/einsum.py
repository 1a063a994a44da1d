"""A dense layer over any axes, spelt out as an equation of their letters."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import ShapeMistake, dimensions, num_positions
from nncli.spec.layers.weights import OneKernel
from nncli.spec.values import LARGEST, Shape
from nncli.spec.wording import describe, repeated

_FORMS: Final = re.compile(
    r"(?P<left>\.\.\.)?(?P<inputs>[a-zA-Z]+)(?P<right>\.\.\.)?,(?P<kernel>[a-zA-Z]+)->(\.\.\.)?(?P<outputs>[a-zA-Z]+)(\.\.\.)?"
)
_EXAMPLES: Final = "write `abc,cd->abd`, `...c,cd->...d` or `ab...,bd->ad...`, without spaces"


def _equation(value: str) -> str:
    found = _FORMS.fullmatch(value)
    if found is None or len({found["left"], found[5]}) > 1 or len({found["right"], found[7]}) > 1 or (found[1] and found[3]):
        refuse("NN204", f"expected letters of the input, the kernel and the output, received {describe(value)}", _EXAMPLES)
    inputs, kernel, outputs = found["inputs"], found["kernel"], found["outputs"]
    for part, letters in (("input", inputs), ("kernel", kernel), ("output", outputs)):
        if index := next(repeated(letters), None):
            refuse("NN204", f"the {part}'s `{letters[index]}` stands there twice", "give each axis a letter of its own")
    if lost := next((letter for letter in outputs if letter not in inputs + kernel), None):
        refuse("NN204", f"the output's `{lost}` is neither an axis of the input nor of the kernel", _EXAMPLES)
    if free := next((letter for letter in kernel if letter not in inputs + outputs), None):
        refuse("NN204", f"the kernel's `{free}` is neither an axis of the input nor of the output", _EXAMPLES)
    if not found["left"] and (outputs[0] != inputs[0] or inputs[0] in kernel):
        message = (
            f"the input's first letter, `{inputs[0]}`, is the batch: it comes first in the output, too, and never in the kernel"
        )
        refuse("NN204", message, "write `...` before input and output to leave the batch out")
    if found["right"] and len(inputs) < 2:
        refuse("NN204", "`...` stands for the axes at the end: at least one letter stands between the batch and it", _EXAMPLES)
    return value


def _sizes(value: object) -> object:
    sizes = tuple(value) if isinstance(value, list | tuple) else (value,)
    for index, size in enumerate(sizes):
        at = (index,) if isinstance(value, list | tuple) else ()
        if isinstance(size, bool) or (not isinstance(size, int) and (size is not None or not at)):
            refuse("NN203", f"expected a whole number or a list of them, received {describe(size)}", at=at)
        if size is not None and size < 1:
            refuse("NN204", f"expected a size of at least 1, received {size}", at=at)
        if size is not None and size > LARGEST:
            refuse("NN204", f"expected a size of at most {LARGEST:,}, received {describe(size)}", at=at)
    return sizes


_SIZE: Final = {"type": "integer", "minimum": 1}
_SIZES: Final = {"anyOf": [_SIZE, {"type": "array", "items": {"anyOf": [_SIZE, {"type": "null"}]}}]}


class EinsumDense(OneKernel):
    """Multiplies its input by a kernel as an equation says: letters that the output lacks are summed over."""

    type: Literal["einsum_dense"] = "einsum_dense"
    keras_class: ClassVar[str] = "EinsumDense"

    equation: Annotated[str, AfterValidator(_equation)]
    """Letters for the axes: of the input, the batch first, of the kernel, and of the output. `abc,cd->abd` is `dense` on sequences;
    `...` stands for the axes that stay, the batch among them where it comes first."""
    output_shape: Annotated[tuple[int | None, ...], BeforeValidator(_sizes), WithJsonSchema(_SIZES)]
    """Size of each axis that the output has a letter for, the batch aside; null: that of the input."""
    bias_axes: Annotated[str, Field(min_length=1)] | None = None
    """Letters of the output's axes along which biases differ; null: no bias."""

    @property
    def letters(self) -> tuple[str, str, str]:
        """Of the input, the kernel and the output, the batch's aside."""
        found = _FORMS.fullmatch(self.equation)
        assert found is not None
        batch = 0 if found["left"] else 1
        return found["inputs"][batch:], found["kernel"], found["outputs"][batch:]

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        inputs, kernel, outputs = self.letters
        sizes = self.output_shape
        if len(sizes) != len(outputs):
            message = f"`output_shape` gives {len(sizes)} sizes for the output's letters besides the batch, `{outputs}`"
            refuse("NN206", message, "give one size a letter", ("output_shape",))
        for letter, size in zip(outputs, sizes, strict=True):
            if size is None and (letter not in inputs or letter in kernel or letter in (self.bias_axes or "")):
                message = f"the size of `{letter}` must be given: weights are made by it"
                refuse("NN206", message, "give a number in place of null", ("output_shape", outputs.index(letter)))
        for index, letter in enumerate(self.bias_axes or ""):
            if letter not in outputs or letter in (self.bias_axes or "")[:index]:
                message = f"`bias_axes` takes letters of the output (`{outputs}`), each once, received {describe(self.bias_axes)}"
                refuse("NN206", message, "name the axes along which biases differ", ("bias_axes",))
        return self

    def _split(self, shape: Shape) -> tuple[Shape, Shape]:
        """The sizes that have letters, and those that `...` stands for."""
        inputs, _, _ = self.letters
        more = len(shape) - len(inputs)
        first, last = self.equation.startswith("..."), self.equation.endswith("...")
        if more < 0 or (more and not (first or last)):
            wanted = f"{len(inputs)} axes{' or more' if first or last else ''}"
            message = f"`{self.equation}` takes samples of {wanted} (`{inputs}`), this input is {dimensions(shape)}"
            raise ShapeMistake("NN301", message, "give each axis of a sample a letter", "equation")
        return (shape[more:], shape[:more]) if first else (shape[: len(inputs)], shape[len(inputs) :])

    def _letter_sizes(self, shape: Shape) -> dict[str, int | None]:
        inputs, _, outputs = self.letters
        given = zip(outputs, self.output_shape, strict=True)
        own = dict(zip(inputs, self._split(shape)[0], strict=True))
        return own | {letter: size if size is not None else own[letter] for letter, size in given}

    def resulting_shape(self, shape: Shape) -> Shape:
        """The sizes of `output_shape`, and those that `...` stands for."""
        inputs, kernel, outputs = self.letters
        sized, rest = self._split(shape)
        for letter, size in zip(inputs, sized, strict=True):
            wanted = dict(zip(outputs, self.output_shape, strict=True)).get(letter)
            if wanted not in (None, size):
                message = f"`{letter}` is {'?' if size is None else size} in the input and {wanted} in `output_shape`"
                raise ShapeMistake("NN303", message, "a letter means one size; null takes the input's", "output_shape")
            if size is None and letter in kernel:
                raise ShapeMistake("NN303", f"the size of `{letter}`, which the kernel needs, may vary here", field="equation")
        if not self.equation.startswith("..."):
            return (*self.output_shape, *rest)
        if rest != rest[::-1]:  # Keras gives the axes on, but reckons with them in reverse (keras 3.15, `_analyze_split_string`)
            message = f"`...` stands for axes of different sizes here, {dimensions(rest)}, which Keras puts in reverse order"
            raise ShapeMistake("NN303", message, "give each of them a letter", "equation")
        return (*rest, *self.output_shape)

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """The sizes of the kernel's letters."""
        sizes = self._letter_sizes(shape)
        return (tuple(sizes[letter] or 0 for letter in self.letters[1]),)

    def num_biases(self, shape: Shape) -> int:
        """One for each combination of positions along `bias_axes`."""
        sizes = self._letter_sizes(shape)
        return num_positions(tuple(sizes[letter] for letter in self.bias_axes)) if self.bias_axes else 0

    def bias_shape(self, shape: Shape) -> tuple[int, ...]:
        """From the first of `bias_axes` on an axis for each of the output: of length 1 where biases do not differ along it."""
        axes, (_, _, outputs), sizes = self.bias_axes or "", self.letters, self._letter_sizes(shape)
        lettered = outputs[min(map(outputs.index, axes)) :]
        elided = 0 if self.equation.startswith("...") else len(self._split(shape)[1])
        return (*(sizes[letter] or 0 if letter in axes else 1 for letter in lettered), *(1,) * elided)

    def multiply_adds(self, shape: Shape) -> int:
        """One for each combination of positions along the letters of kernel and output; what only the input has is summed first."""
        sizes = self._letter_sizes(shape)
        return num_positions(tuple(sizes[letter] for letter in {*self.letters[1], *self.letters[2]}) + self._split(shape)[1])
