"""The run that `nncli train CONFIG --resume auto` goes on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nncli.commands.configs import load_experiment
from nncli.config.differences import differences
from nncli.config.load import load_config
from nncli.problems import NncliError, error
from nncli.runs.folder import require_run
from nncli.runs.manifest import MANIFEST, read_manifest
from nncli.spec.experiment import Experiment

_PINNED: Final = {("training", name) for name in ("threads", "evaluate_every", "log_every")}
"""What a run settles where its config leaves it open."""


def find_unfinished(
    config: str | Path, *, overrides: Sequence[str] = (), out: Path | None = None, runs_dir: Path = Path("runs")
) -> Path | None:
    """Find the newest run of this very config that did not come to its end.

    Args:
        config: a YAML file.
        overrides: `--set` arguments.
        out: look at this folder alone.
        runs_dir: where numbered run folders lie.

    Returns:
        The run folder; None where a new one is to be made.

    Raises:
        NncliError: the mistakes of the config; NN602, `out` is the run of another config, or came to its end.
    """
    loaded, _ = load_experiment(config, overrides)
    if out is not None:
        return _at(out, loaded.experiment)
    runs = _numbered(runs_dir / loaded.experiment.name)
    return next((run for run in runs if _is_unfinished(run) and _is_of(run, loaded.experiment)), None)


def _at(out: Path, experiment: Experiment) -> Path | None:
    try:
        require_run(out)
    except NncliError:
        return None  # whether a run can be made there is told where one is made
    if not _is_of(out, experiment):
        hint = "choose another folder, or leave --out away for a numbered one"
        raise error("NN602", "this is the run of another config", hint, file=out)
    return out


def _numbered(folder: Path) -> Iterator[Path]:
    """The runs of a name, the newest first."""
    found = [entry for entry in folder.glob("*") if entry.name.isdecimal() and (entry / MANIFEST).is_file()]
    return iter(sorted(found, key=lambda entry: int(entry.name), reverse=True))


def _is_unfinished(run: Path) -> bool:
    return read_manifest(run).state not in ("finished", "diverged")


def _is_of(run: Path, experiment: Experiment) -> bool:
    differing = differences(load_config(run / "config.yaml").experiment, experiment)
    return all(difference.path in _PINNED and difference.after is None for difference in differing)
