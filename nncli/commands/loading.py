"""What commands load: configs with everything checked that can be known before training, and trained networks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.read import read_checkpoint
from nncli.config.load import LoadedConfig, load_config
from nncli.data.origin import Origin, first_index
from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Splits
from nncli.problems import NncliError, Problem, error
from nncli.runs.folder import require_run
from nncli.spec.experiment import Experiment
from nncli.spec.meaning import find_mistakes
from nncli.spec.model import Model


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


def load_splits(experiment: Experiment) -> Splits:
    """Read and prepare the data of an experiment.

    Raises:
        NncliError: NN501 to NN503, what is wrong with the data; NN502, an embedding cannot look them up.
    """
    splits = prepare(experiment.dataset, seed=experiment.seed)
    for name, samples in (("training", splits.train), ("validation", splits.validation), ("test", splits.test)):
        if samples is not None:
            require_lookup(experiment.model, samples.inputs, Origin(f"the {name} part"))
    return splits


def require_lookup(model: Model, inputs: NDArray[Any], origin: Origin) -> None:
    """Check that the network's embedding, if it begins with one, has a row for each prepared input.

    Args:
        model: the network.
        inputs: prepared, (num_samples, *input_shape).
        origin: where they came from.

    Raises:
        NncliError: NN502 with the first number that has none: TensorFlow would end, or take another row in its place.
    """
    size = model.vocabulary_size
    if size is None:
        return
    wrong = (inputs < 0) | (inputs >= size) | (inputs != np.floor(inputs))
    if not bool(wrong.any()):
        return
    index = first_index(wrong)
    message = f"{origin.name} holds {inputs[index]} at {list(index)}, the embedding looks up whole numbers from 0 to {size - 1}"
    raise origin.error("NN502", message, "number them from 0 on; the embedding's `input_dim` is the largest number plus 1")


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
