"""Whichever call of the system fails, the command says so, and the run goes on to the bits of one whose disk never failed."""

from __future__ import annotations

import errno
import json
import multiprocessing
from pathlib import Path

import pytest

from tests.faults.armed import PRELOADED
from tests.faults.courses import write_config
from tests.faults.disk import OCCASIONS, sweep
from tests.whole import WHOLE

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)
PACE = 2 if WHOLE else 40
CALLS = {
    OCCASIONS[0]: {"mkdir", "open", "write", "fsync", "replace", "link", "unlink"},
    OCCASIONS[1]: {"open", "write", "fsync", "replace", "link", "unlink"},
    OCCASIONS[2]: {"mkdir", "open", "write", "fsync", "replace", "link", "unlink"},
}


@pytest.mark.parametrize("offset", range(2) if WHOLE else [7])
@pytest.mark.parametrize("occasion", OCCASIONS)
def test_whichever_call_fails_the_run_goes_on_to_the_same_bits(occasion: str, offset: int, tmp_path: Path) -> None:
    config = write_config(tmp_path, "small")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=sweep, args=(config, tmp_path, occasion, ERRORS, PACE, offset))
    process.start()
    process.join(3600)
    assert process.exitcode == 0, (tmp_path / "log").read_text()
    found = json.loads((tmp_path / "outcomes.json").read_text())
    assert set(found["calls"]) >= CALLS[occasion]
    assert len(found["outcomes"]) == len(range(offset, len(found["calls"]), PACE))
    for outcome in found["outcomes"]:
        # 2: the run's own config could not be read.
        assert outcome["code"] in (0, 3) or (outcome["code"] == 2 and "error[NN107]: cannot be read" in outcome["said"]), outcome
        assert outcome["code"] != 3 or "error[NN604]" in outcome["said"], outcome
        # 2: the run had come to its end all the same, as where a temporary file could not be removed, or a folder not be synced.
        assert outcome["again"] in (0, 2), outcome
        assert outcome["again"] == 2 or not outcome["leftovers"], outcome
        assert outcome["same"], outcome
        assert all(outcome["same"].values()), outcome
