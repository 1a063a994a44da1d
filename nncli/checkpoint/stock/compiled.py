"""What a stock file says of its training: optimizer, loss and metrics, through the same allow-list as the layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nncli.checkpoint.stock.classes import function_of
from nncli.checkpoint.stock.parts import Faults, clean, part, resolve
from nncli.spec.base import TypedSpec

_MOST_LOST: Final = 100


@dataclass(frozen=True, slots=True)
class Compiled:
    """How a network was compiled.

    Attributes:
        optimizer, loss: None where the file names none, or one that no config can express.
        metrics: those that a config can express.
        lost: a sentence for each of the others.
    """

    optimizer: TypedSpec | None = None
    loss: TypedSpec | None = None
    metrics: tuple[TypedSpec, ...] = ()
    lost: tuple[str, ...] = ()


def read_compiled(document: dict[str, Any] | None, *, is_keras_2: bool) -> Compiled:
    """The training that a stock file describes; nothing where it was not compiled.

    Args:
        document: `training_config` of an h5 file, or `compile_config` of a `.keras` file.
        is_keras_2: whether Keras 2 wrote it.
    """
    if document is None:
        return Compiled()
    lost: list[str] = []

    def take(kind: str, entry: Any) -> TypedSpec | None:
        faults = Faults(is_keras_2)
        fields = part(kind, entry, faults)
        spec = None if faults.found else resolve(kind, fields, faults)
        lost.extend(f"{kind}: {f'`{path}` ' if path else 'it '}{message}" for path, message in faults.found)
        return spec

    optimizer = document.get("optimizer_config", document.get("optimizer"))
    loss = document.get("loss")
    metrics = [take("metric", _metric(entry)) for entry in _flat(document.get("metrics"))]
    for name in ("loss_weights", "weighted_metrics"):
        if document.get(name):
            lost.append(f"`{name}`: no config can express it")
    return Compiled(
        optimizer=None if optimizer is None else take("optimizer", optimizer),
        loss=None if loss is None else take("loss", loss[0] if isinstance(loss, list) and len(loss) == 1 else loss),
        metrics=tuple(metric for metric in metrics if metric is not None),
        lost=tuple(map(clean, lost[:_MOST_LOST])),
    )


def _flat(metrics: Any) -> Iterator[Any]:
    if isinstance(metrics, list):
        for entry in metrics:
            yield from _flat(entry)
    elif metrics is not None:
        yield metrics


def _metric(entry: Any) -> Any:
    """A metric's entry; of a wrapped function, as Keras 2 stores those that were named by a string, that string."""
    if entry == "acc":
        return "accuracy"
    if isinstance(entry, dict) and entry.get("class_name") == "MeanMetricWrapper" and isinstance(entry.get("config"), dict):
        names = ("accuracy" if entry["config"].get("name") == "acc" else entry["config"].get("name"), entry["config"].get("fn"))
        return next((name for name in names if function_of("metric", name) is not None or name == "accuracy"), entry)
    return entry
