"""Predictions for a series that is longer than the windows a network was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.engine.build import build_network
from nncli.engine.runtime import tensorflow
from nncli.engine.state import assign_weights
from nncli.spec.experiment import Experiment


class Continuation:
    """A network that goes through windows that continue each other as through one long series.

    It is a network of its own: the state of the one in training is not touched.

    Args:
        experiment: the config of a network that gives an output for each time step.
        windows: (num_windows, length, features).
    """

    def __init__(self, experiment: Experiment, windows: NDArray[np.float32]) -> None:
        num_windows, length, features = windows.shape
        self._num_windows = num_windows
        self._inputs = windows.reshape(1, num_windows * length, features)
        self._network = build_network(
            experiment.model,
            name=experiment.name,
            input_shape=self._inputs.shape[1:],
            precision=experiment.training.precision,
            stateless=True,
        )

    def predict(self, weights: Weights) -> NDArray[np.float32]:
        """Predict all windows, from a zero state at the beginning of the first: (num_windows, length, outputs), float32."""
        tf = tensorflow()
        assign_weights(self._network, weights)
        outputs = tf.cast(self._network(self._inputs, training=False), tf.float32).numpy()
        result: NDArray[np.float32] = outputs.reshape(self._num_windows, -1, outputs.shape[-1])
        return result
