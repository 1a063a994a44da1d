"""What a person sees while a network is trained."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.text import Text

from nncli.engine.events import Ended, Event, Measured, Measuring, Previewed, Saved, Started, Stepped, Warned
from nncli.render.charts import sparkline, two_lines
from nncli.render.problems import show_problems

REFRESHES_PER_SECOND: Final = 10
CHART_WIDTH: Final = 60
SERIES_HEIGHT: Final = 5
PLAIN_SECONDS: Final = 3.0
"""How often a line is written where there is no terminal."""


class TrainingProgress:
    """A listener for training's events: a live display on a terminal, a plain line every few seconds elsewhere.

    Args:
        console: where to show it: standard error.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._live: Live | None = None
        self._line = Text()
        self._losses: list[float] = []
        self._chart = Text()
        self._series = Text()
        self._measuring = Text()
        self._task = TaskID(0)
        self._started = Started(0, 0, 1, 1, 0)
        self._metrics: Mapping[str, float] = {}
        self._latest: tuple[int, Mapping[str, float]] = (0, {})
        """The last step that there is something to say about, and what."""
        self._said: tuple[int, Mapping[str, float]] | None = None
        self._speed = _Speed()
        self._last_line = 0.0
        self._preparing = Status("reading the data, starting TensorFlow", console=console)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._preparing.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._preparing.stop()
        if self._live is not None:
            self._measuring.plain = ""
            self._arrange()
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Started():
                self._start(event)
            case Stepped():
                self._speed.add(event.step)
                self._step(event.step, {**self._metrics, "loss": event.loss})
            case Measured():
                self._metrics = event.metrics
                self._step(event.step, event.metrics)
            case Previewed(truth=truth, predicted=predicted):
                self._series = two_lines(truth.tolist(), predicted.tolist(), CHART_WIDTH, SERIES_HEIGHT)
                self._series.append("\ntruth", style="blue").append("  predicted", style="yellow")
                self._arrange()
            case Ended():
                if self._bar is None and self._latest[1] and self._said != self._latest:
                    self._print(*self._latest)
            case Measuring():
                self._measure(event)
            case Warned():
                show_problems(event.problems, self._console)
            case Saved():
                pass

    def _start(self, event: Started) -> None:
        self._preparing.stop()
        self._started = event
        self._speed = _Speed()
        self._speed.add(event.step)
        how = f"from step {event.step} " if event.step else ""
        self._console.print(
            f"{event.num_parameters:,} parameters, {event.total_steps:,} steps {how}in batches of {event.batch_size:,},"
            f" {event.steps_per_epoch:,} step{'' if event.steps_per_epoch == 1 else 's'} an epoch",
            highlight=False,
        )
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("epoch {task.fields[epoch]}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}"),
                TimeRemainingColumn(compact=True),
                auto_refresh=False,
            )
            self._task = self._bar.add_task(
                "", total=event.total_steps, completed=event.step, epoch=self._epoch(event.step), speed=""
            )
            # The metrics have a line of their own: beside the bar, a narrow terminal would cut them off.
            self._live = Live(
                Group(self._bar, self._line, self._chart), console=self._console, refresh_per_second=REFRESHES_PER_SECOND
            )
            self._live.start()

    def _measure(self, event: Measuring) -> None:
        said = f"measuring the best weights on {event.part}: {event.num_done:,} of {event.num_samples:,} samples"
        if self._live is not None:
            is_new, self._measuring.plain = not self._measuring.plain, said
            if is_new:
                self._arrange()
        elif time.monotonic() - self._last_line >= PLAIN_SECONDS:
            self._last_line = time.monotonic()
            self._console.print(said, highlight=False, soft_wrap=True)

    def _step(self, step: int, metrics: Mapping[str, float]) -> None:
        self._latest = (step, metrics)
        if self._bar is not None:
            self._bar.update(self._task, completed=step, epoch=self._epoch(step), speed=self._samples_per_second())
            self._line.plain = describe_metrics(metrics)
            self._add_loss(metrics.get("loss"))
        elif time.monotonic() - self._last_line >= PLAIN_SECONDS:
            self._print(step, metrics)

    def _add_loss(self, loss: object) -> None:
        if isinstance(loss, float):
            self._losses.append(loss)
            if len(self._losses) > 4 * CHART_WIDTH:  # bounded: every second one says as much
                self._losses = self._losses[::2]
        self._chart.plain = f"loss {sparkline(self._losses, CHART_WIDTH)}"

    def _arrange(self) -> None:
        """Show what there is to show beside the bar."""
        if self._live is not None and self._bar is not None:
            more = (text for text in (self._series, self._measuring) if text.plain)
            self._live.update(Group(self._bar, self._line, self._chart, *more))

    def _print(self, step: int, metrics: Mapping[str, float]) -> None:
        self._last_line, self._said = time.monotonic(), (step, metrics)
        parts = [
            f"step {step}/{self._started.total_steps}",
            f"epoch {self._epoch(step)}",
            describe_metrics(metrics),
            self._samples_per_second(),
        ]
        self._console.print("  ".join(part for part in parts if part), highlight=False, soft_wrap=True)

    def _epoch(self, step: int) -> str:
        return f"{-(-step // self._started.steps_per_epoch)}/{-(-self._started.total_steps // self._started.steps_per_epoch)}"

    def _samples_per_second(self) -> str:
        rate = self._speed.steps_per_second() * self._started.batch_size
        return f"{rate:,.0f} samples/s" if rate else ""


class _Speed:
    """Steps a second over the last few seconds."""

    def __init__(self) -> None:
        self._points: list[tuple[float, int]] = []

    def add(self, step: int) -> None:
        self._points = [*self._points[-30:], (time.monotonic(), step)]

    def steps_per_second(self) -> float:
        (begin, first), (end, last) = self._points[0], self._points[-1]
        return (last - first) / (end - begin) if end > begin else 0.0


def describe_metrics(metrics: Mapping[str, float]) -> str:
    """Metrics on one line: `loss 0.1234  accuracy 0.967`."""
    return "  ".join(f"{name} {value:.4g}" for name, value in metrics.items() if isinstance(value, float | int))
