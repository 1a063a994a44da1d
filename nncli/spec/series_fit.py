"""Whether a series leaves anything to predict."""

from __future__ import annotations

from collections.abc import Iterator

from nncli.spec.base import Mistake
from nncli.spec.datasets.generated import Series
from nncli.spec.experiment import Experiment
from nncli.spec.formula import Formula, names_in, parse_formula, variables_of


def series_mistakes(experiment: Experiment) -> Iterator[Mistake]:
    """A warning for each target of a series that is an input at the very same point: a network learns to copy it, and nothing else.

    Args:
        experiment: the config.
    """
    dataset = experiment.dataset
    if not isinstance(dataset, Series) or dataset.horizon:
        return
    inputs = [_parsed(text) for text in dataset.inputs]
    for index, text in enumerate(dataset.targets):
        target = _parsed(text)
        if target in inputs and any(variables_of(target)):
            message = f"`{text:.40}` is also an input, at the same point (`horizon: 0`): the network can copy it"
            hint = "set `dataset.horizon: 1` to predict the next point, or leave it out of `inputs`"
            yield Mistake(("dataset", "targets", index), "NN403", message, hint, "warning")


def _parsed(text: str) -> Formula:
    return parse_formula(text, names_in(text))
