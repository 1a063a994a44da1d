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
ROWS = Outline((4,), (3,), "one_hot", 3, ("cat", "dog", "eel"), 100, 0, 20)
SPARSE = "sparse_categorical_crossentropy"


def found(layers: list[Any], loss: Any, outline: Outline = CLASSES, *, loss_fits: bool = True) -> list[tuple[str, str, str | None]]:
    document = {"name": "a", "dataset": "mnist_5k", "model": {"layers": layers}, "optimizer": "adam", "loss": loss}
    experiment = Experiment.model_validate(document)
    shapes, mistakes = output_shapes(experiment.model, outline.input_shape)
    assert not mistakes
    return [
        (m.severity, ".".join(map(str, m.path)), m.hint) for m in output_mistakes(experiment, outline, shapes, loss_fits=loss_fits)
    ]


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


@pytest.mark.parametrize("loss", ["binary_crossentropy", "binary_focal_crossentropy"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_a_loss_that_asks_each_class_by_itself_does_not_go_with_a_distribution(loss: str, from_logits: bool) -> None:
    written = {"type": loss, "from_logits": from_logits}
    assert found([dense("softmax")], written, ROWS) == [("warning", "loss", f"use `{loss.replace('binary', 'categorical')}`")]
    assert found([dense(None, 2), "softmax"], loss, ROWS) == []  # the same sum
    assert found([dense("sigmoid")], loss, ROWS) == []


def test_of_a_loss_that_another_takes_the_place_of_nothing_more_is_said() -> None:
    assert found([dense(None)], "binary_crossentropy", loss_fits=False) == []


NOISE = {"type": "gaussian_noise", "stddev": 0.1}


@pytest.mark.parametrize(
    ("layers", "path"),
    [
        ([dense("softmax"), NOISE], "loss.from_logits"),
        ([{"type": "repeat", "times": 2, "layers": [dense("softmax"), NOISE]}], "loss.from_logits"),
        (
            [{"type": "repeat", "times": 2, "layers": [{"type": "repeat", "times": 2, "layers": [dense("softmax")]}]}],
            "loss.from_logits",
        ),
    ],
)
def test_the_last_function_is_found_behind_noise_and_inside_repeats(layers: list[Any], path: str) -> None:
    assert found(layers, LOGITS) == [("warning", path, "remove `from_logits`, or the activation")]
    (mistake,) = found([{"type": "repeat", "times": 2, "layers": [dense("relu"), NOISE]}], SPARSE)
    assert mistake[1] == "model.layers.0.layers.0.activation"


def test_a_second_softmax_is_told() -> None:
    assert found([dense("softmax"), "softmax"], SPARSE) == [("warning", "model.layers.1", "remove one of them")]
    assert found([dense("softmax"), NOISE, {"type": "activation", "activation": "softmax"}], SPARSE) == [
        ("warning", "model.layers.2", "remove one of them")
    ]
    assert found([dense("softmax"), dense("softmax")], SPARSE) == []  # a layer of its own lies between them


@pytest.mark.parametrize(
    ("activation", "targets", "is_told"),
    [
        ("sigmoid", (0.0, 1.0), False),
        ("sigmoid", (0.0, 7.0), True),
        ("tanh", (-1.0, 0.5), False),
        ("tanh", (-1.5, 0.5), True),
        ("relu", (0.0, 1e9), False),
        ("relu", (-1.0, 1.0), True),
        ({"type": "relu", "negative_slope": 0.1}, (-1.0, 1.0), False),
        ("log_sigmoid", (-3.0, 1.0), True),
        (None, (-1e9, 1e9), False),
    ],
)
def test_targets_that_no_output_reaches(activation: Any, targets: tuple[float, float], is_told: bool) -> None:
    outline = Outline((4,), (1,), None, None, (), 90, 0, 0, target_range=targets)
    hint = "remove the activation of the last layer, or scale the targets"
    expected = [("warning", "model.layers.0.activation", hint)] if is_told else []
    assert found([dense(activation, 1)], "mse", outline) == expected
