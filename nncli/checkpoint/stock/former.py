"""What Keras 2 writes otherwise than Keras 3 does, and means the same by."""

from __future__ import annotations

from typing import Any, Final

_RENAMED: Final = {("layer", "LeakyReLU"): ("alpha", "negative_slope"), ("activation", "LeakyReLU"): ("alpha", "negative_slope")}
"""(kind, class) -> an argument's former and present name."""
_NO_LONGER: Final = {
    "time_major": False,
    "fused": None,
    "virtual_batch_size": None,
    "adjustment": None,
    "is_legacy_optimizer": None,
    "jit_compile": None,
    "fn": None,
}
"""Arguments that Keras 3 has no more -> the value under which they may go; None: any."""


def modern(kind: str, class_name: str, config: dict[str, Any], is_keras_2: bool) -> dict[str, Any]:
    """Keras 3's arguments for those of a file.

    Args:
        kind: such as `layer`.
        class_name: Keras's class.
        config: its arguments as the file has them; changed in place.
        is_keras_2: whether Keras 2 wrote the file.
    """
    if (former := _RENAMED.get((kind, class_name))) is not None and former[0] in config:
        config[former[1]] = config.pop(former[0])
    if kind == "layer" and isinstance(axis := config.get("axis"), list) and len(axis) == 1:
        config["axis"] = axis[0]  # Keras 2 lists the one axis of every normalization, Keras 3 that of one
    for name, neutral in _NO_LONGER.items():
        if name in config and (neutral is None or config[name] == neutral) and (is_keras_2 or config[name] in (None, False)):
            del config[name]
    if is_keras_2 and class_name in ("GRU", "GRUCell"):
        config.setdefault("reset_after", False)  # as it was before there was a choice
    if kind == "loss" and config.get("reduction") == "auto":
        del config["reduction"]
    if kind == "initializer" and config.get("dtype") in ("float32", None):
        config.pop("dtype", None)
    if kind == "initializer" and class_name == "VarianceScaling" and config.get("distribution") == "normal":
        config["distribution"] = "truncated_normal"
    return config
