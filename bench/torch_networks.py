"""The networks of the workloads in PyTorch, started as Keras starts them, and how this machine computes them fastest."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from bench import digits


class LastState(nn.Module):
    """A recurrent layer that gives its last output."""

    def __init__(self, layer: nn.Module) -> None:
        """Take the layer."""
        super().__init__()
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """From (batch, time, features) to (batch, units)."""
        return self.layer(inputs)[0][:, -1]


class Sine(nn.Module):
    """An LSTM that keeps its state from batch to batch, and a unit for each of its outputs."""

    def __init__(self) -> None:
        """Begin with a state of zeros."""
        super().__init__()
        self.lstm, self.out, self.state = nn.LSTM(1, 20, batch_first=True), nn.Linear(20, 1), None

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """From (batch, time, 1) to (batch, time, 1)."""
        outputs, state = self.lstm(inputs, self.state)
        self.state = tuple(part.detach() for part in state)
        return self.out(outputs)


def build(name: str, units: int) -> nn.Module:
    """One of the networks; its outputs are scores, since PyTorch's cross-entropy holds the softmax."""
    match name:
        case "cnn":
            convolutions = (nn.Conv2d(1, 32, 5, padding=2), nn.Conv2d(32, 64, 5, padding=2))
            parts = [layer for part in convolutions for layer in (part, nn.ReLU(), nn.MaxPool2d(2, 2))]
            network = nn.Sequential(*parts, nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10))
        case "mlp":
            network = nn.Sequential(nn.Flatten(), nn.Linear(784, units), nn.ReLU(), nn.Linear(units, 10))
        case "sine":
            network = Sine()
        case _:
            kind = {"simple_rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[name]
            network = nn.Sequential(LastState(kind(28, 50, batch_first=True)), nn.Linear(50, 10))
    for parameter_name, parameter in network.named_parameters():
        if parameter.ndim < 2:
            nn.init.zeros_(parameter)
        else:
            (nn.init.orthogonal_ if "weight_hh" in parameter_name else nn.init.xavier_uniform_)(parameter)
    return network


def optimizer(name: str, parameters: Any) -> torch.optim.Optimizer:
    """The optimizer of a workload, with Keras's defaults."""
    if name == "mlp":
        return torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-8)
    return torch.optim.Adam(parameters, lr={"cnn": 1e-4, "sine": 0.006}.get(name, 0.001), eps=1e-7, fused=True)


def loss(name: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The loss of a batch, a scalar."""
    return (nn.functional.mse_loss if name == "sine" else nn.functional.cross_entropy)(outputs, targets)


def read(name: str) -> tuple[torch.Tensor, ...]:
    """Training inputs and targets, and those of the test where there is one, as tensors in memory."""
    if name == "sine":
        points = np.arange(11000) / (10 * np.pi)
        return tuple(torch.from_numpy(np.float32(f(points)).reshape(550, 20, 1)) for f in (np.sin, np.cos))
    shape = (28, 28) if name in ("simple_rnn", "lstm", "gru") else (1, 28, 28)
    x_train, y_train, x_test, y_test = digits.read("mnist_5k")
    pairs = [
        (torch.from_numpy(x.reshape(-1, *shape)), torch.from_numpy(y.astype(np.int64)))
        for x, y in ((x_train, y_train), (x_test, y_test))
    ]
    return pairs[0] + pairs[1]


def prepare(
    name: str, units: int, seed: int, layout: torch.memory_format, *, compiled: bool
) -> tuple[nn.Module, Callable[..., None]]:
    """A fresh network, and a function that takes one step with a batch of inputs and targets."""
    torch.manual_seed(seed)
    network = build(name, units).to(memory_format=layout)
    updater = optimizer(name, network.parameters())
    forward = torch.compile(network) if compiled else network

    def step(inputs: torch.Tensor, targets: torch.Tensor) -> None:
        value = loss(name, forward(laid_out(inputs, layout)), targets)
        updater.zero_grad(set_to_none=True)
        value.backward()
        updater.step()

    return network, step


def laid_out(inputs: torch.Tensor, layout: torch.memory_format) -> torch.Tensor:
    """A batch in a memory layout, where it consists of images."""
    return inputs.contiguous(memory_format=layout) if inputs.ndim == 4 else inputs


def fastest(name: str, units: int, inputs: torch.Tensor, targets: torch.Tensor, *, compiled: bool = False) -> torch.memory_format:
    """Set the number of threads, and return the layout, with which ten steps of a batch take least on this machine."""
    layouts = [torch.contiguous_format, torch.channels_last] if name == "cnn" else [torch.contiguous_format]
    took = {}
    for threads, layout in itertools.product({1, len(os.sched_getaffinity(0))}, layouts):
        torch.set_num_threads(threads)
        _, step = prepare(name, units, 0, layout, compiled=compiled)
        step(inputs, targets)
        began = time.perf_counter()
        for _ in range(10):
            step(inputs, targets)
        took[threads, layout] = time.perf_counter() - began
    threads, layout = min(took, key=took.get)
    torch.set_num_threads(threads)
    return layout
