"""Trained networks as commands load them: what cannot be computed here is told before TensorFlow is imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nncli.commands import loading
from nncli.commands.export import export, format_of
from nncli.commands.loading import load_trained
from nncli.problems import NncliError
from tests.hostile.files import layer, network, stock_h5

WIDE = {"class_name": "InputLayer", "config": {"batch_shape": [None, 2**20], "name": "inputs"}}


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A file of 10 kB whose network takes and gives a million numbers for a sample, and has no weights."""
    path = tmp_path / "wide.h5"
    path.write_bytes(stock_h5(network(layer("Flatten", name="flatten"), first=WIDE), flatten=()))
    return path


def test_a_batch_that_does_not_fit_into_memory_is_told(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = load_trained(wide)
    monkeypatch.setattr(loading, "installed_memory", lambda: 4 * 32 * 2**20)
    trained.require_memory(32)
    with pytest.raises(NncliError) as caught:
        trained.require_memory(33)
    assert str(caught.value) == "NN404 33 samples take 138,412,032 bytes in one of its layers, this machine has 134,217,728"
    monkeypatch.setattr(loading, "installed_memory", lambda: None)
    trained.require_memory(10**9)


@pytest.mark.parametrize(
    ("name", "stated", "told"),
    [
        ("net.onnx", None, "`net.onnx` does not end in .h5 or .keras"),
        ("net", None, "`net` does not end in .h5 or .keras"),
        ("net.keras", "h5", "`net.keras` does not end in .h5,"),
    ],
)
def test_a_name_that_tells_no_format_is_refused(name: str, stated: str | None, told: str) -> None:
    with pytest.raises(NncliError, match=told):
        export("nothing.h5", export_format=stated, output=Path(name))


def test_the_name_of_the_file_tells_the_format() -> None:
    assert [format_of(Path(name), None) for name in ("net.keras", "net.v2.h5")] == ["keras", "h5"]
    assert [format_of(None, stated) for stated in (None, "keras")] == ["h5", "keras"]


def test_no_file_makes_export_draw_inputs_that_do_not_fit(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = "tensorflow" in sys.modules
    monkeypatch.setattr(loading, "installed_memory", lambda: 2**27)
    with pytest.raises(NncliError, match="128 samples take 536,870,912 bytes"):
        export(wide, export_format="h5", output=wide.with_name("out.h5"))
    assert ("tensorflow" in sys.modules) == before
    assert not wide.with_name("out.h5").exists()
