"""A checkpoint is an h5 file of stock Keras: laid out as `model.save` does it, and loaded to the same network."""

from __future__ import annotations

import importlib
import io
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nncli.checkpoint.architecture import foreign_class
from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes, weights_bytes
from nncli.engine.build import build, build_network, input_dtype
from nncli.engine.runtime import start
from nncli.engine.state import architecture, assign_weights, capture_weights
from nncli.problems import Problem
from nncli.spec import registry
from nncli.spec.layers.composites import Composite
from nncli.spec.model import Model
from tests.layers import REQUIRED

start(2)  # before TensorFlow is imported elsewhere: the number of threads cannot be changed later
keras = importlib.import_module("keras")
stock_h5 = importlib.import_module("keras.src.legacy.saving.legacy_h5_format")

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, in `model.save`

DENSE = {"type": "dense", "units": 3}
CONV = {"type": "conv2d", "filters": 2, "kernel_size": 3}
CHANNELS_FIRST = {"data_format": "channels_first"}


@dataclass(frozen=True)
class Network:
    layers: list[Any]
    shape: tuple[int, ...]
    more: dict[str, Any] = field(default_factory=dict)

    def build(self) -> Any:
        """The network, with other weights in each layer than the initializers', but for the parts of a variance."""
        found = build_network(Model.model_validate({"layers": self.layers}), name="net", input_shape=self.shape, **self.more)
        generator = np.random.default_rng(0)
        found.set_weights([generator.random(weight.shape, np.float32) for weight in found.get_weights()])
        return found

    def inputs(self) -> np.ndarray:
        model, generator = Model.model_validate({"layers": self.layers}), np.random.default_rng(1)
        if input_dtype(model) == "int32":
            return generator.integers(0, 7, (4, *self.shape), dtype=np.int32)
        return generator.random((4, *self.shape), np.float32)


NETWORKS = {
    "no_weights": Network(["flatten"], (2, 2)),
    "dense": Network([DENSE | {"activation": "relu"}, "batch_normalization", {"type": "dropout", "rate": 0.5}, DENSE], (4,)),
    "arguments": Network(
        [
            DENSE
            | {
                "name": "Named-1.x",
                "activation": {"type": "elu", "alpha": 0.5},
                "kernel_initializer": {"type": "variance_scaling", "scale": 2.0},
                "kernel_regularizer": {"type": "l1_l2", "l1": 0.1},
                "bias_constraint": "non_neg",
                "trainable": False,
            },
            DENSE | {"name": "a"},  # sorted before the first, though it comes after it
        ],
        (4,),
    ),
    "convolution": Network([CONV, {"type": "max_pooling2d", "pool_size": 2}, "flatten", DENSE], (6, 6, 1)),
    "channels_first": Network(
        [
            {"type": "time_distributed", "layer": CONV | CHANNELS_FIRST},
            {"type": "bidirectional", "layer": {"type": "conv_lstm2d", "filters": 2, "kernel_size": 2} | CHANNELS_FIRST},
            CONV | {"type": "conv2d_transpose", "activation": {"type": "elu", "alpha": 0.5}} | CHANNELS_FIRST,
            CONV | {"name": "second"} | CHANNELS_FIRST,
            "flatten",
        ],
        (3, 2, 6, 6),
    ),
    "convolutions_of_sequences": Network(
        [
            CONV | {"type": "conv1d", "padding": "causal", "dilation_rate": 2},
            CONV | {"type": "conv1d_transpose", "strides": 2, "output_padding": 1},
            {"type": "depthwise_conv1d", "kernel_size": 2, "depth_multiplier": 2},
            CONV | {"type": "separable_conv1d"},
            {"type": "adaptive_max_pooling1d", "output_size": 2},
        ],
        (6, 1),
    ),
    "convolutions_of_images": Network(
        [
            CONV | {"type": "conv2d_transpose", "use_bias": False},
            {"type": "depthwise_conv2d", "kernel_size": 2},
            CONV | {"type": "separable_conv2d"},
            {"type": "adaptive_average_pooling2d", "output_size": [2, 3]},
        ],
        (6, 6, 1),
    ),
    "convolutions_of_volumes": Network(
        [
            CONV | {"type": "conv3d"},
            CONV | {"type": "conv3d_transpose"},
            {"type": "adaptive_max_pooling3d", "output_size": 2},
            {"type": "adaptive_average_pooling3d", "output_size": 2},
        ],
        (4, 4, 4, 1),
    ),
    "convolutions_with_a_state": Network(
        [
            CONV | {"type": "conv_lstm2d", "return_sequences": True, "recurrent_dropout": 0.2, "padding": "same", "stateful": True},
            {"type": "reshape", "target_shape": [3, 4, 8]},
            CONV | {"type": "conv_lstm1d", "return_sequences": True},
            {"type": "adaptive_max_pooling2d", "output_size": [3, 2]},
            {"type": "reshape", "target_shape": [3, 2, 1, 1, 2]},
            CONV | {"type": "conv_lstm3d", "kernel_size": 1},
        ],
        (3, 4, 4, 1),
        {"batch_size": 4},
    ),
    "products": Network(
        [
            {"type": "reversible_embedding", "input_dim": 7, "output_dim": 2},
            {"type": "einsum_dense", "equation": "abc,cd->abd", "output_shape": [None, 3], "bias_axes": "d"},
            {"type": "spectral_normalization", "layer": DENSE, "power_iterations": 2},
        ],
        (4,),
    ),
    "recurrent": Network(
        [
            {"type": "bidirectional", "layer": {"type": "lstm", "units": 2, "return_sequences": True, "dropout": 0.2}},
            {"type": "time_distributed", "layer": DENSE},
            {"type": "gru", "units": 2, "stateful": True},
        ],
        (4, 2),
        {"batch_size": 4},
    ),
    "embedding": Network([{"type": "embedding", "input_dim": 7, "output_dim": 2}, {"type": "simple_rnn", "units": 2}], (4,)),
    "composites": Network(
        [
            {"type": "repeat", "times": 2, "layers": [{"type": "residual", "layers": [DENSE, "batch_normalization", DENSE]}]},
            {"type": "parallel", "branches": [[], [DENSE, {"type": "dropout", "rate": 0.5}], [DENSE]]},
            {"type": "parallel", "branches": [["layer_normalization"], [DENSE | {"units": 9}]], "join": "maximum", "name": "best"},
        ],
        (3,),
    ),
    "images": Network(
        [
            {"type": "resizing", "height": 6, "width": 7, "interpolation": "bicubic"},
            {"type": "random_crop", "height": 5, "width": 6},
            {"type": "random_brightness", "factor": 0.1, "value_range": [0, 1]},
            {"type": "random_color_jitter", "brightness_factor": [0.1, 0.2], "hue_factor": 0.1},
            {"type": "random_erasing", "fill_value": [1, 2, 3]},
            {"type": "random_gaussian_blur", "kernel_size": [3, 5]},
            {"type": "random_shear", "x_factor": 0.1, "y_factor": [0.1, 0.2]},
            {"type": "random_zoom", "height_factor": 1.0},
            {"type": "random_posterization", "factor": [2, 4]},
            "rand_augment",
            "equalization",
            {"type": "auto_contrast", "value_range": [0, 1]},
            {"type": "contrast_limited_adaptive_histogram_equalization", "tile_grid_size": [2, 3]},
            {"type": "center_crop", "height": 4, "width": 4},
            {"type": "normalization", "axis": [3], "mean": [1, 2, 3], "variance": [1, 2, 3]},
            "flatten",
            DENSE,
        ],
        (8, 9, 3),
    ),
    "sounds": Network([{"type": "stft_spectrogram", "frame_length": 4, "mode": "magnitude"}, "flatten", DENSE], (9, 2)),
    "pitches": Network([{"type": "mel_spectrogram", "fft_length": 8, "sequence_stride": 4}, "flatten", DENSE], (17,)),
    "categories": Network(
        [
            {"type": "integer_lookup", "vocabulary": [1, 5, 3], "num_oov_indices": 2},
            {"type": "hashing", "num_bins": 4, "salt": 3},
            {"type": "category_encoding", "num_tokens": 4},
            {"type": "rescaling", "scale": 0.5},
            {"type": "discretization", "bin_boundaries": [0.2, 0.7], "output_mode": "one_hot"},
            "flatten",
            DENSE,
        ],
        (4,),
    ),
    "half_precision": Network([DENSE, "batch_normalization", DENSE], (4,), {"precision": "mixed_bfloat16"}),
}


def attributes(found: Any) -> dict[str, Any]:
    """The attributes of a group or array: their HDF5 type, shape and value."""
    stored = {name: found.attrs.get_id(name) for name in found.attrs}
    return {name: (stored[name].get_type().encode(), stored[name].shape, np.array(found.attrs[name]).tolist()) for name in stored}


def layout(data: bytes) -> dict[str, Any]:
    """All that is in an h5 file but nncli's own group: kinds, attributes, and arrays with their type, storage and bits."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if name.split("/")[0] == "nncli":
            return
        found[name] = [type(item), attributes(item)]
        if isinstance(item, h5py.Dataset):
            storage = item.id.get_create_plist().get_layout()
            found[name] += [item.id.get_type().encode(), item.shape, item.maxshape, storage, item[()].tobytes()]

    with h5py.File(io.BytesIO(data)) as file:
        visit("", file)
        file.visititems(visit)
        assert set(file) <= {"model_weights", "nncli"}
    return found


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Any:
    return NETWORKS[request.param].build()


def captured(network: Any) -> Weights:
    return capture_weights(network, architecture(network))


def test_the_layout_is_that_of_keras(network: Any, tiny: Checkpoint, tmp_path: Path) -> None:
    network.save(tmp_path / "stock.h5")
    stock, weights = layout((tmp_path / "stock.h5").read_bytes()), captured(network)
    assert len(stock) > 2
    assert layout(weights_bytes(weights)) == stock
    assert layout(checkpoint_bytes(replace(tiny, weights=weights))) == stock


def bits(weight: Any) -> tuple[str, tuple[int, ...], bytes]:
    return weight.dtype, tuple(weight.shape), weight.numpy().tobytes()


@pytest.mark.parametrize("name", NETWORKS)
def test_stock_keras_loads_the_same_network(name: str, tiny: Checkpoint, parts: Any, tmp_path: Path) -> None:
    network, inputs = NETWORKS[name].build(), NETWORKS[name].inputs()
    checkpoint, path = replace(tiny, weights=captured(network)), tmp_path / "last.h5"
    path.write_bytes(checkpoint_bytes(checkpoint))
    loaded = keras.models.load_model(path, compile=False)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in network.layers]
    assert [bits(weight) for weight in loaded.weights] == [bits(weight) for weight in network.weights]
    if name != "channels_first":  # stock Keras computes it on a CPU only when compiled by XLA
        assert np.array_equal(loaded(inputs), network(inputs))
    assert parts(read_checkpoint(path)) == parts(checkpoint)


@pytest.mark.parametrize("count", [0, 1, 600, 640, 1300, 5000])
def test_a_long_list_of_names_is_cut_as_keras_cuts_it(count: int) -> None:
    names = [f"{number:04d}_{'x' * 95}" for number in range(count)]
    ours = io.BytesIO(weights_bytes(Weights("{}", keras.__version__, dict.fromkeys(names, ()))))
    with h5py.File(io.BytesIO(), "w") as stock, h5py.File(ours) as file:
        stock_h5.save_attributes_to_hdf5_group(stock, "layer_names", [name.encode() for name in names])
        found = attributes(file["model_weights"])
        assert {name: value for name, value in found.items() if name not in ("backend", "keras_version")} == attributes(stock)


def test_a_network_of_very_many_layers_comes_back(tiny: Checkpoint, parts: Any, tmp_path: Path) -> None:
    layers = {f"{number:04d}_{'x' * 95}": tiny.weights.layers["dense"] for number in range(700)}
    checkpoint, path = replace(tiny, weights=replace(tiny.weights, layers=layers)), tmp_path / "last.h5"
    path.write_bytes(checkpoint_bytes(checkpoint))
    assert parts(read_checkpoint(path)) == parts(checkpoint)


# Weights that are sound, but another network's.

WEIGHTS = {"kernel": np.zeros((4, 3), np.float32), "bias": np.zeros(3, np.float32)}
UNFIT: dict[str, tuple[dict[str, np.ndarray], str]] = {
    "another shape": (
        WEIGHTS | {"kernel": np.zeros((3, 4), np.float32)},
        "`net/dense/kernel` is (3, 4) float32 in the checkpoint, (4, 3) float32 is expected",
    ),
    "another type": (
        WEIGHTS | {"bias": np.zeros(3, np.float64)},
        "`net/dense/bias` is (3,) float64 in the checkpoint, (3,) float32 is expected",
    ),
    "one too few": (
        {"kernel": WEIGHTS["kernel"]},
        "the checkpoint's weights do not fit layer `dense`: 1 arrays, 2 expected",
    ),
    "none": ({}, "the checkpoint's weights do not fit layer `dense`: 0 arrays, 2 expected"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_weights_of_another_network_are_refused(what: str, tiny: Checkpoint, tmp_path: Path, refused: Any) -> None:
    arrays, message = UNFIT[what]
    network, path = Network([DENSE], (4,)).build(), tmp_path / "last.h5"
    layers = {"dense": tuple((f"net/dense/{name}", array) for name, array in arrays.items())}
    path.write_bytes(checkpoint_bytes(replace(tiny, weights=replace(tiny.weights, layers=layers))))
    assert refused(assign_weights, network, read_checkpoint(path).weights) == Problem("NN603", message)


# Which classes an architecture may name.


def test_the_architecture_of_every_network_is_known(network: Any) -> None:
    assert foreign_class(architecture(network)) is None


KINDS = ("layer", "activation", "initializer", "regularizer", "constraint")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in registry.names(kind)])
def test_every_part_that_a_config_can_ask_for_is_known(kind: str, name: str) -> None:
    found = registry.find(kind, name)
    assert found is not None
    if issubclass(found, Composite):
        return  # networks of such parts: `composites` among the networks above
    fields = {"type": found.model_fields["type"].default} | (REQUIRED.get(name, {}) if kind == "layer" else {})
    stored = keras.saving.serialize_keras_object(build(found.model_validate(fields)))
    part = json.loads(json.dumps(stored))
    assert foreign_class(json.dumps({"class_name": "Sequential", "config": {"layers": [part]}})) is None
