"""The names of what a run measures: whether those that a config waits for or compares will be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from nncli.spec.accuracy import improves_upwards, is_a_share, metric_name
from nncli.spec.base import Mistake, TypedSpec
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment
from nncli.spec.outline import Outline
from nncli.spec.wording import closest, repeated

PREFIXES: Final = ("val_", "test_")
"""What comes before the names of metrics of other parts than the training part."""
RESERVED: Final = frozenset({"loss", "step", "epoch", "learning_rate", "seconds"})
"""What else a line of `metrics.jsonl` holds."""


def name_mistakes(experiment: Experiment, outline: Outline | None) -> Iterator[Mistake]:
    """What is wrong with the metrics' names, and with `early_stopping`, `best`, `stop_when`, `expect` and their like.

    Args:
        experiment: the config.
        outline: which parts the data have; None where nobody knows, and then they are taken to have all.
    """
    names = ["loss", *(metric_name(metric) for metric in experiment.metrics)]
    for index in repeated(names):
        if names[index] not in RESERVED:
            yield _called(index, f"two metrics are called `{names[index]}`", "give it a `name` of its own")
    for index, name in enumerate(names):
        if index > 0 and name in RESERVED:
            yield _called(index, f"a metric cannot be called `{name}`: it is a column of a run's `metrics.jsonl`")
        elif name.startswith(PREFIXES):
            yield _called(index, f"a metric cannot be called `{name}`: so begin the names of other parts' metrics")
    vectors = {metric_name(metric): hint for metric in experiment.metrics if (hint := _how_to_make_one_number(metric))}
    has_validation, has_test = (True, True) if outline is None else (outline.num_validation > 0, outline.num_test > 0)
    while_training = _Measured(names, vectors, has_test, frozenset({"", "val_"} if has_validation else {""}))
    at_the_end = _Measured(names, vectors, has_test, while_training.parts | (frozenset({"test_"}) if has_test else frozenset()))
    training = experiment.training
    for field in ("early_stopping", "reduce_lr_on_plateau", "best"):
        part = getattr(training, field)
        if part is None:
            continue
        if field != "best" or part.monitor != type(part)().monitor:  # the default of `best` falls back to the last weights
            yield from while_training.mistakes(part.monitor, ("training", field, "monitor"))
        yield from _direction(experiment.metrics, part, ("training", field))
    for index, text in enumerate(training.stop_when):
        yield from _condition(experiment.metrics, text, while_training, ("training", "stop_when", index))
    for index, text in enumerate(experiment.expect):
        yield from _condition(experiment.metrics, text, at_the_end, ("expect", index))


def _direction(metrics: Sequence[TypedSpec], part: Any, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    """What is wrong with the `mode` of what waits for a metric."""
    upwards = improves_upwards(metrics, part.monitor)
    if upwards is None and part.mode == "auto":
        message = f"nothing tells whether more or less of `{part.monitor}` is better: it is a formula"
        yield Mistake((*path, "monitor"), "NN403", message, "add `mode: min` or `mode: max`")
    elif upwards is not None and part.mode == ("min" if upwards else "max"):
        message = (
            f"`mode: {part.mode}` looks for the worst: `{part.monitor}` is better when it is {'larger' if upwards else 'smaller'}"
        )
        yield Mistake((*path, "mode"), "NN403", message, "remove `mode`", "warning")


def _condition(metrics: Sequence[TypedSpec], text: str, measured: _Measured, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    """What is wrong with a condition."""
    condition = parse_condition(text)
    yield from (found := list(measured.mistakes(condition.name, path)))
    threshold = condition.threshold
    if found or not is_a_share(metrics, condition.name):
        return
    if (condition.operator, threshold) in ((">", 1), ("<", 0)) or (threshold > 1 if ">" in condition.operator else threshold < 0):
        hint = f"write {threshold / 100:g}: it is a share of 1, no percentage" if 1 < threshold <= 100 else "it is a share of 1"
        yield Mistake(path, "NN403", f"`{text}` can never hold: `{condition.name}` goes from 0 to 1", hint, "warning")


def _called(index: int, message: str, hint: str = "give it another `name`") -> Mistake:
    """A mistake in the name of a metric; number 0 is the loss."""
    return Mistake(("metrics", index - 1), "NN403", message, hint)


def _how_to_make_one_number(metric: TypedSpec) -> str | None:
    """The way to mend a metric whose result is a list of numbers; None where it is one number."""
    if getattr(metric, "average", "") is None:
        return "give it an `average`, such as `macro`"
    if getattr(metric, "class_aggregation", "") is None:
        return "give it a `class_aggregation`, such as `uniform_average`"
    thresholds = getattr(metric, "thresholds", None)
    if metric.type != "auc" and isinstance(thresholds, tuple) and len(thresholds) > 1:
        return "give it one threshold"
    return None


class _Measured:
    """What is measured at some time: names of the loss and the metrics, each with the prefix of every part there is."""

    def __init__(self, names: list[str], vectors: dict[str, str], has_test: bool, parts: Collection[str]) -> None:
        self.names, self.vectors, self.has_test, self.parts = names, vectors, has_test, frozenset(parts)

    def mistakes(self, name: str, path: tuple[str | int, ...]) -> Iterator[Mistake]:
        """What is wrong with waiting for `name`."""
        prefix, bare = self._split(name)
        if bare not in self.names:
            yield Mistake(path, "NN402", f"nothing in this run measures `{name}`", self._meant(name))
        elif prefix not in self.parts:
            yield Mistake(path, "NN402", f"nothing measures `{name}` {self._when()}", self._how_to_get(prefix))
        elif bare in self.vectors:
            yield Mistake(path, "NN402", f"`{name}` is a list of numbers, and one number is needed", self.vectors[bare])

    def _split(self, name: str) -> tuple[str, str]:
        prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")
        return prefix, name.removeprefix(prefix)

    def _when(self) -> str:
        return "in this run" if "test_" in self.parts or not self.has_test else "while training"

    def _meant(self, name: str) -> str:
        prefix, bare = self._split(name)
        right = closest(bare, self.names)
        if right is None:
            return f"there are: {', '.join(f'{part}{known}' for part in sorted(self.parts) for known in self.names)}"
        return f"did you mean `{prefix}{right}`?" + ("" if prefix in self.parts else f" {self._how_to_get(prefix).capitalize()}")

    def _how_to_get(self, prefix: str) -> str:
        if prefix == "val_":
            return "there is no validation part: set `dataset.validation`, for example to 0.1"
        if self.has_test:
            return "the test part is for the end: use the validation part"
        return "there is no test part in these data"
