"""How the `keras2_*` files beside this one were made: by Keras 2 itself, which nncli and its tests have no use for otherwise.

    pip install --no-deps --target FOLDER tf-keras==2.21.0      # Keras 2, for TensorFlow 2.21
    PYTHONPATH=FOLDER python make_keras2.py

Weights are random, in moving averages, too; `keras2_expected.npz` holds inputs of each network and what Keras 2 predicted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tf_keras as keras

layers = keras.layers
FOLDER = Path(__file__).parent


def image() -> Any:
    return keras.Sequential(
        [
            layers.Conv2D(2, 3, activation="relu", input_shape=(8, 8, 1), kernel_initializer="he_normal"),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.1),
            layers.MaxPooling2D(2),
            layers.ZeroPadding2D(1),
            layers.Conv2D(2, 2, strides=2, padding="same", activation=layers.LeakyReLU(0.3), use_bias=False),
            layers.PReLU(shared_axes=[1, 2]),
            layers.AveragePooling2D((1, 2)),
            layers.SpatialDropout2D(0.2),
            layers.UpSampling2D(2),
            layers.Cropping2D(((1, 0), (0, 1))),
            layers.Flatten(),
            layers.Dense(
                4,
                activation="swish",
                kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform"),
                kernel_regularizer=keras.regularizers.L2(0.01),
                bias_constraint=keras.constraints.MaxNorm(3),
            ),
            layers.Dropout(0.5, noise_shape=(None, 1)),
            layers.Dense(3, activation="softmax"),
        ],
        name="image",
    )


def sequence() -> Any:
    return keras.Sequential(
        [
            layers.Embedding(9, 3, input_length=5, mask_zero=True),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True, dropout=0.1)),
            layers.GRU(3, return_sequences=True, reset_after=False),
            layers.GRU(2, return_sequences=True, go_backwards=True),
            layers.LayerNormalization(),
            layers.TimeDistributed(layers.Dense(3, activation="tanh")),
            layers.RNN(layers.StackedRNNCells([layers.GRUCell(2), layers.LSTMCell(3)]), return_sequences=True),
            layers.SimpleRNN(3, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="sequence",
    )


def vector() -> Any:
    names = ("gelu", "selu", "elu", "softplus", "softsign", "mish", "exponential", "linear", "leaky_relu", "relu6")
    return keras.Sequential(
        [
            layers.InputLayer((4,), name="features"),
            *(layers.Dense(3, activation=name) for name in names if hasattr(keras.activations, name)),
            layers.ReLU(6.0, 0.1, 0.05),
            layers.ELU(0.7),
            layers.GaussianNoise(0.1),
            layers.RepeatVector(4),
            layers.Permute((2, 1)),
            layers.Reshape((2, 6)),
            layers.UnitNormalization(),
            layers.GroupNormalization(2),
            layers.GlobalAveragePooling1D(),
            layers.Activation("tanh"),
            layers.Dense(3, trainable=False),
            layers.Softmax(),
        ],
        name="vector",
    )


def _random(generator: Any, variable: Any, low: float) -> Any:
    numbers = generator.uniform(low, 0.9, tuple(variable.shape)).astype(np.float32)
    return np.abs(numbers) + 0.5 if "variance" in variable.name else numbers


def main() -> None:
    """Write the networks, and what they predict."""
    generator, expected = np.random.default_rng(0), {}
    for make in (image, sequence, vector):
        model = make()
        if make is sequence:
            model.build((None, 5))
        model.set_weights([_random(generator, variable, 0.0 if make is image else -0.6) for variable in model.weights])
        shape = (6, *model.input_shape[1:])
        inputs = generator.integers(0, 9, shape) if make is sequence else generator.normal(size=shape).astype(np.float32)
        expected[f"{model.name}_inputs"], expected[f"{model.name}_outputs"] = inputs, model.predict(inputs, verbose=0)
        if make is image:
            rate = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
            loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
            model.compile(keras.optimizers.SGD(rate, momentum=0.9, nesterov=True), loss, metrics=["acc", "mae"])
        if make is sequence:
            model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="area")])
        model.save(FOLDER / f"keras2_{model.name}.h5")
        if make is sequence:
            model.save(FOLDER / f"keras2_{model.name}.keras")
    np.savez(FOLDER / "keras2_expected.npz", **expected)


if __name__ == "__main__":
    main()
