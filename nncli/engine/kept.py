"""The snapshots that a run can fall back on: the last good state and the best weights."""

from __future__ import annotations

from collections.abc import Callable

from nncli.checkpoint.contents import Weights
from nncli.engine.events import Saved, Snapshot


class Kept:
    """The last good state and the best weights of a run.

    A snapshot that is offered counts once a loss computed with its weights is finite: weights may be finite and useless, such as
    those of a step that leapt to 1e30.

    Args:
        last: the state that the run starts from.
        best: the best weights so far, on disk already; None: there are none.
    """

    def __init__(self, last: Snapshot, best: Snapshot | None) -> None:
        self.last = last
        self._best, self._best_is_saved = best, best is not None
        self._new_last: Snapshot | None = None
        self._new_best: Snapshot | None = None

    @property
    def best(self) -> Snapshot:
        """The weights that count: the best, or the last ones where nothing told which are better."""
        best = self._best if self._best is not None else self.last
        return Snapshot(best.step, best.weights)

    def offer(self, last: Snapshot) -> bool:
        """Take a state that may become the last good one; returns False for weights that are no finite numbers."""
        if not last.weights.is_finite():
            return False
        self._new_last = last
        return True

    def offer_best(self, best: Snapshot) -> bool:
        """Take weights that may become the best ones; returns False for weights that are no finite numbers."""
        if not best.weights.is_finite():
            return False
        self._new_best = best
        return True

    def confirm(self) -> bool:
        """A loss with the weights on offer is finite, so they count from now on; returns whether there is a new last state."""
        if self._new_best is not None:
            self._best, self._best_is_saved = self._new_best, False
        is_new = self._new_last is not None
        self.last = self._new_last or self.last
        self._new_last = self._new_best = None
        return is_new

    def settle(self, is_sound: Callable[[Weights], bool]) -> bool:
        """Judge what is on offer where no step follows; returns whether the last state counts."""
        if self._new_best is not None and not is_sound(self._new_best.weights):
            self._new_best = None
        if self._new_last is None or not is_sound(self._new_last.weights):
            self._new_last = None
        return self.confirm()

    def saved(self) -> Saved:
        """The event that puts the last good state on disk, and the best weights where the disk has older ones."""
        is_new = self._best is None or not self._best_is_saved
        self._best_is_saved = True
        return Saved(self.last, self.best if is_new else None)
