"""The plain PyTorch script for a workload, eager or compiled: data as tensors in memory, each batch gathered from them.

Before it begins it tries both memory layouts and both numbers of threads, and keeps what is fastest on this machine.
"""

import argparse
import json
import time

import torch

from bench.torch_networks import fastest, prepare, read

parser = argparse.ArgumentParser(prog="python -m bench.torch_script")
parser.add_argument("network", choices=["cnn", "mlp", "simple_rnn", "lstm", "gru", "sine"])
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--units", type=int, default=32)
parser.add_argument("--compiled", action="store_true")
options = parser.parse_args()
name, size, is_series = options.network, options.batch_size, options.network == "sine"

x, y, *test = read(name)
layout = fastest(name, options.units, x[:size], y[:size], compiled=options.compiled)
network, step = prepare(name, options.units, options.seed, layout, compiled=options.compiled)
marks, steps, began = [], 0, time.perf_counter()
for _ in range(options.epochs):
    # The series' batches are windows that begin one later each time.
    batches = [start + torch.arange(size) for start in range(501)] if is_series else torch.randperm(len(x)).split(size)
    for rows in batches:
        step(x[rows], y[rows])
        steps += 1
        if steps % max(1, len(batches) // (10 if options.epochs == 1 else 1)) == 0:
            marks.append([steps, time.perf_counter() - began])
accuracy = None
if test:
    with torch.no_grad():
        accuracy = float((network(test[0]).argmax(1) == test[1]).float().mean())
print(json.dumps({"marks": marks, "accuracy": accuracy, "threads": torch.get_num_threads(), "layout": str(layout)}))
