"""Networks that stock Keras saved: every layer there is comes back as it was, and predicts to the bit what Keras predicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from nncli.checkpoint.stock.read import Stock, read_stock
from nncli.commands.adopt import adopt
from nncli.commands.eval import evaluate
from nncli.commands.export import export
from nncli.commands.loading import load_trained
from nncli.commands.predict import predict
from nncli.commands.show_config import show_config
from nncli.commands.train import train
from nncli.config.load import load_config
from nncli.engine.build import build_network
from nncli.problems import NncliError
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.model import Model

pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras's own, in `model.save`

THREADS = 2
FORMATS = ("h5", "keras")
KERAS_2 = Path(__file__).parents[1] / "unit" / "checkpoint" / "files"
SHAPES = [(4,), (6, 4), (6, 6, 4), (4, 4, 4, 4), (3, 6, 6, 4), (2, 4, 4, 4, 2), (6, 6, 3), (5,), (64,), (64, 2)]
REQUIRED: dict[str, Any] = {
    "units": 3,
    "filters": 4,
    "kernel_size": 2,
    "pool_size": 2,
    "output_size": 2,
    "rate": 0.2,
    "stddev": 0.1,
    "n": 2,
    "target_shape": [2, -1],
    "dims": [2, 1],
    "input_dim": 7,
    "output_dim": 3,
    "factor": 0.1,
    "height": 3,
    "width": 3,
    "height_factor": 0.1,
    "width_factor": 0.1,
    "activation": "tanh",
    "equation": "ab,bc->ac",
    "output_shape": 3,
    "cell": {"type": "stacked_rnn_cells", "cells": [{"type": "lstm_cell", "units": 2}, {"type": "gru_cell", "units": 3}]},
}
"""A value for each argument that some layer cannot do without."""
INSIDE = {"bidirectional": {"type": "gru", "units": 2, "dropout": 0.1}, "group_normalization": {"groups": 2}}
FIELDS: dict[str, dict[str, Any]] = {
    "rescaling": {"scale": 0.5, "offset": 1.0},
    "normalization": {"mean": [1.0, 2.0, 3.0, 4.0], "variance": [1.0, 4.0, 9.0, 16.0]},
    "random_color_jitter": {"brightness_factor": 0.2, "contrast_factor": 0.2},
    "random_posterization": {"factor": 3},
    "category_encoding": {"num_tokens": 7},
    "discretization": {"bin_boundaries": [0.2, 0.6]},
    "hashing": {"num_bins": 5},
    "integer_lookup": {"vocabulary": [1, 3, 4]},
    "mel_spectrogram": {"fft_length": 16, "sequence_stride": 8, "num_mel_bins": 4, "sampling_rate": 100},
    "stft_spectrogram": {"frame_length": 16, "frame_step": 8, "fft_length": 16},
}
"""Layers whose arguments have other values than those of the same name above."""
UNUSUAL: dict[str, Any] = {
    "name": "My-own.name",
    "groups": 2,
    "use_bias": False,
    "padding": "same",
    "strides": 1,
    "keepdims": True,
    "return_sequences": True,
    "go_backwards": True,
    "scale": False,
    "mask_zero": True,
    "merge_mode": "sum",
    "activation": {"type": "leaky_relu", "negative_slope": 0.1},
    "recurrent_activation": "hard_sigmoid",
    "kernel_initializer": {"type": "variance_scaling", "scale": 2.0, "mode": "fan_avg"},
    "bias_initializer": {"type": "constant", "value": 0.5},
    "kernel_regularizer": {"type": "l1_l2", "l1": 0.1},
    "bias_regularizer": "l2",
    "kernel_constraint": {"type": "max_norm", "max_value": 3.0, "axis": [0]},
    "gamma_initializer": {"type": "random_normal", "stddev": 0.3, "seed": 5},
    "negative_slope": 0.45,
    "alpha": 0.3,
    "noise_shape": None,
    "seed": 4,
    "trainable": False,
}
"""Values beside the defaults, for those layers that take them."""
NOT_STOCK = {
    "input": "the shape alone",
    **dict.fromkeys(("residual", "parallel", "repeat"), "networks inside the network"),
}
"""Types that no file has as a layer of its stack."""
LAYERS = [name for names in registry.MODULES["layer"].values() for name in names if name not in NOT_STOCK]


def spec_class(name: str) -> type[TypedSpec]:
    found = registry.find("layer", name)
    assert found is not None
    return found


def fields_of(name: str) -> dict[str, Any]:
    """A layer of a type, with what it cannot do without."""
    fields = spec_class(name).model_fields
    if name in FIELDS:
        return {"type": name} | FIELDS[name]
    made = {"type": name} | {field: REQUIRED[field] for field in fields if fields[field].is_required() and field != "layer"}
    if name == "group_normalization":
        made |= INSIDE[name]
    elif "layer" in fields:
        made["layer"] = INSIDE.get(name, {"type": "dense", "units": 3})
    return made


def network_of(fields: dict[str, Any]) -> tuple[Model, tuple[int, ...]] | None:
    """The network of one layer, and a shape of samples that it takes; None where the layer refuses the fields."""
    try:
        model = Model.model_validate({"layers": [fields]})
    except ValidationError:
        return None
    for shape in SHAPES:
        try:
            model.layers[0].resulting_shape(shape)
        except ShapeMistake:
            continue
        return model, shape
    return None


def unusual(name: str) -> dict[str, Any]:
    """The layer with as many unusual values as it takes together."""
    fields = fields_of(name)
    for field, value in UNUSUAL.items():
        if field in spec_class(name).model_fields and network_of(fields | {field: value}) is not None:
            fields |= {field: value}
    return fields


def saved(network: Any, folder: Path, suffix: str) -> Path:
    path = folder / f"stock.{suffix}"
    network.save(path)
    return path


def randomised(network: Any) -> Any:
    generator = np.random.default_rng(0)
    network.set_weights([generator.uniform(0.1, 0.9, weight.shape).astype(np.float32) for weight in network.get_weights()])
    return network


def stock_of(path: Path) -> Stock:
    return read_stock(path, path.read_bytes())


def layers_as_keras_sees_them(network: Any) -> str:
    told = json.dumps([layer.get_config() for layer in network.layers], default=keras.saving.serialize_keras_object)
    return json.dumps(json.loads(told, parse_int=float))  # a bound of 0 is one of 0.0


@pytest.mark.parametrize("of", [fields_of, unusual], ids=["usual", "unusual"])
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_comes_back(name: str, of: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    found = network_of(of(name))
    assert found is not None, "this layer needs a shape in SHAPES or a value in REQUIRED"
    model, shape = found
    network = randomised(build_network(model, name="net", input_shape=shape))
    for suffix in FORMATS:
        stock = stock_of(saved(network, tmp_path, suffix))
        assert (stock.stack.input_shape, stock.stack.shapes[-1]) == (shape, network.output_shape[1:])
        again = build_network(stock.stack.model, name="net", input_shape=shape)
        assert layers_as_keras_sees_them(again) == layers_as_keras_sees_them(network)
        (arrays,) = stock.weights.layers.values()
        own = [*network.trainable_weights, *network.non_trainable_weights]
        assert [array.tobytes() for _, array in arrays] == [weight.numpy().tobytes() for weight in own]
    config = adopt(tmp_path / "stock.keras", output=tmp_path / "config.yaml").output
    shown = tmp_path / "shown.yaml"
    show_config(str(config), output=shown)  # every default filled in
    adopted = load_config(shown).experiment.model
    assert adopted == load_config(str(config)).experiment.model
    kept = layers_as_keras_sees_them(build_network(adopted, name="net", input_shape=shape))
    assert kept == layers_as_keras_sees_them(network)


def dense(**fields: Any) -> Any:
    return keras.layers.Dense(3, **fields)


def image() -> Any:
    layers = keras.layers
    return [
        keras.Input((8, 8, 2)),
        layers.Conv2D(4, 3, activation=layers.LeakyReLU(0.1), kernel_regularizer="l2"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Conv2D(3, (2, 1), padding="same", use_bias=False, trainable=False),
        layers.RandomFlip(),
        layers.GlobalAveragePooling2D(),
        dense(activation="softmax"),
    ]


def sequence() -> Any:
    layers = keras.layers
    return [
        keras.Input((5,), dtype="int32"),
        layers.Embedding(9, 4, mask_zero=True),
        layers.Bidirectional(
            layers.LSTM(2, return_sequences=True),
            backward_layer=layers.GRU(2, return_sequences=True, go_backwards=True, use_bias=False),
        ),
        layers.TimeDistributed(dense(activation="gelu")),
        layers.LayerNormalization(),
        layers.RNN([layers.SimpleRNNCell(2), layers.GRUCell(3), layers.GRUCell(2)]),
        layers.Dropout(0.5),
        dense(),
    ]


HAND_MADE: dict[str, Callable[[], Any]] = {"image": image, "sequence": sequence}


def inputs_of(name: str) -> NDArray[Any]:
    generator = np.random.default_rng(1)
    return generator.integers(0, 9, (70, 5)) if name == "sequence" else generator.normal(size=(70, 8, 8, 2)).astype(np.float32)


@pytest.mark.parametrize(("name", "suffix"), [("image", "keras"), ("sequence", "h5")])
def test_predictions_are_those_of_stock_keras_to_the_bit(name: str, suffix: str, tmp_path: Path) -> None:
    path, inputs = saved(randomised(keras.Sequential(HAND_MADE[name]())), tmp_path, suffix), inputs_of(name)
    expected = keras.models.load_model(path, compile=False).predict(inputs, batch_size=32, verbose=0)
    trained = load_trained(path)
    got = replace(trained, facts=replace(trained.facts, threads=THREADS)).evaluator().predict(inputs)
    assert np.ptp(expected, axis=0).max() > 0
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", HAND_MADE)
def test_both_formats_hold_the_same(name: str, tmp_path: Path) -> None:
    network = randomised(keras.Sequential(HAND_MADE[name]()))
    stacks = [stock_of(saved(network, tmp_path, suffix)) for suffix in FORMATS]
    assert stacks[0].stack == stacks[1].stack
    expected = [
        weight.numpy().tobytes() for layer in network.layers for weight in layer.trainable_weights + layer.non_trainable_weights
    ]
    for stock in stacks:
        assert [array.tobytes() for arrays in stock.weights.layers.values() for _, array in arrays] == expected


@pytest.mark.parametrize("file", sorted(KERAS_2.glob("keras2_*.h5")), ids=lambda file: file.name)
def test_what_keras_2_saved_predicts_what_keras_2_predicted(file: Path) -> None:
    with np.load(KERAS_2 / "keras2_expected.npz") as known:
        name = file.stem.removeprefix("keras2_")
        inputs, expected = known[f"{name}_inputs"], known[f"{name}_outputs"]
    trained = load_trained(file)
    got = replace(trained, facts=replace(trained.facts, threads=THREADS)).evaluator().predict(inputs)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a network that was compiled, and data for it, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nncli.engine.rules.choose_threads", lambda *_: THREADS)
    monkeypatch.setattr("nncli.commands.train.choose_threads", lambda *_: THREADS)
    network = randomised(keras.Sequential([keras.Input((4,)), dense(), dense(activation="softmax", name="scores")]))
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.save("net.keras")
    generator = np.random.default_rng(2)
    np.savez("data.npz", x=generator.normal(size=(40, 4)).astype(np.float32), y=generator.integers(0, 3, 40))
    with np.load("data.npz") as data:
        np.save("expected.npy", network.evaluate(data["x"], data["y"], verbose=0))
        np.save("x.npy", data["x"])
    network = randomised(keras.Sequential([keras.Input((4,)), dense(), dense(activation="softmax", name="scores")]))
    network.save("net.h5")
    return tmp_path


def test_a_file_of_stock_keras_stands_in_the_place_of_a_checkpoint(compiled: Path) -> None:
    expected = np.load("expected.npy")
    report = evaluate("net.keras", data="data.npz")
    assert list(report.metrics) == ["loss", "accuracy"]
    np.testing.assert_allclose(list(report.metrics.values()), expected, rtol=1e-6)
    rows = predict("net.h5", ["x.npy"], top_k=2).predictions
    assert len(rows) == 40 and set(rows[0]) == {"input", "class", "probability", "top"}
    assert export("net.keras", export_format="h5", output=Path("out.h5")).largest_difference == 0.0
    first = keras.models.load_model("out.h5", compile=False).predict(np.load("x.npy"), verbose=0)
    np.testing.assert_array_equal(first, keras.models.load_model("net.h5", compile=False).predict(np.load("x.npy"), verbose=0))


@pytest.mark.parametrize("suffix", FORMATS)
def test_training_goes_on_from_a_file_of_stock_keras(suffix: str, compiled: Path) -> None:
    adopt(Path(f"net.{suffix}"), output=Path("net.yaml"))
    report = train("net.yaml", overrides=["training.steps=0", "training.figures=false", "loss=sparse_categorical_crossentropy"])
    metrics = report.metrics["train"]
    assert metrics is not None
    np.testing.assert_allclose(metrics["loss"], np.load("expected.npy")[0], rtol=1e-6)


def test_what_a_file_does_not_tell_is_asked_for(compiled: Path) -> None:
    with pytest.raises(NncliError) as caught:
        evaluate("net.h5", data="data.npz")
    assert "has no loss" in caught.value.problems[0].message and "--from-h5" in str(caught.value.problems[0].hint)
    with pytest.raises(NncliError) as caught:
        evaluate("net.keras")
    assert "--data" in str(caught.value.problems[0].hint)


def test_metrics_that_fit_no_targets_are_no_matter_to_predictions(compiled: Path) -> None:
    network = keras.Sequential([keras.Input((4,)), dense(activation="softmax")])
    network.compile("adam", one_more, metrics=[keras.metrics.AUC()])
    network.save("lost.keras")
    assert len(predict("lost.keras", ["x.npy"]).predictions) == 40
    with pytest.raises(NncliError) as caught:
        evaluate("lost.keras", data="data.npz")
    assert "a loss that no config can express" in caught.value.problems[0].message
    (warning,) = adopt(Path("lost.keras")).problems
    assert warning.severity == "warning" and "loss: " in warning.message
    assert "# To be chosen: no config can express the file's own.\nloss: " in Path("lost.yaml").read_text()


def test_of_a_file_without_a_loss_the_config_says_which_is_for_what(compiled: Path) -> None:
    keras.Sequential([keras.Input((4,)), dense()]).save("scores.keras")
    text = Path(str(adopt(Path("scores.keras")).output)).read_text()
    assert (
        "# To be chosen: the file does not tell. This one is for amounts; for class numbers:"
        " {type: sparse_categorical_crossentropy, from_logits: true}\nloss: mean_squared_error\n"
    ) in text


def test_sizes_that_may_vary_are_left_to_the_data(compiled: Path) -> None:
    keras.Sequential([keras.Input((None, 4)), keras.layers.LSTM(2), dense()]).save("open.keras")
    assert "input_shape" not in Path(str(adopt(Path("open.keras")).output)).read_text()
    with pytest.raises(NncliError) as caught:
        predict("open.keras", ["x.npy"])
    assert "`?` may be any size" in caught.value.problems[0].message


def test_a_stateful_network_keeps_its_batches(compiled: Path) -> None:
    keras.Sequential([keras.Input(batch_shape=(8, 5, 4)), keras.layers.LSTM(2, stateful=True), dense()]).save("state.keras")
    config = load_config(str(adopt(Path("state.keras")).output)).experiment
    assert (config.training.batch_size, config.training.order) == (8, "sequential")


def one_more(z: Any) -> Any:
    return z + 1


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("axis", [-1, None, 1])
def test_what_normalization_has_learnt_is_stated(axis: int | None, suffix: str, tmp_path: Path) -> None:
    inputs = np.random.default_rng(2).normal(3.0, 2.0, (70, 4, 3)).astype(np.float32)
    adapted = keras.layers.Normalization(axis=axis)
    adapted.adapt(inputs)
    network = keras.Sequential([keras.Input((4, 3)), adapted, keras.layers.Flatten(), dense()])
    path = saved(network, tmp_path, suffix)
    trained = load_trained(path)
    got = replace(trained, facts=replace(trained.facts, threads=THREADS)).evaluator().predict(inputs)
    np.testing.assert_allclose(got, network.predict(inputs, verbose=0), rtol=1e-5, atol=1e-6)
    config = load_config(str(adopt(path, output=tmp_path / "c.yaml").output)).experiment
    assert np.shape(config.model.layers[0].mean) == (() if axis is None else (inputs.shape[axis],))  # type: ignore[attr-defined]


LOST: dict[str, Callable[[], Any]] = {
    "several axes, which h5 drops": lambda: keras.layers.Softmax([1, 2]),
    "several axes of vectors": lambda: keras.layers.UnitNormalization([1, 2]),
    "a function of one's own": lambda: keras.layers.Activation(one_more),
    "code": lambda: keras.layers.Lambda(one_more),
    "code as an activation": lambda: dense(activation=lambda z: z * 2),
    "another precision": lambda: dense(dtype="mixed_bfloat16"),
}


@pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`")
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("what", LOST)
def test_what_no_config_can_express_is_refused(what: str, suffix: str, tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((3, 3)), LOST[what]()])
    with pytest.raises(NncliError) as caught:
        stock_of(saved(network, tmp_path, suffix))
    (problem,) = caught.value.problems
    assert problem.code == "NN603" and problem.message.startswith(f"layer `{network.layers[0].name}`: ")


@pytest.mark.parametrize("name", ["softmax", "unit_normalization", "layer_normalization"])
def test_several_axes_which_h5_would_drop_are_no_config(name: str) -> None:
    with pytest.raises(ValidationError):
        Model.model_validate({"layers": [{"type": name, "axis": [1, 2]}]})


def test_all_layers_are_layers() -> None:
    assert all(issubclass(spec_class(name), Layer) for name in LAYERS)
