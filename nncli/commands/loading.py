"""Trained networks, as commands load them from disk."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.fit import missing_shape
from nncli.checkpoint.read import parse_checkpoint, read_file
from nncli.checkpoint.stock.container import is_stock
from nncli.checkpoint.stock.layers import MOST_VALUES
from nncli.checkpoint.stock.read import Stock, read_stock
from nncli.commands.machine import installed_memory
from nncli.commands.stock import stock_experiment, stock_preparation
from nncli.data.preprocessing import Preparation
from nncli.engine.events import never
from nncli.problems import NncliError, Where, error
from nncli.runs.folder import require_run
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import dimensions, num_positions
from nncli.spec.model import layer_names
from nncli.spec.shapes import output_shapes
from nncli.spec.training import MOST_THREADS
from nncli.spec.values import Count

if TYPE_CHECKING:
    from nncli.engine.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network as it was read from disk, everything about it checked.

    Attributes:
        path: the checkpoint's file.
        checkpoint: its arrays.
        experiment: its config.
        preparation: its fitted preprocessing.
        facts: what else its bits depend on.
        stock: what stock Keras's file holds, where it is one.
    """

    path: Path
    checkpoint: Checkpoint
    experiment: Experiment
    preparation: Preparation

    facts: Facts
    stock: Stock | None = None

    def evaluator(self, should_stop: Callable[[], bool] = never) -> Evaluator:
        """The network, ready to predict and to be measured, on as many threads as it was trained with.

        Args:
            should_stop: asked between the batches of an evaluation.

        Raises:
            NncliError: NN603, the weights are not those of this network; NN404, this machine has not the memory, or TensorFlow
                runs with other threads already.
        """
        from nncli.engine.evaluate import BATCH_SIZE, Evaluator  # `check` has no use for the engine
        from nncli.engine.runtime import start

        self.require_memory(BATCH_SIZE)
        start(self.facts.threads)
        shapes = {"input_shape": self.preparation.input_shape, "target_shape": self.preparation.target_shape}
        evaluator = Evaluator(self.experiment, **shapes, should_stop=should_stop)
        with in_file(self.path):
            evaluator.assign(self.checkpoint.weights)
        return evaluator

    def require_memory(self, num_samples: int) -> None:
        """Check that so many samples, prepared, and what any one layer makes of them fit into memory.

        Raises:
            NncliError: NN404, they do not.
        """
        shape, installed = self.preparation.input_shape, installed_memory()
        sizes = [num_positions(output) for output in (shape, *output_shapes(self.experiment.model, shape)[0])]
        needed = 4 * num_samples * max(sizes)
        if installed is not None and needed > installed:
            message = f"{num_samples} samples take {needed:,} bytes in one of its layers, this machine has {installed:,}"
            raise error("NN404", message, "nncli predicts in batches of 32", file=self.path)


@dataclass(frozen=True, slots=True)
class Facts:
    """What else the bits of a run depend on, as its checkpoints hold it.

    Attributes:
        threads: threads that share one operation.
        mode: which part of a step is compiled.
        versions: package -> version.
        fingerprint: SHA-256 of the data, in hex.
        step: steps done.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)]
    mode: Literal["loop", "update"]
    versions: dict[str, str]
    fingerprint: str
    step: Count = 0


@contextlib.contextmanager
def in_file(path: Path) -> Iterator[None]:
    """Name the file in problems that have no place."""
    try:
        yield
    except NncliError as failure:
        where = Where(file=str(path))
        raise NncliError([problem if problem.where else replace(problem, where=where) for problem in failure.problems]) from None


def is_trained(path: str | Path) -> bool:
    """Whether `path` is called as what `load_trained` reads is, and not as a config."""
    return Path(path).is_dir() or Path(path).suffix.lower() in (".h5", ".hdf5", ".keras")


def load_trained(path: str | Path, which: str = "best") -> Trained:
    """Read a checkpoint.

    Args:
        path: a `.h5` file, a run folder, or a sequential network that stock Keras saved as `.h5` or `.keras`.
        which: `best` or `last`, for a run folder.

    Raises:
        NncliError: NN603, it is missing, damaged, or holds what no config can express.
    """
    path = Path(path)
    if path.is_dir():
        require_run(path)
        path = path / "checkpoints" / f"{which}.h5"
    data = read_file(path)
    if is_stock(data):
        return _load_stock(path, read_stock(path, data))
    checkpoint = parse_checkpoint(path, data)
    try:
        experiment = Experiment.model_validate(checkpoint.experiment)
        facts = TypeAdapter(Facts).validate_json(json.dumps(checkpoint.run))
    except (ValidationError, ValueError, TypeError, RecursionError):
        message = "its config is not one that this nncli can read"
        raise error("NN603", message, "was it made by another version?", file=path) from None
    with in_file(path):
        preparation = Preparation.from_json(dict(checkpoint.preparation))
    _require_fit(path, experiment, preparation, checkpoint)
    return Trained(path, checkpoint, experiment, preparation, facts)


def _require_fit(path: Path, experiment: Experiment, preparation: Preparation, checkpoint: Checkpoint) -> None:
    """Check that a checkpoint's config is that of its weights before TensorFlow makes room for what the config asks for.

    Raises:
        NncliError: NN603, it is not.
    """
    model, before = experiment.model, preparation.input_shape
    shapes, mistakes = output_shapes(model, before)
    if mistakes:
        raise error("NN603", f"its config does not go with its data: {mistakes[0].message}", file=path)
    for name, output in zip(layer_names(model.layers), shapes, strict=True):
        if num_positions(output) > MOST_VALUES:
            message = f"layer `{name}` gives {dimensions(output)} numbers for a sample, more than {MOST_VALUES:,}"
            raise error("NN603", message, file=path)
    expected = sum(sum(layer.parameters(shape)) for layer, shape in zip(model.layers, (before, *shapes), strict=False))
    stored = sum(array.size for arrays in checkpoint.weights.layers.values() for _, array in arrays)
    if expected > stored:
        raise error("NN603", f"it has {stored:,} weights, and by its config {expected:,}", "was it changed by hand?", file=path)
    for layer, name, shape in zip(model.layers, layer_names(model.layers), (before, *shapes), strict=False):
        arrays = checkpoint.weights.layers.get(name, ())
        if arrays and (missing := missing_shape(layer, shape, arrays)) is not None:
            raise error("NN603", f"layer `{name}` has no weights of the shape {missing}, and by its config it must", file=path)


def load_weights(path: str | Path) -> Checkpoint:
    """Read weights to start from: those of a checkpoint, or of a network that stock Keras saved.

    Raises:
        NncliError: NN603, as for `load_trained`.
    """
    path = Path(path)
    data = read_file(path)
    return Checkpoint(read_stock(path, data).weights, {}, {}, {}) if is_stock(data) else parse_checkpoint(path, data)


def _load_stock(path: Path, stock: Stock) -> Trained:
    from nncli.engine.evaluate import BATCH_SIZE
    from nncli.engine.rules import choose_threads

    # Without its metrics: predictions have no use for them, and some may not fit any targets.
    experiment = stock_experiment(path, stock).model_copy(update={"metrics": ()})
    threads = choose_threads(experiment, BATCH_SIZE, stock.stack.input_shape)
    facts = Facts(threads, "loop", {}, "")
    preparation = stock_preparation(experiment, stock)
    return Trained(path, Checkpoint(stock.weights, {}, {}, {}), experiment, preparation, facts, stock)


def require_sizes(trained: Trained) -> None:
    """Check that the network's inputs have one shape, as data have.

    Raises:
        NncliError: NN603, stock Keras's file leaves some of its sizes open.
    """
    if None in trained.preparation.input_shape:
        message = f"its inputs are {dimensions(trained.preparation.input_shape)}, and `?` may be any size"
        hint = "write a config of it, whose data then give the size: `nncli init --from-h5 FILE`"
        raise error("NN603", message, hint, file=trained.path)
