"""`python -m tests.fuzz TARGET SECONDS`: inputs that atheris makes up, led by the code that they reach.

What it finds lies in `.fuzz/TARGET/` as `crash-*`, `timeout-*` or `oom-*`. Once it is mended, it goes to `tests/fuzz/kept/TARGET/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["nncli", "yaml", "zipfile", "numpy.lib", "h5py"]):
    from tests.fuzz.targets import TARGETS, seeds

target, seconds = sys.argv[1], int(sys.argv[2])
folder = Path(".fuzz", target)
corpus = folder / "corpus"
corpus.mkdir(parents=True, exist_ok=True)
for number, data in enumerate((*seeds(target), *(path.read_bytes() for path in Path("tests/fuzz/kept", target).glob("*")))):
    (corpus / f"seed-{number:03d}").write_bytes(data)
limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1"]
atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(corpus)], TARGETS[target])
atheris.Fuzz()
