"""The network in training and all that training changes: Keras objects, and how they are captured and given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Arrays, Checkpoint, Weights
from nncli.data.samples import Splits
from nncli.engine.batches import Batches
from nncli.engine.build import build, build_network, input_dtype
from nncli.engine.evaluate import build_metrics, metric_value, shortest
from nncli.engine.limits import refused_by_keras
from nncli.engine.loop import Objective, StepLoop
from nncli.engine.mixup import MixupDraws
from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan
from nncli.engine.rules import Mode
from nncli.engine.state import (
    architecture,
    assign_variables,
    assign_weights,
    capture_variables,
    capture_weights,
    training_variables,
)
from nncli.engine.transfer import take_weights
from nncli.problems import error
from nncli.spec.conditions import Condition
from nncli.spec.experiment import Experiment
from nncli.spec.training import MEGABYTE

READ_AHEAD_BYTES: Final = 2**28
"""What inputs that are read from the disk take in memory, where the config does not say."""


class Learner:
    """A network, its optimizer and metrics, and the compiled loop over its steps.

    Args:
        experiment: the config.
        splits: the prepared data.
        plan: batches and budget.
        mode: which part of a step is compiled.
        stop_conditions: conditions on the loss of a step, which end a call into the loop.
        weights_from: the checkpoint that `model.weights_from` names; None: the initializers' weights.

    Raises:
        NncliError: NN403, no layer has weights to train; NN303 and NN401, Keras cannot compute a part of it; NN603, the checkpoint
            does not fit the network.
    """

    def __init__(
        self,
        experiment: Experiment,
        splits: Splits,
        plan: Plan,
        mode: Mode,
        stop_conditions: Sequence[Condition],
        weights_from: Checkpoint | None,
    ) -> None:
        preparation = splits.preparation
        self.network = build_network(
            experiment.model,
            name=experiment.name,
            input_shape=preparation.input_shape,
            precision=experiment.training.precision,
            batch_size=plan.batch_size if experiment.model.is_stateful else None,
            seed=experiment.seed,
        )
        if plan.total_steps > 0 and not self.network.trainable_variables:
            raise error("NN403", "no layer of the network has weights to train", "add a `dense` layer, or set `trainable: true`")
        self._architecture = architecture(self.network)
        self.unmatched: tuple[str, ...] = ()
        """Why layers keep their initializers' weights where others took trained ones, a sentence each."""
        if weights_from is not None:
            assert experiment.model.weights_from is not None
            self.unmatched = take_weights(self.network, weights_from.weights, partial=experiment.model.weights_from.partial)
        self._optimizer = build(experiment.optimizer)
        self._optimizer.build(self.network.trainable_variables)
        self._metrics = build_metrics(experiment, self.network.output_shape[1:], preparation.target_shape)
        objective = Objective(build(experiment.loss), self._optimizer, self._metrics, _class_weights(experiment, splits))
        order = DataOrder(plan, experiment.training.order, experiment.seed)
        megabytes = experiment.training.data_memory
        memory = READ_AHEAD_BYTES if megabytes is None else megabytes * MEGABYTE
        asked = experiment.training.mixup
        mixup = None if asked is None else MixupDraws(plan, asked.alpha, experiment.seed)
        batches = Batches(splits.train, plan, order, input_dtype(experiment.model), memory, mixup)
        self.loop = StepLoop(self.network, objective, batches, mode, stop_conditions)
        if plan.total_steps > 0:
            with refused_by_keras("NN303", "a step of this network"):
                self.loop.compile()
        self.variables = training_variables(self.network, objective, self.loop)

    @property
    def averages(self) -> bool:
        """Whether the optimizer keeps a moving average of the weights that takes their place in the end: zeros before a step."""
        return bool(self._optimizer.use_ema) and int(self._optimizer.iterations) > 0

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(shortest(np.asarray(self._optimizer.learning_rate)))

    def lower_learning_rate(self, factor: float, min_lr: float) -> None:
        """Multiply the learning rate with `factor`, but not below `min_lr`; a rate that is there already stays.

        Source: `keras.callbacks.ReduceLROnPlateau`, in float64 from the float32 that is stored.
        """
        rate = float(self._optimizer.learning_rate)
        if rate > np.float32(min_lr):
            self._optimizer.learning_rate.assign(max(rate * factor, min_lr))

    def average_weights(self) -> None:
        """Put the weights' moving average in their place."""
        self._optimizer.finalize_variable_values(self.network.trainable_variables)

    def metrics(self) -> dict[str, Any]:
        """`loss` and the metrics over the training batches seen since the loop's last reset."""
        return {"loss": self.loop.mean_loss()} | {name: metric_value(metric) for name, metric in self._metrics.items()}

    def capture_weights(self) -> Weights:
        """A copy of the weights."""
        return capture_weights(self.network, self._architecture)

    def capture_variables(self) -> Mapping[str, Arrays]:
        """Copies of what training changes besides the weights."""
        return capture_variables(self.variables)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to where a checkpoint was captured.

        Raises:
            NncliError: NN603, it does not fit.
        """
        assign_weights(self.network, checkpoint.weights)
        assign_variables(self.variables, checkpoint.variables)


def _class_weights(experiment: Experiment, splits: Splits) -> NDArray[np.float32] | None:
    """How much the samples of each class count.

    Source of `balanced`: `sklearn.utils.class_weight.compute_class_weight`: num_samples / (num_classes * samples of the class).
    """
    named, names = experiment.training.class_weight, splits.preparation.class_names
    if named is None:
        return None
    if isinstance(named, dict):
        return np.array([named.get(name, 1.0) for name in names], np.float32)
    targets = splits.train.targets[:]
    counts = np.bincount(targets, minlength=len(names)) if targets.ndim == 1 else targets.sum(axis=0)
    present = counts > 0
    weights = len(targets) / (int(present.sum()) * np.where(present, counts, 1.0))
    return np.where(present, weights, 1.0).astype(np.float32)
