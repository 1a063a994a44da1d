"""What looks wrong with the last layer, held against the loss and the classes."""

from __future__ import annotations

from typing import Any

import pytest

from nncli.spec.experiment import Experiment
from nncli.spec.outline import Outline
from nncli.spec.output_fit import output_mistakes
from nncli.spec.shapes import output_shapes

CLASSES = Outline((4,), (), "index", 3, ("cat", "dog", "eel"), 100, 0, 20)
TWO = Outline((4,), (), "index", 2, ("no", "yes"), 100, 0, 20)
SPARSE = "sparse_categorical_crossentropy"


def found(layers: list[Any], loss: Any, outline: Outline = CLASSES) -> list[tuple[str, str, str | None]]:
    document = {"name": "a", "dataset": "mnist_5k", "model": {"layers": layers}, "optimizer": "adam", "loss": loss}
    experiment = Experiment.model_validate(document)
    shapes, mistakes = output_shapes(experiment.model, outline.input_shape)
    assert not mistakes
    return [(m.severity, ".".join(map(str, m.path)), m.hint) for m in output_mistakes(experiment, outline, shapes)]


def dense(activation: str | None, units: int = 3) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


LOGITS = {"type": SPARSE, "from_logits": True}


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([dense("softmax")], SPARSE),
        ([dense("sparsemax")], SPARSE),
        ([dense(None), "softmax"], SPARSE),
        ([dense("softmax"), "flatten", {"type": "dropout", "rate": 0.1}], SPARSE),
        ([dense(None)], LOGITS),
        ([dense("tanh")], LOGITS),
        ([dense("sigmoid", 1)], "binary_crossentropy"),
        ([dense("linear", 1)], "mse"),
        ([dense("tanh")], "hinge"),
        ([{"type": "reshape", "target_shape": [2, 2]}, {"type": "lstm", "units": 3}], SPARSE),
    ],
)
def test_what_fits_is_passed_over(layers: list[Any], loss: Any) -> None:
    outline = TWO if loss in ("mse", "binary_crossentropy") else CLASSES
    assert found(layers, loss, outline) == []


OR_LOGITS = ", or `from_logits: true` to the loss"


@pytest.mark.parametrize(
    ("layers", "loss", "path", "hint"),
    [
        ([dense(None)], SPARSE, "model.layers.0", f"add `activation: softmax`{OR_LOGITS}"),
        ([dense("relu")], SPARSE, "model.layers.0.activation", f"add `activation: softmax`{OR_LOGITS}"),
        ([dense(None), "relu"], SPARSE, "model.layers.1", f"add `activation: softmax`{OR_LOGITS}"),
        ([dense(None), "flatten"], SPARSE, "model.layers.0", f"add `activation: softmax`{OR_LOGITS}"),
        ([dense(None)], "categorical_generalized_cross_entropy", "model.layers.0", "add `activation: softmax`"),
        ([dense("tanh", 1)], "binary_crossentropy", "model.layers.0.activation", f"add `activation: sigmoid`{OR_LOGITS}"),
        ([dense("sigmoid")], SPARSE, "model.layers.0.activation", "use `softmax`"),
        ([dense("softmax")], LOGITS, "loss.from_logits", "remove `from_logits`, or the activation"),
        ([dense("sigmoid", 1)], {"type": "binary_crossentropy", "from_logits": True}, "loss.from_logits", None),
    ],
)
def test_what_keras_computes_without_a_word(layers: list[Any], loss: Any, path: str, hint: str | None) -> None:
    assert found(layers, loss) == [("warning", path, hint or "remove `from_logits`, or the activation")]


def test_softmax_of_one_unit_is_an_error_wherever_it_stands() -> None:
    mended = "use `sigmoid`, or give it a unit for each class"
    for layers, path in (
        ([dense("softmax", 1)], "model.layers.0.activation"),
        ([dense(None, 1), "softmax"], "model.layers.1"),
        ([dense("softmax", 1), dense("sigmoid", 1)], "model.layers.0.activation"),
    ):
        assert found(layers, "binary_crossentropy", TWO) == [("error", path, mended)]


def test_class_numbers_are_no_amounts() -> None:
    severity, path, hint = found([dense(None, 1)], "mse")[0]
    assert (severity, path) == ("warning", "loss")
    assert hint == "give the last layer 3 units with softmax, and use `sparse_categorical_crossentropy`"
    assert found([dense(None, 1)], "mse", TWO) == []
