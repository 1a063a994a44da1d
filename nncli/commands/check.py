"""`nncli check`: everything that can be known without training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.configs import check_config
from nncli.problems import NncliError, Problem, Where
from nncli.reports.configs import CheckReport


def check(configs: Sequence[str | Path], *, overrides: Sequence[str] = (), strict: bool = False) -> CheckReport:
    """Check configs, all problems of all files at once.

    Args:
        configs: YAML files, folders (searched for `.yaml` and `.yml`), or `-`.
        overrides: `--set` arguments, applied to each.
        strict: whether warnings count as errors.

    Returns:
        A report whose problems are everything found.
    """
    files: list[dict[str, object]] = []
    problems: list[Problem] = []
    for config, found in _problems(configs, overrides):
        if strict:
            found = tuple(replace(problem, severity="error") for problem in found)
        errors = sum(problem.severity == "error" for problem in found)
        files.append({"file": str(config), "errors": errors, "warnings": len(found) - errors})
        problems += found
    return CheckReport(files=tuple(files), problems=tuple(dict.fromkeys(problems)))


def _problems(configs: Sequence[str | Path], overrides: Sequence[str]) -> Iterator[tuple[str | Path, tuple[Problem, ...]]]:
    """Each file, or folder without any, and what is wrong with it."""
    for config in configs:
        if str(config) != "-" and Path(config).is_dir():
            files: Sequence[str | Path] = sorted(file for file in Path(config).rglob("*") if file.suffix in (".yaml", ".yml"))
            if not files:
                yield config, (Problem("NN107", "there are no configs (.yaml) in this folder", None, Where(file=str(config))),)
        else:
            files = [config]
        for file in files:
            try:
                yield file, tuple(check_config(file, overrides))
            except NncliError as failure:
                yield file, failure.problems
