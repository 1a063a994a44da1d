"""Mixup: every sample of a batch blended with another of the same batch.

Partners and shares are drawn with NumPy beside the order of the samples, since Keras's beta distribution does not run under XLA,
and since a draw that follows from seed and epoch alone needs no place in a checkpoint.

Source: Zhang, Cisse, Dauphin & Lopez-Paz, 2018 (arXiv 1710.09412); a share for each sample, as in `keras.layers.MixUp`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.engine.batch import Batch
from nncli.engine.plan import Plan
from nncli.engine.runtime import tensorflow
from nncli.engine.weights import along

_STREAM: Final = 1
"""Keeps these draws apart from those of the order, which come from the same seed and epoch."""

Draws = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Partners, each the place of a sample in the same batch, and the sample's own share, from 0 to 1: (steps, batch_size) both."""


class MixupDraws:
    """Gives partners and shares of any stretch of steps: a pure function of seed and epoch.

    The partners of a batch are a permutation of it, so that each of its samples counts as often as without. One may be its own.

    Args:
        plan: batches and epochs.
        alpha: both parameters of the beta distribution of the shares, above 0.
        seed: the experiment's seed.
    """

    def __init__(self, plan: Plan, alpha: float, seed: int) -> None:
        self._plan, self._alpha, self._seed = plan, alpha, seed
        self._epoch = -1
        self._drawn: Draws = (np.empty((0, plan.batch_size), np.int32), np.empty((0, plan.batch_size), np.float32))

    def draws(self, start: int, end: int) -> Draws:
        """Partners and shares of the steps `start` to `end`, the last left out.

        Where an epoch ends with a partial batch, its partners are filled up with zeros, its shares with what nobody looks at.
        """
        per_epoch = self._plan.steps_per_epoch
        partners, shares = [self._drawn[0][:0]], [self._drawn[1][:0]]
        while start < end:
            epoch, first = divmod(start, per_epoch)
            stop = min(per_epoch, first + end - start)
            drawn = self._of_epoch(epoch)
            partners.append(drawn[0][first:stop])
            shares.append(drawn[1][first:stop])
            start += stop - first
        return np.concatenate(partners), np.concatenate(shares)

    def _of_epoch(self, epoch: int) -> Draws:
        if epoch != self._epoch:
            entropy = np.random.SeedSequence([self._seed, epoch], spawn_key=(_STREAM,))
            self._drawn, self._epoch = self._draw(np.random.default_rng(entropy)), epoch
        return self._drawn

    def _draw(self, generator: np.random.Generator) -> Draws:
        plan = self._plan
        partners: NDArray[np.int32] = np.tile(np.arange(plan.batch_size, dtype=np.int32), (plan.steps_per_epoch, 1))
        if rest := plan.partial_batch:
            partners[:-1] = generator.permuted(partners[:-1], axis=1)
            partners[-1, :rest], partners[-1, rest:] = generator.permutation(rest), 0
        else:
            partners = generator.permuted(partners, axis=1)
        return partners, generator.beta(self._alpha, self._alpha, partners.shape).astype(np.float32)


class Mixup:
    """Blends batches inside the compiled loop.

    Args:
        draws: partners and shares.
        num_steps: most steps of one call.
        batch_size: samples a step.
    """

    def __init__(self, draws: MixupDraws, num_steps: int, batch_size: int) -> None:
        tf = tensorflow()
        self._draws = draws
        self._partners = tf.Variable(tf.zeros((num_steps, batch_size), tf.int32), trainable=False)
        self._shares = tf.Variable(tf.zeros((num_steps, batch_size)), trainable=False)

    def load(self, start: int, end: int) -> None:
        """Make the draws of the steps `start` to `end` ready."""
        for variable, drawn in zip((self._partners, self._shares), self._draws.draws(start, end), strict=True):
            filled = np.zeros(variable.shape, drawn.dtype)
            filled[: len(drawn)] = drawn
            variable.assign(filled)

    def blend(self, position: Any, inputs: Any, targets: Any, weights: Any) -> Batch:
        """The batch whose samples are blended with others of it.

        The inputs are x = l x1 + (1 - l) x2, the loss l loss(y1) + (1 - l) loss(y2), each term with the weight of the sample that
        its target belongs to. The metrics look at the sample with the larger share.

        Args:
            position: how many steps lie between its step and the first that is loaded, int32.
            inputs, targets: of the samples, floats and any numbers.
            weights: of the samples, or None.
        """
        tf = tensorflow()
        size = int(inputs.shape[0])
        partners, share = tf.gather(self._partners, position)[:size], tf.gather(self._shares, position)[:size]
        own = along(share, inputs.shape.rank)
        others = None if weights is None else tf.gather(weights, partners)
        answers = (
            (targets, _weighted(share, weights)),
            (tf.gather(targets, partners), _weighted(1.0 - share, others)),
        )
        heavier = tf.where(share >= 0.5, tf.range(size), partners)
        return Batch(inputs * own + tf.gather(inputs, partners) * (1.0 - own), answers, tf.gather(targets, heavier), size)


def _weighted(share: Any, weights: Any) -> Any:
    """Weights of samples, or of their time steps, times the share of each sample."""
    return share if weights is None else along(share, weights.shape.rank) * weights
