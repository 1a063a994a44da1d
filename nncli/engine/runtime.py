"""Bringing TensorFlow up: quietly, with the number of threads that the run is a function of, and with Keras's global settings at
their documented defaults, whatever the user's `keras.json` or environment say.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from nncli.data.hidden import hidden
from nncli.problems import error


def start(threads: int) -> None:
    """Import TensorFlow and set what changes bits. Safe to call again with the same number.

    Args:
        threads: threads that share one operation (intra-op), 1 or more.

    Raises:
        NncliError: NN404, TensorFlow runs in this process already with another number.
    """
    # Keras looks for these three in case somebody wants its wrappers and plots, which takes more than a third of the import's time.
    # Not in `tensorflow`: whoever imports `nncli.keras_objects` may want them.
    with hidden("matplotlib", "pandas", "sklearn"):
        tf = tensorflow()
    with _quiet():
        running = tf.config.threading.get_intra_op_parallelism_threads()
        if running == threads:
            return
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        except RuntimeError:
            message = f"TensorFlow runs in this process with {running} threads, this network needs {threads}"
            raise error("NN404", message, "use a process of its own, or set `training.threads`") from None
        tf.config.list_logical_devices()  # starts the devices, so that what they log is caught here


def tensorflow() -> Any:
    """The module `tensorflow`, imported without a word of its logs.

    Nothing else in nncli may import it first: by then its logging and Keras's backend would be settled.
    """
    if "tensorflow" in sys.modules and "keras" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with _quiet(), _no_keras_json():
        import keras
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)
    return tf


def as_tensor(array: NDArray[Any]) -> Any:
    """A tensor of an array that is not changed any more.

    `tf.constant` takes two copies, which for 1.5 GB of pictures takes seconds. Where the kernels can take the very memory, they
    get it: they ask for 64 bytes as a border (`EIGEN_MAX_ALIGN_BYTES`), and a GPU has memory of its own.
    """
    tf = tensorflow()
    is_fit = array.flags.c_contiguous and array.flags.writeable and array.ctypes.data % 64 == 0 and array.dtype.kind in "iuf"
    if not is_fit or array.size == 0 or tf.config.list_logical_devices("GPU"):
        return tf.constant(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


@contextlib.contextmanager
def _no_keras_json() -> Iterator[None]:
    """Keep Keras from reading its settings from a file, which lies in /tmp where the home is read-only, and from making one."""
    home = os.environ.get("KERAS_HOME")
    os.environ["KERAS_HOME"] = os.path.join(os.devnull, "keras")
    try:
        yield
    finally:
        del os.environ["KERAS_HOME"]
        if home is not None:
            os.environ["KERAS_HOME"] = home


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what C++ writes to file descriptor 2 from the user; hand it over should the body fail.

    TF_CPP_MIN_LOG_LEVEL does not silence lines that are logged before absl is set up (tensorflow #62075).
    """
    if os.environ.get("NNCLI_DEBUG"):
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(terminal, 2)
            caught.seek(0)
            sys.stderr.write(caught.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def versions() -> dict[str, str]:
    """The versions that a result is a function of."""
    from importlib.metadata import version

    return {"python": ".".join(map(str, sys.version_info[:3]))} | {
        package: version(package) for package in ("nncli", "tensorflow", "keras", "numpy", "h5py")
    }
