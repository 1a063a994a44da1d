"""For all tests: the same examples each time, so that a change is judged by its own faults; `make fuzz` looks for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("new", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("NNCLI_EXAMPLES", "same"))
