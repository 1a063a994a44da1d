"""`nncli predict RUN --prompt`: a text that goes on as the one that the network was trained on."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncli.commands.classes import class_scores
from nncli.commands.loading import load_trained
from nncli.data.texts.windows import cut, encode, join
from nncli.engine.events import never
from nncli.problems import Problem, error
from nncli.reports.runs import CompletionReport
from nncli.spec.datasets.text import Text


def complete(
    path: str | Path,
    prompt: str,
    *,
    which: str = "best",
    length: int = 40,
    temperature: float = 1.0,
    seed: int = 0,
    should_stop: Callable[[], bool] = never,
) -> CompletionReport:
    """Go on with a text.

    Args:
        path: a checkpoint or a run folder of a network that was trained on a `text`.
        prompt: how the text begins.
        which: `best` or `last`, for a run folder.
        length: how many characters or words to add.
        temperature: 0 takes the most probable one each time; 1 draws by the network's probabilities; above 1 more evenly.
        seed: where the draws start.
        should_stop: asked before each.

    Raises:
        KeyboardInterrupt: it was asked to stop.
        NncliError: NN603, the checkpoint is at fault; NN606, it was not trained on texts, or not to give probabilities.
    """
    if math.isnan(temperature):
        raise error("NN606", "a temperature is a number of 0 or more", "for example `--temperature 0.5`", argument="--temperature")
    trained = load_trained(path, which)
    dataset, preparation = trained.experiment.dataset, trained.preparation
    if not isinstance(dataset, Text):
        message = f"`--prompt` is for networks that were trained on a `text`, this one was on `{dataset.type}`"
        raise error("NN606", message, "give it inputs instead", argument="--prompt")
    vocabulary = preparation.class_names
    units = cut(prompt, dataset.unit, dataset.lowercase)
    numbers = encode(units, vocabulary)
    unknown = sorted({unit for unit, number in zip(units, numbers, strict=True) if number == 0})
    evaluator = trained.evaluator()
    generator = np.random.default_rng(seed)
    known, added = [0] * dataset.length + numbers.tolist(), 0
    while added < length:
        if should_stop():
            raise KeyboardInterrupt
        window = np.array([known[-dataset.length :]], np.int32)
        scores = class_scores(trained.experiment, evaluator.predict(window), len(vocabulary))
        if scores is None or scores.kind != "probability":
            hint = "let it end with `softmax`, a unit for each of the vocabulary"
            raise error("NN606", "this network's outputs are no probabilities of what comes next", hint, argument="--prompt")
        known.append(choose(scores.values[0], temperature, generator))
        added += 1
    continued = [*units, *(vocabulary[number] for number in known[len(known) - added :])]
    text = join(continued, dataset.unit)
    return CompletionReport(
        checkpoint=str(trained.path), prompt=prompt, text=text, length=added, temperature=temperature, problems=_notes(unknown)
    )


def choose(probabilities: NDArray[np.float32], temperature: float, generator: np.random.Generator) -> int:
    """Draw the next unit's number, never 0, which stands for the unknown.

    Args:
        probabilities: of each number, (vocabulary size,).
        temperature: 0 or more; the probabilities are raised to the power 1 / temperature.
        generator: where the draw comes from.
    """
    possible = np.isfinite(probabilities) & (probabilities > 0)
    possible[0] = False
    if temperature == 0 or not possible.any():
        return int(np.argmax(np.where(possible, probabilities, 0.0)[1:])) + 1
    logarithms = np.log(probabilities[possible].astype(np.float64))
    with np.errstate(over="ignore"):
        weights = np.exp((logarithms - logarithms.max()) / temperature)
    return int(generator.choice(np.flatnonzero(possible), p=weights / weights.sum()))


def _notes(unknown: list[str]) -> tuple[Problem, ...]:
    if not unknown:
        return ()
    shown = ", ".join(repr(unit) for unit in unknown[:10])
    return (Problem("NN502", f"the network has never seen {shown}", "it takes them for unknown", severity="warning"),)
