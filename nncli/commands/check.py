"""`nncli check`: everything that can be known without training."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.configs import check_config
from nncli.config.load import load_config
from nncli.problems import NncliError, Problem, Where
from nncli.reports.configs import CheckReport
from nncli.runs.folder import is_run


def check(configs: Sequence[str | Path], *, overrides: Sequence[str] = (), strict: bool = False, data: bool = False) -> CheckReport:
    """Check configs, all problems of all files at once.

    Args:
        configs: YAML files, folders (searched for `.yaml` and `.yml`; what is hidden, and what runs wrote, aside), or `-`.
        overrides: `--set` arguments, applied to each.
        strict: whether warnings count as errors.
        data: whether the data are read, too, and looked at, where the config has no mistake.

    Returns:
        A report whose problems are everything found.
    """
    files: list[dict[str, object]] = []
    problems: list[Problem] = []
    for config, found in _problems(configs, overrides):
        said: list[str] = []
        if data and not any(problem.severity == "error" for problem in found):
            said, found = _with_data(config, overrides, found)
        if strict:
            found = tuple(replace(problem, severity="error") for problem in found)
        errors = sum(problem.severity == "error" for problem in found)
        files.append({"file": str(config), "errors": errors, "warnings": len(found) - errors} | ({"data": said} if data else {}))
        problems += found
    return CheckReport(files=tuple(files), problems=tuple(dict.fromkeys(problems)))


def _with_data(config: str | Path, overrides: Sequence[str], found: tuple[Problem, ...]) -> tuple[list[str], tuple[Problem, ...]]:
    """What the data of a config are, in lines; what was found before, and what is wrong with them."""
    from nncli.commands.check_data import check_data  # NumPy and the readers, which other checks may not need

    try:
        said, problems = check_data(load_config(config, overrides))
    except NncliError as failure:
        said, problems = [], list(failure.problems)
    not_looked_at = tuple(problem for problem in found if problem.code != "NN501")  # they have been read now
    return said, tuple(dict.fromkeys((*not_looked_at, *problems)))


def _problems(configs: Sequence[str | Path], overrides: Sequence[str]) -> Iterator[tuple[str | Path, tuple[Problem, ...]]]:
    """Each file, or folder without any, and what is wrong with it."""
    for config in configs:
        if str(config) != "-" and Path(config).is_dir():
            files: Sequence[str | Path] = sorted(_configs_in(Path(config)))
            if not files:
                yield config, (Problem("NN107", "there are no configs (.yaml) in this folder", None, Where(file=str(config))),)
        else:
            files = [config]
        for file in files:
            try:
                yield file, tuple(check_config(file, overrides))
            except NncliError as failure:
                yield file, failure.problems


def _configs_in(folder: Path) -> Iterator[Path]:
    """The configs below a folder; inside of hidden folders and of run folders nobody keeps any."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and not is_run(Path(place, name))]
        yield from (file for name in names if (file := Path(place, name)).suffix in (".yaml", ".yml") and file.is_file())
