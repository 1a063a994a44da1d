"""Predictions for a series that is longer than the windows a network was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.engine.build import build_network
from nncli.engine.runtime import tensorflow
from nncli.engine.state import assign_weights
from nncli.spec.experiment import Experiment


def predict_continuing(experiment: Experiment, weights: Weights, windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Predict windows that continue each other as one long series, from a zero state at its beginning.

    A network of its own does it: the state of the one in training is not touched.

    Args:
        experiment: the config of a network that gives an output for each time step.
        weights: its weights.
        windows: (num_windows, length, features).

    Returns:
        (num_windows, length, outputs), float32.
    """
    tf = tensorflow()
    num_windows, length, features = windows.shape
    network = build_network(
        experiment.model,
        name=experiment.name,
        input_shape=(num_windows * length, features),
        precision=experiment.training.precision,
        stateless=True,
    )
    assign_weights(network, weights)
    outputs = tf.cast(network(windows.reshape(1, num_windows * length, features), training=False), tf.float32).numpy()
    result: NDArray[np.float32] = outputs.reshape(num_windows, length, -1)
    return result
