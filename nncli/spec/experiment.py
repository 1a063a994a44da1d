"""The whole config."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nncli.spec.base import Spec, TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.conditions import ConditionText
from nncli.spec.datasets.base import Dataset
from nncli.spec.model import Model
from nncli.spec.training import Training
from nncli.spec.values import Many, Seed


class Experiment(Spec):
    """Everything that a training run is a function of, besides the data and the software."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$", max_length=100)]
    """Name of the experiment and of its folder below `runs/`: letters, digits, `_`, `-` and `.`."""
    seed: Seed = 0
    """Where all that is random starts from: first weights, order of the samples, dropout."""
    dataset: Annotated[Dataset, OneOf("dataset")]
    """What to train on."""
    model: Model
    """The network."""
    optimizer: Annotated[TypedSpec, OneOf("optimizer")]
    """How the weights follow the gradient."""
    loss: Annotated[TypedSpec, OneOf("loss")]
    """What training makes small."""
    metrics: Many[Annotated[TypedSpec, OneOf("metric")]] = ()
    """What is measured besides the loss."""
    training: Training = Field(default_factory=Training)
    """Budget, batches and what happens along the way."""
    expect: Many[ConditionText] = ()
    """Conditions on the final metrics; the command fails where one does not hold."""
