"""Whether tests take their time: `make test-faults` does, `make test` tries a few of many cases."""

import os
from typing import Final

WHOLE: Final = os.environ.get("NNCLI_FAULTS") == "all"
