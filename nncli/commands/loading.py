"""What commands load: configs with everything checked that can be known before training, and trained networks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.read import read_checkpoint
from nncli.config.load import LoadedConfig, load_config
from nncli.data.outline import outline
from nncli.data.preprocessing import Preparation
from nncli.problems import NncliError, Problem, error
from nncli.runs.folder import require_run
from nncli.spec.experiment import Experiment
from nncli.spec.meaning import find_mistakes


def load_experiment(config: str | Path, overrides: Sequence[str] = ()) -> tuple[LoadedConfig, tuple[Problem, ...]]:
    """Read a config and check it as far as that goes without training: syntax, values, shapes, and the data's headers.

    Args:
        config: a YAML file, or `-` for standard input.
        overrides: `--set` arguments.

    Returns:
        The config, and warnings.

    Raises:
        NncliError: every mistake found, or what is wrong with the data's file.
    """
    loaded = load_config(config, overrides)
    with placed(loaded):
        known = outline(loaded.experiment.dataset)
    problems = loaded.locate(find_mistakes(loaded.experiment, known))
    if any(problem.severity == "error" for problem in problems):
        raise NncliError(problems)
    return loaded, tuple(problems)


@contextlib.contextmanager
def placed(loaded: LoadedConfig) -> Iterator[None]:
    """Give what the data's readers find wrong with a setting its place in the config."""
    try:
        yield
    except NncliError as failure:
        raise NncliError(loaded.relocate(failure.problems)) from None


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network as it was read from disk, everything about it checked.

    Attributes:
        path: the checkpoint's file.
        checkpoint: its arrays.
        experiment: its config.
        preparation: its fitted preprocessing.
    """

    path: Path
    checkpoint: Checkpoint
    experiment: Experiment
    preparation: Preparation

    @property
    def threads(self) -> int:
        """Threads that the network was trained with, and that its predictions are bound to."""
        return int(self.checkpoint.run["threads"])


def load_trained(path: str | Path, which: str = "best") -> Trained:
    """Read a checkpoint.

    Args:
        path: a `.h5` file or a run folder.
        which: `best` or `last`, for a run folder.

    Raises:
        NncliError: NN603, it is missing, damaged or not nncli's.
    """
    path = Path(path)
    if path.is_dir():
        require_run(path)
        path = path / "checkpoints" / f"{which}.h5"
    checkpoint = read_checkpoint(path)
    try:
        experiment = Experiment.model_validate(checkpoint.experiment)
        threads = checkpoint.run["threads"]
        if not isinstance(threads, int) or not 1 <= threads <= 4096:
            raise ValueError("threads")
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError):
        raise error(
            "NN603", "its config is not one that this nncli can read", "was it made by another version?", file=path
        ) from None
    return Trained(path, checkpoint, experiment, Preparation.from_json(dict(checkpoint.preparation)))
