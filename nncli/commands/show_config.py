"""`nncli show-config`: a config with every default filled in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nncli.commands.loading import is_trained, load_trained
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.problems import NncliError, Problem, error
from nncli.reports.configs import ShowConfigReport
from nncli.runs.folder import require_run
from nncli.runs.new_file import require_new, write_new
from nncli.spec.datasets.tables import Table
from nncli.spec.experiment import Experiment


def show_config(path: str | Path, *, overrides: Sequence[str] = (), output: Path | None = None) -> ShowConfigReport:
    """Fill in what a config leaves to its defaults, and to the cells of a table. What it says is checked, but not whether its data
    and its shapes fit.

    Args:
        path: a config, `-` for standard input, a checkpoint or a run folder.
        overrides: `--set` arguments, for a config.
        output: a file to write, which must not exist; None: only show it.

    Returns:
        The config with paths made absolute, so that it means the same wherever it is saved.

    Raises:
        NncliError: every mistake of the config, or what is wrong with the checkpoint; NN601 or NN604, the file cannot be made.
    """
    if output is not None:
        require_new(output)
    experiment, problems = _experiment(path, overrides)
    if output is not None:
        write_new(output, to_yaml(experiment).encode())
    return ShowConfigReport(
        name=experiment.name,
        config=experiment.model_dump(mode="json"),
        output=None if output is None else str(output),
        problems=problems,
    )


def _experiment(path: str | Path, overrides: Sequence[str]) -> tuple[Experiment, tuple[Problem, ...]]:
    if not is_trained(path):
        return _resolved(load_config(path, overrides).experiment)
    if overrides:
        raise error("NN606", "what was trained is as it is: `--set` is for configs", argument=f"--set {overrides[0]}")
    if not Path(path).is_dir():
        return load_trained(path).experiment, ()
    require_run(Path(path))
    return load_config(Path(path) / "config.yaml").experiment, ()  # there from the start, unlike the checkpoints


def _resolved(experiment: Experiment) -> tuple[Experiment, tuple[Problem, ...]]:
    """The config with what its table says of the settings that are left to it; a warning where the table cannot be read."""
    dataset = experiment.dataset
    if not isinstance(dataset, Table):
        return experiment, ()
    from nncli.data.headers import resolve_table  # pyarrow takes 0.2 s, which other data need not pay

    try:
        found, notes = resolve_table(dataset, experiment.seed)
    except NncliError as failure:
        first = failure.problems[0]
        message = f"what is left to the table is not filled in: {first.message}"
        return experiment, (Problem(first.code, message, first.hint, first.where, "warning"),)
    return experiment.model_copy(update={"dataset": dataset.model_copy(update=dict(found))}), notes
