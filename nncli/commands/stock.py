"""Networks that stock Keras saved, in the place of checkpoints: no preprocessing, no data of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, cast

from nncli.checkpoint.stock.read import Stock
from nncli.commands.classes import last_activation
from nncli.data.preprocessing import Preparation
from nncli.data.targets import Labels
from nncli.spec.accuracy import CLASS_NUMBER_LOSSES
from nncli.spec.experiment import Experiment
from nncli.spec.model import Model
from nncli.spec.values import Shape

_ONE_HOT_LOSSES: Final = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge"})
_USUAL_LOSSES: Final = {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}
"""Last activation -> the loss that most networks with it are trained with."""


def stock_experiment(path: Path, stock: Stock) -> Experiment:
    """The experiment that a stock file would come from: what it does not tell is what most networks like it have.

    Args:
        path: the file; its name is the experiment's.
        stock: what it holds.
    """
    compiled = stock.compiled
    document = {
        "name": experiment_name(path),
        "dataset": {"type": "npz", "path": "data.npz"},
        "model": {"layers": [{"type": "identity"}]},
        "optimizer": "adam",
        "loss": usual_loss(stock.stack.model),
    }
    given = {name: value for name in ("optimizer", "loss", "metrics") if (value := getattr(compiled, name))}
    return Experiment.model_validate(document).model_copy(update={"model": stock.stack.model, **given})


def experiment_name(path: Path) -> str:
    """The file's name, of letters that an experiment may be called by."""
    return re.sub(r"[^A-Za-z0-9_.\-]+", "_", path.stem).lstrip(".-")[:100] or "network"


def usual_loss(model: Model) -> str:
    """The loss that most networks with such a last layer have."""
    return _USUAL_LOSSES.get(last_activation(model), "mean_squared_error")


def labels_of(loss: str, output: Shape) -> Labels | None:
    """The form of the targets that a loss takes for outputs of a shape."""
    if len(output) == 1 and loss in CLASS_NUMBER_LOSSES:
        return "index"
    return "one_hot" if len(output) == 1 and loss in _ONE_HOT_LOSSES else None


def stock_preparation(experiment: Experiment, stock: Stock) -> Preparation:
    """The preparation of a stock network's data: none; its inputs are taken as they are.

    Sizes that may vary stand in it as None: nothing can be prepared by it then.
    """
    output, loss = stock.stack.shapes[-1], experiment.loss.type
    labels = labels_of(loss, output)
    has_classes = labels is not None or (stock.compiled.loss is None and last_activation(experiment.model) == "softmax")
    classes = tuple(map(str, range(output[-1] or 0))) if has_classes and len(output) == 1 and (output[-1] or 0) > 1 else ()
    target = () if labels == "index" else output[:-1] if loss in CLASS_NUMBER_LOSSES else output
    shape = cast("tuple[int, ...]", stock.stack.input_shape)
    dtypes: dict[str, Any] = {
        "raw_dtype": "float32" if experiment.model.numbers is None else "int32",
        "target_dtype": "int32" if labels == "index" else "float32",
    }
    targets = cast("tuple[int, ...]", target)
    return Preparation("npz", shape, dtypes["raw_dtype"], shape, labels, classes, targets, dtypes["target_dtype"], ())
