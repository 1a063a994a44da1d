"""One training as it is written into its run folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.commands.contents import checkpoint_image, now
from nncli.commands.figures import SeriesView, draw_figures, drawn_part
from nncli.commands.gates import failed_conditions
from nncli.commands.loading import Facts
from nncli.data.samples import Splits
from nncli.engine.events import Ended, Event, Listener, Measured, Measuring, Previewed, Saved, Snapshot
from nncli.engine.train import Trainer
from nncli.problems import Problem
from nncli.reports.base import Metrics, plain
from nncli.reports.runs import TrainReport
from nncli.runs.background import Background
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import MANIFEST, Manifest, State
from nncli.spec.datasets.generated import Series

PREVIEW_SECONDS: Final = 1.0
"""How often somebody who watches is shown what the network makes of its series."""


class Recording:
    """One training as it is written into its folder.

    Args:
        folder: the run's, whose manifest says that it runs.
        trainer: the run.
        facts: what else its bits depend on.
        manifest: what stands in the folder.
        listener: is shown every event.
        preview: whether it is shown what the network makes of a series, too.
    """

    def __init__(
        self, folder: RunFolder, trainer: Trainer, facts: Facts, manifest: Manifest, listener: Listener, preview: bool
    ) -> None:
        self.folder, self.trainer, self.facts, self.listener = folder, trainer, facts, listener
        self.problems: list[Problem] = []
        self._manifest = manifest
        is_series = preview and isinstance(trainer.experiment.dataset, Series)
        splits = trainer.splits
        self._view = SeriesView(trainer.experiment, splits.validation or splits.train, trainer.evaluator) if is_series else None
        self._previewed = 0.0
        self._outputs: list[NDArray[np.float32]] = []
        """What the best weights say of the part that is drawn."""

    def train(self, best: Weights | None = None) -> Ended:
        """Train, writing every event; whatever happens, the manifest says how it went."""
        state: State = "failed"
        try:
            with Background() as disk:
                ended = self._follow(self.trainer.run(best), disk)
            state = ended.reason if ended.reason in ("diverged", "interrupted") else "trained"
            return ended
        finally:
            self._write_manifest(state)

    def finish(self, ended: Ended) -> TrainReport:
        """Measure the best weights on every part, hold them to `expect`, and write the report."""
        metrics: dict[str, Metrics | None] = {"train": None, "validation": None, "test": None}
        outcome = ended.reason
        if outcome == "diverged":
            hint = "lower the learning rate, or clip the gradients (`optimizer.clipnorm`)"
            self.problems.append(Problem("NN801", ended.message, hint))
        elif outcome != "interrupted":
            measured = self._measure_parts(ended.best)
            if measured is None:
                outcome = "interrupted"
                ended = replace(ended, message="stopped while its best weights were measured")
            else:
                metrics = measured
                self.problems += failed_conditions(self.trainer.experiment.expect, metrics)
        report = self._report(ended, outcome, metrics)
        if outcome == "interrupted":
            self._write_manifest(outcome)
            return report
        self.folder.write_json("report.json", report.to_json())
        if outcome != "diverged" and not self._draw(ended.best):
            self._write_manifest("interrupted")
            return replace(report, outcome="interrupted", message="stopped while its pictures were drawn")
        self._write_manifest("diverged" if outcome == "diverged" else "finished")
        return report

    def _follow(self, events: Iterable[Event], disk: Background) -> Ended:
        """Record and show the events until the last."""
        for event in events:
            self._record(event, disk)
            self.listener(event)
            if isinstance(event, Measured) and self._view is not None:
                self._preview(self._view)
            if isinstance(event, Ended):
                return event
        raise AssertionError("training ends with an event")

    def _preview(self, view: SeriesView) -> None:
        if time.monotonic() - self._previewed >= PREVIEW_SECONDS:
            self.listener(Previewed(view.truth, view.predict(self.trainer.learner.capture_weights())))
            self._previewed = time.monotonic()

    def _draw(self, best: Weights) -> bool:
        """Draw the pictures, where the config does not forbid it; returns whether nobody asked to stop before the last one."""
        trainer = self.trainer
        if not trainer.experiment.training.figures:
            return True
        records = self.folder.read_metrics()
        outputs = np.concatenate(self._outputs) if self._outputs else None
        for drawing in draw_figures(trainer.experiment, trainer.splits, trainer.evaluator, best, records, outputs):
            if trainer.should_stop():
                return False
            self.folder.write_figure(drawing.name, drawing.png, drawing.csv)
        return True

    def _record(self, event: Event, disk: Background) -> None:
        match event:
            case Measured():
                record = {"step": event.step, "epoch": round(event.epoch, 6), **event.metrics}
                record |= {"learning_rate": event.learning_rate, "seconds": round(event.seconds, 3)}
                disk.do(partial(self.folder.append_metrics, record))
            case Saved():
                if event.best is not None:
                    disk.do(partial(self._write_checkpoint, "best", event.best))
                disk.do(partial(self._write_checkpoint, "last", event.last))
            case _:
                pass

    def _write_checkpoint(self, name: str, snapshot: Snapshot) -> None:
        self.folder.write_checkpoint(name, checkpoint_image(self.trainer, self.facts, snapshot))

    def _measure_parts(self, best: Weights) -> dict[str, Metrics | None] | None:
        splits, evaluator = self.trainer.splits, self.trainer.evaluator
        evaluator.assign(best)
        metrics: dict[str, Metrics | None] = {}
        for name, samples in (("train", splits.train), ("validation", splits.validation), ("test", splits.test)):
            outputs = self._outputs if name == drawn_part(splits) else None
            metrics[name] = None if samples is None else evaluator.evaluate(samples, self._tell(name, len(samples)), outputs)
            if samples is not None and metrics[name] is None:
                return None
        return metrics

    def _tell(self, part: str, num_samples: int) -> Callable[[int], None]:
        return lambda num_done: self.listener(Measuring(part, num_done, num_samples))

    def _report(self, ended: Ended, outcome: str, metrics: Mapping[str, Metrics | None]) -> TrainReport:
        plan = self.trainer.plan
        paths = {name: str(path) if (path := self.folder.checkpoint(name)).exists() else None for name in ("last", "best")}
        return TrainReport(
            name=self.trainer.experiment.name,
            outcome=outcome,
            message=ended.message,
            run_dir=str(self.folder.path),
            checkpoint=paths["last"],
            best_checkpoint=paths["best"],
            steps=ended.step,
            epochs=round(ended.step / plan.steps_per_epoch, 4),
            best_step=ended.best_step,
            metrics=metrics,
            seconds=round(ended.seconds, 3),
            samples_per_second=round(plan.samples_seen(ended.step) / ended.seconds, 1) if ended.seconds > 0 else 0.0,
            dataset=_dataset(self.trainer.splits),
            weights_digest=ended.best.digest(),
        )

    def _write_manifest(self, state: State) -> None:
        self._manifest = replace(self._manifest, state=state, step=self.trainer.state.step, changed=now())
        self.folder.write_json(MANIFEST, plain(self._manifest))


def _dataset(splits: Splits) -> dict[str, str | int]:
    parts = (("train", splits.train), ("validation", splits.validation), ("test", splits.test))
    return {"type": splits.preparation.dataset} | {name: 0 if part is None else len(part) for name, part in parts}
