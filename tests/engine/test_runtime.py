"""TensorFlow is brought up without what nobody asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nncli.data.hidden import hidden

STARTED = """\
import sys
from nncli.engine.runtime import start
start(1)
print(sorted({"matplotlib", "pandas", "sklearn"} & set(sys.modules)))
import matplotlib.pyplot, pandas, sklearn
"""
OBJECTS = """\
import nncli.keras_objects, keras
from keras.src.visualization.plot_image_gallery import plt
from keras.src.trainers.data_adapters.array_slicing import pandas
print(sorted(name for name, module in {"plt": plt, "pandas": pandas}.items() if module is None))
"""


@pytest.mark.parametrize("code", [STARTED, OBJECTS], ids=["commands go without", "users of Keras have all of it"])
def test_what_keras_looks_for_is_left_to_those_who_use_it(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout == "[]\n"


def test_what_is_hidden_is_there_again() -> None:
    sys.modules.pop("this", None)
    with hidden("this"), pytest.raises(ImportError, match="this is hidden"):
        import this  # noqa: F401
    assert sys.meta_path[0].__class__.__name__ != "_Without"
