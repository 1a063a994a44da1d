"""What changes while training, besides the variables: the trainer's own state, and the capture and return of all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from nncli.checkpoint.contents import Arrays, Weights
from nncli.engine.runtime import tensorflow
from nncli.engine.watch import Watch
from nncli.problems import error
from nncli.spec.values import Count, NonNegativeFloat


@dataclass(slots=True)
class TrainerState:
    """The trainer's state between two steps.

    Attributes:
        step: steps done.
        best_value, best_step: the best value of `training.best` so far, and when it was measured; None before the first.
        measured_step: when the metrics were measured last; -1 before the first time.
        num_measured: how often they were.
        early_stopping, plateau: watches of these two.
        last_metrics: the metrics measured last, by name.
        seconds: time spent training so far, over all sessions of the run.
        stop_met: whether the last step's loss met a condition of `stop_when`.
        finished: why training ended; None while it can go on.
        averaged: whether the weights' moving average has taken their place.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    step: Count = 0
    best_value: float | None = None
    best_step: Count | None = None
    measured_step: int = -1
    num_measured: Count = 0
    early_stopping: Watch = field(default_factory=Watch)
    plateau: Watch = field(default_factory=Watch)
    last_metrics: dict[str, Any] = field(default_factory=dict)
    seconds: NonNegativeFloat = 0.0
    stop_met: bool = False
    finished: Literal["finished", "stopped_early", "stop_when"] | None = None
    averaged: bool = False

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TrainerState:
        """The state that `to_json` gave.

        Raises:
            NncliError: NN603, it is none.
        """
        try:
            # By way of a text, as Pydantic's strict mode makes a dataclass of JSON but of no mapping.
            return TypeAdapter(cls).validate_json(json.dumps(data))
        except (ValidationError, ValueError, TypeError, RecursionError):
            raise error("NN603", "the trainer's state in the checkpoint is damaged") from None


def architecture(network: Any) -> str:
    """Keras's JSON of a network, as `model.save("x.h5")` writes it: its layers carry no module and no
    input shape of their own, and one that is not Keras's is called by the name it is registered by.
    """
    import keras

    document = {"class_name": "Sequential", "config": _plain(network.get_config())}
    text: str = json.dumps(document, default=keras.saving.serialize_keras_object)
    return text


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """The config of a network whose layers, and those of the networks inside it, are told as h5 files tell them."""
    layers = [
        {"class_name": layer["registered_name"] or layer["class_name"], "config": layer["config"]}
        | {key: layer[key] for key in ("name", "inbound_nodes") if key in layer}
        for layer in config["layers"]
    ]
    for layer in layers:
        if layer["class_name"] == "Functional":
            layer["config"] = _plain(layer["config"])
    return config | {"layers": layers}


def capture_weights(network: Any, architecture_json: str) -> Weights:
    """A copy of a network's weights."""
    import keras

    layers = {layer.name: tuple((weight.path, _copy(weight)) for weight in _stored_weights(layer)) for layer in network.layers}
    return Weights(architecture_json, keras.__version__, layers)


def assign_weights(network: Any, weights: Weights, only: frozenset[str] | None = None) -> None:
    """Give a network the weights of another of the same architecture.

    Args:
        network: a built `keras.Sequential`.
        weights: those of a checkpoint.
        only: names of the layers to give weights; None: all.

    Raises:
        NncliError: NN603, a layer is missing or has other shapes.
    """
    for layer in network.layers:
        if only is not None and layer.name not in only:
            continue
        own, stored = _stored_weights(layer), weights.layers.get(layer.name)
        if stored is None or len(stored) != len(own):
            raise error(
                "NN603",
                f"the checkpoint's weights do not fit layer `{layer.name}`: {len(stored or ())} arrays, {len(own)} expected",
            )
        for variable, (path, array) in zip(own, stored, strict=True):
            _assign(variable, array, path)


def _stored_weights(layer: Any) -> list[Any]:
    # The order of Keras's h5 files: trainable first (keras/src/legacy/saving/legacy_h5_format.py, _legacy_weights).
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def training_variables(network: Any, objective: Any, loop: Any) -> dict[str, list[Any]]:
    """The variables besides the weights that training changes, by group.

    `model.weights` leaves out the seeds of dropout, `model.variables` the states of stateful layers; both are taken here.
    """
    stored = {id(weight) for layer in network.layers for weight in _stored_weights(layer)}
    states = [state for layer in network.layers for state in _states(layer)]
    known = stored | {id(state) for state in states}
    return {
        "optimizer": list(objective.optimizer.variables),
        "seeds": [variable for variable in network.variables if id(variable) not in known],
        "states": states,
        "metrics": [variable for metric in objective.metrics.values() for variable in metric.variables]
        + [loop.loss_sum, loop.num_seen],
    }


def _states(layer: Any) -> list[Any]:
    own = list(getattr(layer, "states", None) or []) if getattr(layer, "stateful", False) else []
    inner = [getattr(layer, name, None) for name in ("layer", "forward_layer", "backward_layer")] + list(
        getattr(layer, "layers", ())
    )
    unique = {id(state): state for state in own}
    for part in inner:
        if part is not None:
            unique |= {id(state): state for state in _states(part)}
    return list(unique.values())


def capture_variables(groups: Mapping[str, list[Any]]) -> dict[str, Arrays]:
    """Copies of the training's variables, called by their bare names: Keras numbers the paths of seeds and optimizers by what this
    process has built before. They are given back by position.
    """
    return {group: tuple((str(variable.name), _copy(variable)) for variable in variables) for group, variables in groups.items()}


def assign_variables(groups: Mapping[str, list[Any]], stored: Mapping[str, Arrays]) -> None:
    """Give the training's variables the values of a checkpoint.

    Raises:
        NncliError: NN603, they do not fit.
    """
    for name, variables in groups.items():
        arrays = stored.get(name, ())
        if len(arrays) != len(variables):
            raise error("NN603", f"the checkpoint holds {len(arrays)} {name} variables, {len(variables)} are expected")
        for variable, (path, array) in zip(variables, arrays, strict=True):
            _assign(variable, array, path)


def _copy(variable: Any) -> Any:
    """The value of a variable of Keras or TensorFlow. Their own `numpy` takes three times as long, and copies twice."""
    held = variable if callable(variable.value) else variable.value
    return np.asarray(tensorflow().raw_ops.ReadVariableOp(resource=held.handle, dtype=held.dtype).numpy())


def _assign(variable: Any, array: Any, path: str) -> None:
    if tuple(variable.shape) != array.shape or tensorflow().as_dtype(variable.dtype).name != array.dtype.name:
        raise error(
            "NN603",
            f"`{path}` is {array.shape} {array.dtype} in the checkpoint, {tuple(variable.shape)} {variable.dtype} is expected",
        )
    variable.assign(array)
