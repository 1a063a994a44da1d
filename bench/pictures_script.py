"""The plain Keras script for a folder of pictures: its own pipeline, one epoch of a small network, evaluated and saved as h5."""

import argparse
import json
import os
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras

parser = argparse.ArgumentParser(prog="python -m bench.pictures_script")
parser.add_argument("--data", required=True)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

keras.utils.set_random_seed(options.seed)
pictures = keras.utils.image_dataset_from_directory(
    options.data, image_size=(224, 224), batch_size=32, seed=options.seed, verbose=False
)
layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((224, 224, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 4, strides=4, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
began, marks = time.perf_counter(), []
num_steps = len(pictures)


class Marks(keras.callbacks.Callback):
    """Notes when each thirtieth step ends."""

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Note the time."""
        if (batch + 1) % 30 == 0 or batch + 1 == num_steps:
            marks.append([batch + 1, time.perf_counter() - began])


model.fit(pictures, epochs=1, verbose=0, callbacks=[Marks()])
model.evaluate(pictures, verbose=0)
model.save(Path(options.data).parent / "pictures.h5")
print(json.dumps({"marks": marks, "accuracy": None}))
