"""The plain Keras script for what `configs/cnn_mnist.yaml` describes: reads, trains, validates each epoch, evaluates, saves h5.

Usage: python -m bench.keras_cnn EPOCHS FOLDER
Prints one line of JSON: seconds of `fit` and the test accuracy.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from sklearn.model_selection import train_test_split

import nncli.data.mnist_5k as digits

epochs, folder = int(sys.argv[1]), Path(sys.argv[2])
keras.utils.set_random_seed(0)
train, test = digits.read()
x_train, x_test = (part.inputs.astype("float32") / np.float32(255) for part in (train, test))
x_train, x_validation, y_train, y_validation = train_test_split(
    x_train, train.targets, test_size=0.1, stratify=train.targets, random_state=0
)
layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2, 2, padding="same"),
        layers.Conv2D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2, 2, padding="same"),
        layers.Flatten(),
        layers.Dense(1024, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
began = time.perf_counter()
model.fit(x_train, y_train, batch_size=64, epochs=epochs, validation_data=(x_validation, y_validation), verbose=0)
seconds = time.perf_counter() - began
for x, y in ((x_train, y_train), (x_validation, y_validation), (x_test, test.targets)):
    _, accuracy = model.evaluate(x, y, batch_size=32, verbose=0)
model.save(folder / "model.h5")
print(json.dumps({"seconds": seconds, "accuracy": accuracy}))
