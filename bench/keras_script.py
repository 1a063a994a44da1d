"""The plain Keras script for a workload: reads the digits, trains, evaluates each part, saves h5.

`--best` is the same with the settings that make `fit` fastest: many steps a call, `tf.data`, XLA where nothing convolves.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

from bench import digits

parser = argparse.ArgumentParser(prog="python -m bench.keras_script")
parser.add_argument("network", choices=["cnn", "mlp", "simple_rnn", "lstm", "gru", "sine"])
parser.add_argument("--data", default="mnist_5k")
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--last-steps", type=int, default=0, help="steps of an epoch that is not finished, after the others")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--units", type=int, default=32)
parser.add_argument("--validation", type=float, default=0.0)
parser.add_argument("--best", action="store_true")
parser.add_argument("--folder", type=Path, required=True)
options = parser.parse_args()

layers = keras.layers
keras.utils.set_random_seed(options.seed)


def network() -> keras.Model:
    """The network of the workload."""
    digit = layers.Dense(10, activation="softmax")
    match options.network:
        case "cnn":
            parts = [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, 5, padding="same", activation="relu"),
                layers.MaxPooling2D(2, 2, padding="same"),
                layers.Conv2D(64, 5, padding="same", activation="relu"),
                layers.MaxPooling2D(2, 2, padding="same"),
                layers.Flatten(),
                layers.Dense(1024, activation="relu"),
                digit,
            ]
        case "mlp":
            parts = [keras.Input((784,)), layers.Dense(options.units, activation="relu"), digit]
        case "simple_rnn":
            parts = [keras.Input((28, 28)), layers.SimpleRNN(50, unroll=True), digit]
        case "lstm":
            parts = [keras.Input((28, 28)), layers.LSTM(50), digit]
        case "gru":
            parts = [keras.Input((28, 28)), layers.GRU(50, reset_after=False), digit]
        case "sine":
            recurrent = layers.LSTM(20, stateful=True, return_sequences=True)
            parts = [keras.Input((20, 1), batch_size=50), recurrent, layers.TimeDistributed(layers.Dense(1))]
    return keras.Sequential(parts)


def sine_batches() -> tuple[np.ndarray, np.ndarray]:
    """The windows of the 501 batches, one batch after the other."""
    points = np.arange(11000) / (10 * np.pi)
    windows = [np.float32(f(points)).reshape(550, 20, 1) for f in (np.sin, np.cos)]
    order = (np.arange(501)[:, np.newaxis] + np.arange(50)).ravel()
    return windows[0][order], windows[1][order]


class Marks(keras.callbacks.Callback):
    """Notes when each epoch ends; of a single epoch, every tenth part of it."""

    def __init__(self) -> None:
        """Begin to count."""
        super().__init__()
        self.began, self.marks, self.steps = time.perf_counter(), [], 0

    def _mark(self) -> None:
        self.marks.append([self.steps, time.perf_counter() - self.began])

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Count the steps."""
        done = min(batch + 1, per_epoch) - self.steps % per_epoch  # `fit` counts a call that was cut short as a whole one
        self.steps += done
        if total == per_epoch and self.steps * 10 // total > (self.steps - done) * 10 // total:
            self._mark()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Note the time."""
        if total > per_epoch:
            self._mark()


is_series = options.network == "sine"
if is_series:
    parts = (x_train, y_train) = sine_batches()
    held, test = [], None
    optimizer, loss, metrics = keras.optimizers.Adam(0.006), "mse", []
else:
    x_train, y_train, x_test, y_test = digits.read(options.data)
    shape = {"cnn": (28, 28, 1), "mlp": (784,)}.get(options.network, (28, 28))
    x_train, x_test = x_train.reshape(-1, *shape), x_test.reshape(-1, *shape)
    held = []
    if options.validation:
        from sklearn.model_selection import train_test_split

        x_train, x_held, y_train, y_held = train_test_split(
            x_train, y_train, test_size=options.validation, stratify=y_train, random_state=options.seed
        )
        held = [(x_held, y_held)]
    loss, metrics = "sparse_categorical_crossentropy", ["accuracy"]
    if options.network == "mlp":
        loss, y_train, y_test = "categorical_crossentropy", keras.utils.to_categorical(y_train), keras.utils.to_categorical(y_test)
    test = (x_test, y_test)
    optimizer = {
        "cnn": lambda: keras.optimizers.Adam(1e-4),
        "mlp": lambda: keras.optimizers.RMSprop(0.001, rho=0.9, epsilon=1e-8),
    }.get(options.network, lambda: keras.optimizers.Adam(0.001))()

size, epochs = options.batch_size, options.epochs
per_epoch = -(-len(x_train) // size)
total = per_epoch * epochs
model = network()
fast = {"steps_per_execution": min(50, max(1, per_epoch // 10)), "jit_compile": options.network != "cnn"} if options.best else {}
model.compile(optimizer, loss, metrics=metrics, **fast)
marks = Marks()
named = {"verbose": 0, "callbacks": [marks], "validation_data": held[0] if held else None}
if options.best:
    data = tf.data.Dataset.from_tensor_slices((x_train, y_train)).cache()
    data = data if is_series else data.shuffle(len(x_train))
    data = data.batch(size).prefetch(tf.data.AUTOTUNE)
    model.fit(data, epochs=epochs, **named)
else:
    model.fit(x_train, y_train, batch_size=size, epochs=epochs, shuffle=not is_series, **named)
if options.last_steps:  # the rest of a budget that ends within an epoch
    rest = np.random.default_rng(options.seed).permutation(len(x_train))[: options.last_steps * size]
    model.fit(x_train[rest], y_train[rest], batch_size=size, verbose=0, validation_data=named["validation_data"])
    marks.marks.append([total + options.last_steps, time.perf_counter() - marks.began])
accuracy = None
if not is_series:
    for x, y in ((x_train, y_train), *held, test):
        _, accuracy = model.evaluate(x, y, batch_size=32, verbose=0)
model.save(options.folder / "model.h5")
print(json.dumps({"marks": marks.marks, "accuracy": accuracy}))
