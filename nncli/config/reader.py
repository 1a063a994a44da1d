"""YAML text -> tree with marks, safely.

Reads PyYAML's events, never its loader: `compose` and `load` resolve aliases and merge keys (exponential in time), recurse in C
until the interpreter dies, and read `1e-4` as a string, `no` as a boolean and `010` as 8. Here the caps come first, scalars are
YAML 1.2's, and every value keeps its place. What YAML 1.2 reads as a number and people write as text or by mistake (`010`, `0x10`,
`0o10`) stays text: it is refused where a number is wanted, with the number that was meant.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import yaml

from nncli.config.syntax import syntax_problem
from nncli.config.tree import Leaf, ListNode, MapNode, Mark, Node, Scalar, Source
from nncli.problems import NncliError, Problem, Where

MAX_BYTES: Final = 4_000_000
"""Longest config, in bytes of UTF-8: far more than any config needs, little enough to be read in a second."""
MAX_DEPTH: Final = 64
MAX_NODES: Final = 20_000
"""Most values of a config, those included that it leaves to their defaults (`nncli.config.extent`)."""

MAX_PROBLEMS: Final = 200
"""So many are told of a text; the last of them ends its reading."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_WORDS: Final[dict[str, Scalar]] = {
    "null": None,
    "true": True,
    "false": False,
    ".nan": math.nan,
    ".inf": math.inf,
    "+.inf": math.inf,
    "-.inf": -math.inf,
}
# YAML 1.2 knows each word in three spellings: true, True and TRUE.
_SPECIAL: Final[dict[str, Scalar]] = {"": None, "~": None} | {
    spelling: value
    for word, value in _WORDS.items()
    for spelling in (word, word.upper(), re.sub("[a-z]", lambda first: first[0].upper(), word, count=1))
}
del _SPECIAL[".Nan"]
_SPECIAL[".NaN"] = math.nan
# YAML counts these as line breaks, editors do not: a position behind one would point to the wrong line.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|\ufeff")
_LONE_RETURN = re.compile("\r(?!\n)")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def is_plain_text(text: str) -> bool:
    """Whether `text`, written without quotes, is read as a string and not as a number, a boolean or null."""
    return text not in _SPECIAL and not _INTEGER.fullmatch(text) and not _FLOAT.fullmatch(text)


class ReadError(Exception):
    """A place in the text and what is wrong there, behind which nobody can read on; `read_tree` turns it into an `NncliError`."""

    def __init__(self, code: str, message: str, hint: str | None, mark: Mark) -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint, mark.where())


def decode(data: bytes, file: str) -> str:
    """Bytes of a config as text.

    Args:
        data: the file's content.
        file: its path, for messages.

    Raises:
        NncliError: NN101, the bytes are too many, or no UTF-8.
    """
    if len(data) > MAX_BYTES:
        where = Where(file=file, line=1, column=1, end_line=1, end_column=1)
        message = f"a config of more than {MAX_BYTES:,} bytes"
        raise NncliError(Problem("NN101", message, "put large data into a file of its own, such as `.npz`", where))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        read: bytes = problem.object  # without the byte order mark, and so are the positions
        text, before = (part.decode("utf-8", errors="replace") for part in (read, read[: problem.start]))
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        message = f"byte 0x{read[problem.start]:02x} is not UTF-8: is this a text file?"
        where = Mark(Source(text, "", file), line, column, line, column + 1).where()
        raise NncliError(Problem("NN101", message, "save the file as UTF-8", where)) from None


def read_tree(source: Source) -> Node:
    """Read one YAML document.

    Args:
        source: the text, and where it comes from.

    Returns:
        The root of the tree; an empty text gives a null leaf.

    Raises:
        NncliError: NN101 to NN106, each with its place: all up to the first behind which nobody can read on.
    """
    if bad := _FORBIDDEN.search(source.text) or _LONE_RETURN.search(source.text):
        line = source.text.count("\n", 0, bad.start())
        column = bad.start() - (source.text.rfind("\n", 0, bad.start()) + 1)
        mark = Mark(source, line, column, line, column + 1)
        message = f"the character U+{ord(bad.group()[0]):04X} cannot stand in a config"
        raise NncliError(Problem("NN101", message, "remove it", mark.where()))
    builder = _Builder(source)
    try:
        root = builder.build()
    except ReadError as problem:
        builder.problems.append(problem.problem)
    except yaml.MarkedYAMLError as problem:
        builder.problems.append(syntax_problem(problem, source))
    except yaml.YAMLError as problem:
        mark = Mark(source, 0, 0, 0, 1)
        builder.problems.append(Problem("NN102", f"this is not YAML: {problem}".splitlines()[0], None, mark.where()))
    if builder.problems:
        raise NncliError(builder.problems)
    return root


class _Builder:
    """Builds the tree from events on a stack of its own, so that depth costs no recursion.

    What is wrong and does not keep it from reading on is gathered in `problems`; the tree is then of no use.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.num_nodes = 0
        self.num_documents = 0
        self.problems: list[Problem] = []
        self._aliases: set[str | None] = set()
        self.root: Node | None = None
        self.stack: list[ListNode | MapNode] = []
        self.key: list[tuple[str, Mark] | None] = []
        """For each open mapping the key that waits for its value."""

    def build(self) -> Node:
        for event in yaml.parse(self.source.text, Loader=_Loader):
            match event:
                case yaml.DocumentStartEvent():
                    self._start_document(event)
                case yaml.AliasEvent():
                    mark = self._mark(event)
                    if event.anchor not in self._aliases:  # once each: a file may hold thousands
                        self._aliases.add(event.anchor)
                        self._tell("NN104", f"the alias `*{event.anchor}`: configs do without", "write the value out", mark)
                    if self._awaits_key():
                        self._start_entry(f"*{event.anchor}", mark)
                    else:
                        self._add(Leaf(None, "", mark))
                case yaml.ScalarEvent():
                    self._refuse_properties(event)
                    self._scalar(event)
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    self._refuse_properties(event)
                    self._open(event)
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    self._close(event)
        return self.root if self.root is not None else Leaf(None, "", Mark(self.source, 0, 0, 0, 1))

    def _tell(self, code: str, message: str, hint: str | None, mark: Mark) -> None:
        """Gather a problem; of so many that nobody reads them the last one ends it."""
        found = ReadError(code, message, hint, mark)
        if len(self.problems) == MAX_PROBLEMS - 1:
            raise found
        self.problems.append(found.problem)

    def _mark(self, event: Any) -> Mark:
        start, end = event.start_mark, event.end_mark
        return Mark(self.source, start.line, start.column, end.line, end.column)

    def _start_document(self, event: Any) -> None:
        self.num_documents += 1
        if self.num_documents > 1:
            raise ReadError("NN104", "a second document begins here: a config is one", "remove the `---`", self._mark(event))

    def _refuse_properties(self, event: Any) -> None:
        if event.anchor is not None:
            mark = self._token(event, "&")
            self._tell("NN104", f"the anchor `&{event.anchor}`: configs do without", "write the value out", mark)
        if event.tag is not None:
            mark = self._token(event, "!")
            written = self.source.lines[mark.line][mark.column : mark.end_column]
            self._tell("NN104", f"the tag `{written}`: configs do without", "remove it", mark)

    def _token(self, event: Any, first: str) -> Mark:
        """The word beginning with `first` among the properties that a value begins with."""
        start = event.start_mark
        text = self.source.lines[start.line]
        column = max(text.find(first, start.column), start.column)
        length = len(text[column:].split(maxsplit=1)[0])
        return Mark(self.source, start.line, column, start.line, column + length)

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1], MapNode) and self.key[-1] is None

    def _scalar(self, event: Any) -> None:
        mark = self._mark(event)
        if self._awaits_key():
            if event.value == "<<" and event.implicit[0]:
                self._tell("NN104", "a merge key `<<`: configs do without", "write the keys out", mark)
            self._start_entry(event.value, mark)
            return
        value = self._resolve(event.value, mark) if event.implicit[0] else event.value
        self._add(Leaf(value, event.value, mark))

    def _resolve(self, text: str, mark: Mark) -> Scalar:
        if text in _SPECIAL:
            return _SPECIAL[text]
        if _INTEGER.fullmatch(text):
            if len(text) > 30:
                self._tell("NN106", f"a whole number of {len(text)} digits", "quote it if it is meant as text", mark)
                return text
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                self._tell("NN106", f"`{text[:40]}` is beyond the largest float", "quote it if it is meant as text", mark)
            return number
        return text

    def _start_entry(self, key: str, mark: Mark) -> None:
        mapping = self.stack[-1]
        assert isinstance(mapping, MapNode)
        if key in mapping.items:
            first = mapping.keys[key]
            self._tell("NN103", f"duplicate key `{key}`, first on line {first.line + 1}", "keep one of them", mark)
        self.key[-1] = (key, mark)

    def _open(self, event: Any) -> None:
        mark = self._mark(event)
        if self._awaits_key():
            raise ReadError("NN102", "a key is a plain word, not a list or a mapping", "write `key: value`", mark)
        if len(self.stack) >= MAX_DEPTH:
            raise ReadError("NN105", f"nested deeper than {MAX_DEPTH} levels", None, mark)
        node: ListNode | MapNode = MapNode({}, mark) if isinstance(event, yaml.MappingStartEvent) else ListNode([], mark)
        self._add(node)
        self.stack.append(node)
        self.key.append(None)

    def _close(self, event: Any) -> None:
        node = self.stack.pop()
        self.key.pop()
        end = event.end_mark
        node.mark = Mark(self.source, node.mark.line, node.mark.column, end.line, end.column)

    def _add(self, node: Node) -> None:
        self.num_nodes += 1
        if self.num_nodes > MAX_NODES:
            raise ReadError("NN105", f"more than {MAX_NODES:,} values", "put large data into a file", node.mark)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, ListNode):
            parent.items.append(node)
            return
        entry = self.key[-1]
        assert entry is not None
        parent.items[entry[0]] = node
        parent.keys[entry[0]] = entry[1]
        self.key[-1] = None
