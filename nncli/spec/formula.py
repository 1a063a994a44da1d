"""Formulas in a config, such as `square(y_true - y_pred)`: read against an allow-list, never run as code.

Python's own parser makes the tree, so that precedence is what everybody knows; every node that is not on the list is refused.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator

from nncli.spec.base import refuse
from nncli.spec.wording import closest

LONGEST: Final = 500
"""Most characters of a formula."""
DEEPEST: Final = 40
"""Most parts of a formula inside each other."""
OPERATORS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
FUNCTIONS: Final = {
    "abs": 1,
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "square": 1,
    "sin": 1,
    "cos": 1,
    "tanh": 1,
    "sigmoid": 1,
    "step": 1,
    "stop_gradient": 1,
    "maximum": 2,
    "minimum": 2,
}
"""Functions that a formula may call, and how many arguments they take."""
CONSTANTS: Final = {"pi": math.pi}


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function and what it is applied to.

    Attributes:
        function: a value of `OPERATORS`, a key of `FUNCTIONS`, or `negative`.
        arguments: its arguments, in order.
    """

    function: str
    arguments: tuple[Formula, ...]


Formula: TypeAlias = "Call | str | float"
"""A call, the name of a variable, or a number."""


class FormulaError(ValueError):
    """A text is no formula.

    Attributes:
        message: what is wrong.
        hint: how to mend it.
        column: where in the text, from 0 on.
    """

    def __init__(self, message: str, hint: str | None, column: int) -> None:
        super().__init__(message)
        self.message, self.hint, self.column = message, hint, column


def parse_formula(text: str, variables: Collection[str]) -> Formula:
    """Read a formula.

    Args:
        text: up to `LONGEST` characters: numbers, variables, `pi`, `+ - * / **`, brackets and the functions of `FUNCTIONS`.
        variables: names that it may use.

    Raises:
        FormulaError: it is none, or uses anything else.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters, this one has {len(text)}", None, LONGEST)
    text = _SPACE.sub(" ", text)
    indent = len(text) - len(text.lstrip())
    if foreign := _FOREIGN.search(text):
        character = foreign.group()
        shown = f"`{character}`" if character.isprintable() else f"the character U+{ord(character):04X}"
        raise FormulaError(f"{shown} is nothing that a formula may hold", _MEANING, foreign.start())
    try:
        tree = _tree(text)
    except SyntaxError as found:
        # Python counts from 1, and gives 0 where the text ends too early.
        column = indent + found.offset - 1 if found.offset else len(text.rstrip())
        raise FormulaError("this is no formula", _MEANING, min(column, len(text))) from None
    except (ValueError, RecursionError, MemoryError):
        raise FormulaError("this is no formula", _MEANING, 0) from None
    return _Reader(text.strip(), frozenset(variables), indent).read(tree.body, 0)


def _tree(text: str) -> ast.Expression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(text.strip(), mode="eval")


_SPACE: Final = re.compile(r"\s")
_FOREIGN: Final = re.compile("[\x00-\x1f\x7f#\\\\\ud800-\udfff\ufeff]")
"""What Python's parser would skip, read as the end of the text, or choke on."""
_MEANING: Final = "write it with `+ - * / **`, brackets and functions, such as `square(y_true - y_pred)`"


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    variables: frozenset[str]
    indent: int

    def read(self, node: ast.expr, depth: int) -> Formula:
        if depth > DEEPEST:
            raise self._error(node, f"more than {DEEPEST} parts lie inside each other", "make it simpler")
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._number(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.USub()):
                return Call("negative", (self.read(node.operand, depth + 1),))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(node.operand, depth + 1)
            case ast.BinOp() if type(node.op) in OPERATORS:
                return Call(OPERATORS[type(node.op)], (self.read(node.left, depth + 1), self.read(node.right, depth + 1)))
            case ast.BinOp(op=ast.BitXor()):
                raise self._error(node.right, "`^` is no operator of formulas", "write `**` for a power", before="^")
            case ast.Call(func=ast.Name(id=name)):
                return self._call(node, name, depth)
            case _:
                raise self._error(node, f"`{self._source(node)}` is nothing that a formula may hold", _MEANING)

    def _number(self, node: ast.expr, value: int | float) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._error(node, "the number is too large", None)
        return number

    def _name(self, node: ast.expr, name: str) -> Formula:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in self.variables:
            return name
        if name in FUNCTIONS:
            raise self._error(node, f"`{name}` is a function", f"write `{name}(...)`")
        known = sorted([*self.variables, *CONSTANTS])
        right = closest(name, known)
        raise self._error(node, f"unknown name `{name}`", f"did you mean `{right}`?" if right else f"there are: {', '.join(known)}")

    def _call(self, node: ast.Call, name: str, depth: int) -> Formula:
        if name not in FUNCTIONS:
            right = closest(name, FUNCTIONS)
            hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(FUNCTIONS)}"
            raise self._error(node, f"unknown function `{name}`", hint)
        wanted = FUNCTIONS[name]
        if node.keywords or len(node.args) != wanted or any(isinstance(argument, ast.Starred) for argument in node.args):
            message = f"`{name}` takes {wanted} argument{'s'[: wanted != 1]}"
            raise self._error(node, message, f"write `{name}({', '.join('ab'[:wanted])})`")
        return Call(name, tuple(self.read(argument, depth + 1) for argument in node.args))

    def _source(self, node: ast.expr) -> str:
        found = ast.get_source_segment(self.text, node) or "this"
        return found if len(found) <= 30 else f"{found[:27]}..."

    def _error(self, node: ast.expr, message: str, hint: str | None, before: str = "") -> FormulaError:
        # The tree counts in bytes of UTF-8.
        column = len(self.text.encode()[: node.col_offset].decode(errors="ignore"))
        if before:
            column = self.text.rfind(before, 0, column)
        return FormulaError(message, hint, column + self.indent)


def names_in(text: str) -> set[str]:
    """The names that a text would use as variables, were it a formula; none where it is none."""
    try:
        tree = _tree(_SPACE.sub(" ", text[:LONGEST]))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names - set(FUNCTIONS) - set(CONSTANTS)


def compute(
    formula: Formula, operations: Mapping[str, Callable[..., Any]], variables: Mapping[str, Any], number: Callable[[float], Any]
) -> Any:
    """The value of a formula, in whatever arithmetic.

    Args:
        formula: as `parse_formula` read it.
        operations: what each value of `OPERATORS`, each key of `FUNCTIONS` and `negative` does.
        variables: the value of each variable.
        number: makes a value of a number in the formula.
    """
    match formula:
        case Call(function=function, arguments=arguments):
            return operations[function](*(compute(argument, operations, variables, number) for argument in arguments))
        case str():
            return variables[formula]
        case _:
            return number(formula)


def variables_of(formula: Formula) -> Iterator[str]:
    """The variables that a formula uses."""
    if isinstance(formula, str):
        yield formula
    elif isinstance(formula, Call):
        for argument in formula.arguments:
            yield from variables_of(argument)


def formula_in(*variables: str) -> AfterValidator:
    """A validator for the text of a formula that may use these variables."""

    def validate(text: str) -> str:
        try:
            parse_formula(text, variables)
        except FormulaError as found:
            refuse("NN207", found.message, found.hint, offset=found.column)
        return text

    return AfterValidator(validate)


LossFormula = Annotated[str, formula_in("y_true", "y_pred")]
"""A formula in the target `y_true` and the prediction `y_pred`."""
