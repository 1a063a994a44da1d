"""What is told of runs that are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nncli.reports.base import Metrics, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in a line.

    Attributes:
        run: the run folder.
        name: the experiment's.
        state: `running`, `interrupted` (also by a kill), `finished`, `diverged` or `failed`.
        step, total_steps: steps done, as far as the history tells, and planned.
        metric, value: what makes its weights the best, and its best value so far; null without a validation part, where the last
            weights are kept.
        best_step: when the best weights were; null before anything was measured.
        seconds: time spent training.
        created: when the run began.
    """

    run: str
    name: str
    state: str
    step: int
    total_steps: int
    metric: str | None
    value: float | None
    best_step: int | None
    seconds: float
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsReport(Report):
    """The runs of a folder.

    Attributes:
        folder: where they lie.
        runs: by name, the oldest first.
    """

    folder: str
    runs: tuple[RunSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport(Report):
    """A run in full.

    Attributes:
        summary: it in a line.
        seed, threads, mode: what its bits depend on besides config and data.
        fingerprint: SHA-256 of its data.
        versions: package -> version.
        machine: system, processor and CPU.
        metrics: the final ones by part; null before the end.
        files: path in the folder -> bytes.
    """

    summary: RunSummary
    seed: int
    threads: int
    mode: str
    fingerprint: str
    versions: Mapping[str, str]
    machine: Mapping[str, str]
    metrics: Mapping[str, Metrics | None] | None
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Something on which two runs do not agree.

    Attributes:
        what: a key of the config, a package, a fact, or a metric such as `test.accuracy`.
        first, second: what each has; null where it has nothing of the kind.
    """

    what: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsDiffReport(Report):
    """How two runs differ.

    Attributes:
        first, second: the run folders.
        config, surroundings, metrics: what differs in the config; in versions, machine, data and threads; in the final metrics.
        same_weights: whether the best weights are the same to the bit; null where a report is missing.
    """

    first: str
    second: str
    config: tuple[Differing, ...]
    surroundings: tuple[Differing, ...]
    metrics: tuple[Differing, ...]
    same_weights: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedReport(Report):
    """Runs that were removed.

    Attributes:
        runs: their folders.
        bytes: how much they took.
    """

    runs: tuple[str, ...]
    bytes: int
