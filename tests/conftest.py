"""For all tests: the same examples each time, so that a change is judged by its own faults; `make test-new` looks for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    # A core for each worker and its child processes: TensorFlow's threads wait by spinning, and would spin on each other's cores.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})

settings.register_profile("same", derandomize=True)
settings.register_profile("new", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("NNCLI_EXAMPLES", "same"))
