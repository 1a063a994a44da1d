"""`nncli check`: everything that can be known without training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nncli.commands.loading import load_experiment
from nncli.problems import NncliError, Problem, error
from nncli.reports import CheckReport


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
    for config in _files(configs):
        try:
            _, found = load_experiment(config, overrides)
        except NncliError as failure:
            found = failure.problems
        if strict:
            found = tuple(Problem(problem.code, problem.message, problem.hint, problem.where, "error") for problem in found)
        errors = sum(problem.severity == "error" for problem in found)
        files.append({"file": str(config), "errors": errors, "warnings": len(found) - errors})
        problems += found
    return CheckReport(files=tuple(files), problems=tuple(dict.fromkeys(problems)))


def _files(configs: Sequence[str | Path]) -> list[str | Path]:
    files: list[str | Path] = []
    for config in configs:
        path = Path(config)
        if str(config) != "-" and path.is_dir():
            inside = sorted(entry for entry in path.rglob("*") if entry.suffix in (".yaml", ".yml"))
            if not inside:
                raise error("NN107", "there are no configs (.yaml) in this folder", file=path)
            files += inside
        else:
            files.append(config)
    return files
