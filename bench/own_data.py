"""Workloads on data of one's own: a table of a million rows, ten thousand pictures, a million predictions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.contenders import Contender, nncli, script
from bench.measure import Run, run
from bench.workloads import Asked, Workload

NUM_ROWS, NUM_COLUMNS, NUM_PICTURES, SIDE = 1_000_000, 50, 10_000, 224
DATA_MEMORY = 100
"""Megabytes that the inputs may take in memory."""


def write_table(folder: Path, kind: str) -> Path:
    """A table of random numbers, with a `label` that follows from some of them."""
    import pyarrow
    from pyarrow import csv, parquet

    path = folder / f"table.{kind}"
    if not path.exists():
        values = np.random.default_rng(0).normal(size=(NUM_COLUMNS, NUM_ROWS)).astype(np.float32).round(4)
        label = pyarrow.array(np.where(values[:5].sum(axis=0) > 0, "yes", "no"))
        columns = {f"x{number}": column for number, column in enumerate(values)} | {"label": label}
        (csv.write_csv if kind == "csv" else parquet.write_table)(pyarrow.table(columns), path)
    return path


def write_pictures(folder: Path) -> Path:
    """A folder of JPEG pictures in two classes, smooth ones with some noise, as photographs are."""
    from PIL import Image

    place = folder / "pictures"

    def write(number: int) -> None:
        rng = np.random.default_rng(number)
        coarse = Image.fromarray(rng.integers(0, 256, (14, 14, 3), np.uint8)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        noisy = np.asarray(coarse, np.int16) + rng.integers(-8, 9, (SIDE, SIDE, 3), np.int16)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(place / f"class{number % 2}" / f"{number}.jpg")

    if not place.exists():
        for name in ("class0", "class1"):
            (place / name).mkdir(parents=True)
        with ThreadPoolExecutor() as pool:
            list(pool.map(write, range(NUM_PICTURES)))
    return place


def table_config(kind: str) -> Callable[[Path], Path]:
    """Writes a table of a kind, and the config of a network for it."""

    def write(folder: Path) -> Path:
        path = folder / f"table_{kind}.yaml"
        path.write_text(
            f"name: table\ndataset: {{type: {kind}, path: {write_table(folder, kind).name}, target: label, test: 0.01}}\n"
            "model: {layers: [{type: dense, units: 32, activation: relu}, {type: dense, units: 2, activation: softmax}]}\n"
            "optimizer: adam\nloss: sparse_categorical_crossentropy\nmetrics: [accuracy]\n"
            f"training: {{batch_size: 256, epochs: 1, log_every: {{steps: 300}}, data_memory: {DATA_MEMORY}}}\n"
        )
        return path

    return write


def pictures_config(folder: Path) -> Path:
    """Writes the pictures, and the config of a small network for them."""
    path = folder / "pictures.yaml"
    path.write_text(
        f"name: pictures\ndataset: {{type: image_folder, path: {write_pictures(folder).name}, preprocess: [rescale]}}\n"
        "model:\n  layers:\n    - {type: conv2d, filters: 8, kernel_size: 4, strides: 4, activation: relu}\n"
        "    - global_average_pooling2d\n    - {type: dense, units: 2, activation: softmax}\n"
        "optimizer: adam\nloss: sparse_categorical_crossentropy\nmetrics: [accuracy]\n"
        "training: {batch_size: 32, epochs: 1, log_every: {steps: 30}}\n"
    )
    return path


def predict_all() -> Contender:
    """`nncli predict` for each row of the table; a row counts as a step."""

    def work(seed: int, folder: Path) -> Run:
        trained = folder / "trained"
        if not trained.exists():
            config = str(table_config("csv")(folder))
            run([sys.executable, "-m", "nncli", "train", config, "--json", "--out", str(trained), "--set", "training.epochs=1"])
        out = folder / f"answers{seed}.csv"
        command = [sys.executable, "-m", "nncli", "predict", str(trained), str(folder / "table.csv"), "-o", str(out), "--json"]
        done = run(command)
        out.unlink()
        return Run(done.wall, done.peak, {"marks": [(0, 0.0), (NUM_ROWS, done.wall)], "accuracy": None})

    return Contender("nncli predict", work)


LIMIT = DATA_MEMORY + 1024
OWN_DATA = {
    "table": Workload(
        f"a table of {NUM_ROWS:,} rows and {NUM_COLUMNS} columns, data_memory: {DATA_MEMORY}",
        256,
        tuple(nncli(table_config(kind), name=f"nncli, {kind}") for kind in ("csv", "parquet")),
        tuple(Asked("peak", f"nncli, {kind}", None, LIMIT) for kind in ("csv", "parquet")),
    ),
    "pictures": Workload(
        f"{NUM_PICTURES:,} pictures of {SIDE} x {SIDE}, one epoch",
        32,
        (nncli(pictures_config), script("Keras's image_dataset_from_directory", "pictures_script", data=write_pictures)),
        (Asked("wall", "nncli", "Keras's image_dataset_from_directory", 1.0),),
    ),
    "predict": Workload(f"predict for {NUM_ROWS:,} rows of {NUM_COLUMNS} columns; a step is a row", 1, (predict_all(),)),
}
