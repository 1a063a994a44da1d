"""The data of an experiment, as commands load them."""

from __future__ import annotations

import numpy as np

from nncli.commands.machine import free_memory
from nncli.data.lazy import Rows
from nncli.data.origin import Origin, first_index
from nncli.data.prepare import prepare
from nncli.data.samples import Splits
from nncli.spec.experiment import Experiment
from nncli.spec.model import Model
from nncli.spec.training import MEGABYTE, Training


def load_splits(experiment: Experiment) -> Splits:
    """Read and prepare the data of an experiment.

    Raises:
        NncliError: NN501 to NN503, what is wrong with the data; NN502, the network cannot look them up; NN604, the disk has no
            room for what does not fit into memory.
    """
    splits = prepare(experiment.dataset, seed=experiment.seed, memory=_most_inputs(experiment.training))
    for name, samples in (("training", splits.train), ("validation", splits.validation), ("test", splits.test)):
        if samples is not None:
            require_lookup(experiment.model, samples.inputs, Origin(f"the {name} part"))
    return splits


def _most_inputs(training: Training) -> int | None:
    """Bytes that the inputs may have to stay in memory; None: any number."""
    if training.batch_size == "full":
        return None  # every step takes all of them
    if training.data_memory is not None:
        memory = training.data_memory * MEGABYTE
    elif (free := free_memory()) is not None:
        memory = free // 2
    else:
        return None
    return memory // 2  # they are there twice: for the steps as a tensor, and for evaluation


def require_lookup(model: Model, inputs: Rows, origin: Origin) -> None:
    """Check that the network's first layer, if it looks numbers up, has a place for each prepared input.

    Args:
        model: the network.
        inputs: prepared, (num_samples, *input_shape).
        origin: where they came from.

    Raises:
        NncliError: NN502 with the first number that has none: TensorFlow would end, or take another place for it.
    """
    numbers = model.numbers
    if numbers is None:
        return
    inputs = inputs[:]
    if isinstance(numbers, range):
        wrong = (inputs < numbers[0]) | (inputs > numbers[-1]) | (inputs != np.floor(inputs))
    else:
        wrong = ~np.isin(inputs, sorted(numbers))
    if not bool(wrong.any()):
        return
    index = first_index(wrong)
    where = f"{origin.name} holds {inputs[index]} at {list(index)}"
    if isinstance(numbers, range) and numbers[0] == 0:
        message = f"{where}, the network looks up whole numbers from 0 to {numbers[-1]}"
        hint = "number them from 0 on; an `input_dim`, or `num_tokens`, is the largest number plus 1"
        raise origin.error("NN502", message, hint)
    if isinstance(numbers, range):
        raise origin.error("NN502", f"{where}, the network looks up whole numbers", "put `discretization` first for other numbers")
    raise origin.error("NN502", f"{where}, which is not in the vocabulary", "give unknown numbers a place: `num_oov_indices: 1`")
