"""What makes an editor help with a config: the JSON Schema beside it, and the line that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nncli.commands.schema import schema_text
from nncli.problems import NncliError, Problem, Where
from nncli.runs.atomic import write_atomically
from nncli.runs.new_file import write_new
from nncli.spec.describing.config import TITLE

SCHEMA_FILE: Final = "nncli.schema.json"
"""Name of the schema's file, beside the configs that name it: found without a network, on whatever machine they are moved to."""
MODELINE: Final = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
_MARK: Final = f'"title": "{TITLE}"'


def with_schema(folder: Path, text: str) -> tuple[str, str | None, tuple[Problem, ...]]:
    """Put the schema into a folder, and its line on top of a config that is going to be written there.

    A schema that an older nncli wrote is brought up to date; a file of that name that is not nncli's stays as it is.

    Args:
        folder: where the config is going to be.
        text: the config.

    Returns:
        The config with the line, and the schema's file; or the config as it was, None, and a warning that says why.
    """
    path = folder / SCHEMA_FILE
    try:
        _put(path, schema_text().encode())
    except NncliError as failure:
        return text, None, tuple(_warning(problem.code, problem.message, path) for problem in failure.problems)
    except OSError as problem:
        return text, None, (_warning("NN604", f"it cannot be read: {problem.strerror}", path),)
    return MODELINE + text, str(path), ()


def _put(path: Path, data: bytes) -> None:
    """Write the schema, unless it is there already.

    Raises:
        NncliError: NN601, a file of that name is not nncli's; NN604, the disk refuses.
        OSError: what is there cannot be read.
    """
    if not path.exists() and not path.is_symlink():
        write_new(path, data)
        return
    before = path.read_bytes()
    if before == data:
        return
    if path.is_symlink() or _MARK.encode() not in before[:1000]:
        raise NncliError(Problem("NN601", "a file of this name is there, which nncli did not write"))
    write_atomically(path, data)


def _warning(code: str, message: str, path: Path) -> Problem:
    hint = "the config goes without; `nncli schema -o FILE` writes the schema elsewhere"
    return Problem(code, f"no schema for editors beside the config: {message}", hint, Where(file=str(path)), "warning")
