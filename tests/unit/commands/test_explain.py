"""`nncli explain`: codes, types, fields and parts, and what is answered to a word that is none of them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from nncli.commands.explain import explain
from nncli.problems import CODES, Problem
from nncli.render.reports import show_report
from nncli.reports.explanations import ExplainReport
from nncli.spec import registry

Refused = Callable[..., Problem]


def printed(report: ExplainReport) -> str:
    text = io.StringIO()
    show_report(report, Console(file=text, width=80, color_system=None))
    return text.getvalue()


@pytest.mark.parametrize("code", CODES)
def test_every_code(code: str) -> None:
    report = explain(code.lower())
    assert report.code is not None
    assert (report.code.code, report.code.exit_code, report.part, report.types) == (code, CODES[code].exit_code, None, ())
    assert printed(report).replace("\n", " ").startswith(f"{code} ({CODES[code].title}) ")


@pytest.mark.parametrize("kind", registry.MODULES)
def test_every_type_of_a_kind(kind: str) -> None:
    names = registry.names(kind)
    for name in names:
        (found,) = explain(name, kind=kind).types
        assert found.kind == kind and (name == found.name or name in found.short_names)
        assert found.meaning and all(field.takes and field.meaning for field in found.fields)
        lines = printed(explain(name, kind=kind)).splitlines()
        assert " ".join(lines).startswith(f"{kind} {found.name} (")
        outside_examples = lines[: lines.index("Example:")] if "Example:" in lines else lines
        assert max(map(len, outside_examples)) <= 80
        assert not any(line != line.rstrip() for line in lines)
    listed = explain(kind).part
    assert listed is not None and set(listed.types) == set(names) - set(registry.SHORT_NAMES.get(kind, {}))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("relu", ["layer", "activation"]),
        ("mean_squared_error", ["loss", "metric"]),
        ("mse", ["loss", "metric"]),
        ("reshape", ["preprocessing", "layer"]),
        ("conv2d", ["layer"]),
    ],
)
def test_a_name_of_several_kinds_shows_all_of_them(name: str, kinds: list[str]) -> None:
    report = explain(name)
    assert [found.kind for found in report.types] == kinds
    assert ("shows one of them" in printed(report)) == (len(kinds) > 1)


def test_a_field_has_its_type_range_default_and_meaning() -> None:
    (conv,) = explain("conv2d").types
    assert conv.keras == "keras.layers.Conv2D"
    strides = next(field for field in conv.fields if field.name == "strides")
    assert (strides.takes, strides.required, strides.default) == (
        "a whole number (1 or more) or a list of 2 whole numbers (1 or more)",
        False,
        [1, 1],
    )
    assert strides.meaning == "How many pixels the window moves at a time, down and across."
    assert [field.name for field in conv.fields if field.required] == ["kernel_size", "filters"]
    initializer = next(field for field in conv.fields if field.name == "kernel_initializer")
    assert initializer.default == "glorot_uniform"


@pytest.mark.parametrize(
    ("path", "takes", "field"),
    [
        ("training", "a mapping", "early_stopping"),
        ("training.early_stopping", "a mapping or null", "patience"),
        ("training.batch_size", "a whole number (1 or more) or `full`", None),
        ("model", "a mapping", "layers"),
        ("model.weights_from", "a text, a mapping or null", "partial"),
        ("conv2d.filters", "a whole number (1 or more)", None),
        ("relu.seed", None, None),
        ("relu.threshold", "a number (0 or more)", None),
    ],
)
def test_parts_of_a_config(path: str, takes: str | None, field: str | None, refused: Refused) -> None:
    if takes is None:
        assert refused(explain, path).message == "`relu` has no field `seed`"
        return
    part = explain(path).part
    assert part is not None and part.value is not None
    assert part.value.takes == takes and part.meaning
    assert field is None or field in [entry.name for entry in part.fields]


@pytest.mark.parametrize(
    ("path", "kind"), [("dataset", "dataset"), ("metrics", "metric"), ("model.layers", "layer"), ("cell", "cell")]
)
def test_parts_that_are_chosen_by_name_list_what_there_is(path: str, kind: str) -> None:
    part = explain(path).part
    assert part is not None
    assert (part.kind, len(part.types)) == (kind, len(set(registry.names(kind)) - set(registry.SHORT_NAMES.get(kind, {}))))
    assert all(part.types.values())


@pytest.mark.parametrize(
    ("topic", "names"),
    [("Conv2D", ["layer conv2d"]), ("ReLU", ["layer relu"]), ("Adam", ["optimizer adam"]), ("L2", ["regularizer l2"])],
)
def test_keras_s_own_names_are_understood(topic: str, names: list[str]) -> None:
    assert [f"{found.kind} {found.name}" for found in explain(topic).types] == names


@pytest.mark.parametrize(
    ("topic", "kind", "message", "hint"),
    [
        ("cov2d", None, "there is no code, type or part of a config called `cov2d`", "did you mean `conv2d`?"),
        ("Convolution2D", None, "there is no code, type or part of a config called `Convolution2D`", "did you mean `conv2d`?"),
        ("xavier", None, "there is no code, type or part of a config called `xavier`", "did you mean `glorot_uniform`?"),
        ("NN3022", None, "there is no code, type or part of a config called `NN3022`", "did you mean `NN302`?"),
        ("trainig", None, "there is no code, type or part of a config called `trainig`", "did you mean `training`?"),
        (
            "filters",
            None,
            "`filters` is a field of `conv1d`, `conv2d`, `conv3d`, `conv1d_transpose`, 7 more layers: which one?",
            "`nncli explain conv1d.filters`",
        ),
        ("layers", None, "`layers` is a field of `model`, `residual`, `repeat`: which one?", "`nncli explain model.layers`"),
        ("preprocess", None, "`preprocess` is a field of every dataset: which one?", "`nncli explain mnist.preprocess`"),
        (
            "patience",
            None,
            "`patience` is a field of `training.early_stopping`",
            "`nncli explain training.early_stopping.patience`",
        ),
        ("lr", None, "`lr` is called `learning_rate` here, a field of every optimizer", "`nncli explain sgd.learning_rate`"),
        (
            "decay",
            None,
            "`decay` is no key of a config",
            "it is a schedule now: `learning_rate: {type: inverse_time_decay, initial_learning_rate: ..., decay_steps: 1, ...}`",
        ),
        ("mixup", None, "`mixup` is a field of `training`", "`nncli explain training.mixup`"),
        (
            "cutout",
            None,
            "`cutout` is no key of a config",
            "it is a layer: `{type: random_erasing, factor: [1, 1], scale: [0.1, 0.1], fill_value: 0}`",
        ),
        (
            "MixUp",
            None,
            "there is no code, type or part of a config called `MixUp`",
            "a layer does not see the targets, which are blended, too: write `training: {mixup: {alpha: 0.2}}`",
        ),
        ("adam.type", None, "`adam` has no field `type`", None),
        ("adam.lr", None, "`adam` has no field `lr`", None),
        ("training.step", None, "`training` has no field `step`", "did you mean `steps`?"),
        ("training.steps.x", None, "`steps` is a plain value and has no fields", None),
        ("optimizer.learning_rate", None, "which optimizer? The fields of `optimizer` are those of its type", None),
        ("relu", "lyer", "there is no kind called `lyer`", "did you mean `layer`?"),
        ("adma", "optimizer", "there is no optimizer called `adma`", "did you mean `adam`?"),
        ("", None, "there is no code, type or part of a config called ``", None),
    ],
)
def test_what_is_not_there(topic: str, kind: str | None, message: str, hint: str | None, refused: Refused) -> None:
    problem = refused(explain, topic, kind=kind)
    assert (problem.code, problem.message) == ("NN606", message)
    assert hint is None or problem.hint == hint
