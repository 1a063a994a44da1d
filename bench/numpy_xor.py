"""The loop that `configs/xor.yaml` describes, in NumPy: 60,000 full-batch steps of back-propagation."""

import json
import time

import numpy as np

inputs = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32)
targets = np.array([[0], [1], [1], [0]], np.float32)
generator = np.random.RandomState(1)
first = generator.uniform(-1, 1, (3, 4)).astype(np.float32)
second = generator.uniform(-1, 1, (4, 1)).astype(np.float32)

marks, began = [], time.perf_counter()
for step in range(1, 60_001):
    hidden = 1 / (1 + np.exp(-inputs @ first))
    outputs = 1 / (1 + np.exp(-hidden @ second))
    at_outputs = (targets - outputs) * outputs * (1 - outputs)
    at_hidden = (at_outputs @ second.T) * hidden * (1 - hidden)
    second += hidden.T @ at_outputs
    first += inputs.T @ at_hidden
    if step % 6000 == 0:
        marks.append([step, time.perf_counter() - began])
print(json.dumps({"marks": marks, "outputs": outputs[:, 0].tolist()}))
