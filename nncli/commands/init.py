"""`nncli init`: a config to start from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from nncli.commands.editing import with_schema
from nncli.problems import error
from nncli.reports.configs import InitReport
from nncli.runs.disk import make_folders
from nncli.runs.new_file import require_new, write_new, write_new_folder
from nncli.spec.wording import closest

START: Final = "mlp_mnist"
"""The config to begin with: real digits, a network of two layers, trained in seconds."""

PICTURES: Final = "digits_folder"
"""The config whose pictures are written with it."""


def examples() -> dict[str, str]:
    """Name -> text of every config that ships, in alphabetical order."""
    folder = resources.files("nncli") / "examples"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files if file.name.endswith(".yaml")}


def _seen_from(folder: Path, text: str) -> str:
    """A config that ships, whose paths count from a folder beside `runs/`, with paths that count from `folder`."""
    return text.replace("../runs/", f"{Path(os.path.relpath('runs', folder)).as_posix()}/")


def _data_files(folder: Path, text: str) -> Iterator[tuple[Path, bytes]]:
    """The data that a config brings along, beside it: where each file belongs, and what it holds."""
    for name in re.findall(r"\bdata/(\w+(?:\.csv)?)", text):
        source, place = resources.files("nncli") / "examples" / "data" / name, folder / "data" / name
        if source.is_file():
            yield place, source.read_bytes()
        elif source.is_dir():
            yield from ((place / file.name, file.read_bytes()) for file in source.iterdir())


def _is_there(file: Path, data: bytes) -> bool:
    """Whether a file lies there already as it is meant to.

    Raises:
        NncliError: NN601, something else does.
    """
    if file.is_file() and file.read_bytes() == data:
        return True
    if file.exists() or file.is_symlink():
        require_new(file)
    return False


def init(name: str | None, *, output: Path | None = None) -> InitReport:
    """Write a config that ships into a file of one's own, beside it the schema for editors, and its data where it brings some.

    Args:
        name: which one; None: only list them.
        output: the file, which must not exist; None: `NAME.yaml` in the working directory.

    Raises:
        NncliError: NN606, there is no such config; NN601, the file exists; NN604, it cannot be written.
    """
    known = examples()
    descriptions = {key: text.partition("\n")[0].removeprefix("# ") for key, text in known.items()}
    if name is None:
        return InitReport(examples=descriptions, start=START)
    if name not in known:
        right = closest(name, known)
        hint = f"did you mean `{right}`?" if right else "`nncli init --list` shows them"
        raise error("NN606", f"no config called `{name}` ships", hint, argument=name)
    path = output or Path(f"{name}.yaml")
    require_new(path)
    brought = {file: data for file, data in _data_files(path.parent, known[name]) if not _is_there(file, data)}
    for file, data in brought.items():
        make_folders(file.parent)
        write_new(file, data)
    if name == PICTURES and not (folder := path.parent / "data" / "digits").exists():
        from nncli.data.sets.shipped import digit_pictures  # scikit-learn takes 1.4 s, which other configs need not pay

        write_new_folder(folder, digit_pictures())
    text, schema, problems = with_schema(path.parent, _seen_from(path.parent, known[name]))
    write_new(path, text.encode())
    return InitReport(examples={name: descriptions[name]}, output=str(path), schema=schema, problems=problems)
