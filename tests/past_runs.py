"""A run that nobody trained: its config, its manifest, its history."""

from __future__ import annotations

from nncli.runs.manifest import Manifest, Watched

CONFIG = """\
name: tiny
dataset: {type: inline, inputs: [[0.0], [1.0], [2.0], [3.0]], targets: [0.0, 1.0, 2.0, 3.0], validation: 0.25}
model: {layers: [{type: dense, units: 1}]}
optimizer: {type: adam, learning_rate: 0.1}
loss: mse
training: {steps: 30}
"""
MANIFEST = Manifest(
    name="tiny",
    state="finished",
    created="2026-11-23T10:11:12+00:00",
    changed="2026-11-23T10:12:12+00:00",
    step=30,
    total_steps=30,
    seed=0,
    order="shuffled",
    threads=1,
    mode="loop",
    versions={"keras": "3.15.1"},
    fingerprint="ab" * 32,
    machine={"system": "Linux", "processor": "x86_64", "cpu": "of some kind"},
    best=Watched("val_loss", upwards=False),
)
HISTORY = [
    {"step": 10, "loss": 3.0, "val_loss": 2.0, "seconds": 0.5},
    {"step": 20, "loss": 2.0, "val_loss": 1.0, "seconds": 1.0},
    {"step": 30, "loss": 1.0, "val_loss": None, "seconds": 75.2},
]
