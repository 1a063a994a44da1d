"""Files that look like stock Keras's: what they name that is not on the allow-list, and what is forged in them."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nncli.checkpoint.contents import Weights
from nncli.checkpoint.stock.classes import function_of, spec_of
from nncli.checkpoint.stock.container import is_stock
from nncli.checkpoint.stock.read import read_stock
from nncli.checkpoint.write import weights_bytes
from nncli.problems import NncliError
from nncli.spec import registry
from nncli.spec.model import OWN_PARTS

FILES = Path(__file__).parent / "files"
KERNEL, BIAS = np.ones((4, 3), np.float32), np.zeros(3, np.float32)
WEIGHTS = {"dense": (("net/dense/kernel", KERNEL), ("net/dense/bias", BIAS))}


def entry(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": "part", "trainable": True, "dtype": "float32"} | config}


INPUT = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "dtype": "float32", "name": "inputs"}}
DENSE = entry("Dense", name="dense", units=3, activation="linear")


def network(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "net", "layers": [INPUT, *layers]}}


def h5(architecture: Any, weights: Any = WEIGHTS, version: str = "3.15.1") -> bytes:
    text = architecture if isinstance(architecture, str) else json.dumps(architecture)
    return weights_bytes(Weights(text, version, weights))


def archive(architecture: Any, members: dict[str, bytes] | None = None, packed: bool = False) -> bytes:
    weights, buffer = io.BytesIO(), io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = KERNEL, BIAS
    text = architecture if isinstance(architecture, str) else json.dumps(architecture)
    usual = {"config.json": text.encode(), "metadata.json": b'{"keras_version": "3.15.1"}', "model.weights.h5": weights.getvalue()}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, data in (usual | (members or {})).items():
            file.writestr(name, data)
    return buffer.getvalue()


def messages(data: bytes) -> list[str]:
    """What is said of a file that is refused."""
    began = time.monotonic()
    with pytest.raises(NncliError) as caught:
        read_stock(Path("net.h5"), data)
    assert time.monotonic() - began < 3
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {"NN603"}
    assert all(problem.where is not None and problem.where.file == "net.h5" for problem in problems)
    assert all(problem.message.isprintable() and len(problem.message) < 500 for problem in problems)
    return [problem.message for problem in problems]


@pytest.mark.parametrize("make", [h5, archive])
def test_what_is_sound_is_read(make: Callable[[Any], bytes]) -> None:
    data = make(network(DENSE))
    assert is_stock(data)
    stock = read_stock(Path("net.h5"), data)
    assert [layer.name for layer in stock.stack.model.layers] == ["dense"]
    assert np.array_equal(stock.weights.layers["dense"][0][1], KERNEL)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "bytecode": (
        entry("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}),
        "layer `part`: it is `Lambda`, a layer that no config can express",
    ),
    "a function by its name": (
        entry("Lambda", function={"module": "os", "class_name": "function", "config": "system", "registered_name": "function"}),
        "layer `part`: it is `Lambda`, a layer that no config can express",
    ),
    "a registered class": (
        entry("Dense", units=3) | {"registered_name": "mine>Dense"},
        "layer `part`: it is `mine>Dense`, a layer",
    ),
    "a class elsewhere": (entry("Dense", units=3) | {"module": "subprocess"}, "layer `part`: it is `subprocess.Dense`, a layer"),
    "a class that runs code": (
        entry("Popen", args=["id"]) | {"module": "subprocess"},
        "layer `part`: it is `subprocess.Popen`, a layer",
    ),
    "a saved graph": (entry("TFSMLayer", filepath="/tmp/x"), "layer `part`: it is `TFSMLayer`, a layer"),
    "a file of words": (entry("TextVectorization", vocabulary="/etc/passwd"), "layer `part`: it is `TextVectorization`, a layer"),
    "a network inside": (
        {"class_name": "Functional", "config": {"name": "part", "layers": []}},
        "layer `part`: it is a network inside the network, which no config can express; take its layers out of it",
    ),
    "a network inside a layer": (
        entry("TimeDistributed", layer=network(DENSE)),
        "layer `part`: `layer` is a network inside the network",
    ),
    "two inputs": (entry("Concatenate", axis=-1), "layer `part`: it is `Concatenate`, a layer"),
    "an argument": (entry("LSTM", units=3, return_state=True), "layer `part`: `return_state` is the boolean true, an argument"),
    "an unknown argument": (entry("Dense", units=3, lora_rank=4), "layer `part`: `lora_rank` is the number 4, an argument"),
    "a value": (entry("Dense", units=-3), "layer `part`: `units` is the number -3, which no config can express"),
    "another type": (entry("Dense", units="many"), "layer `part`: `units` is the string 'many', which no config can express"),
    "nothing at all": (entry("Dense"), "layer `part`: `units` is missing"),
    "channels first": (entry("Dropout", rate=0.5, data_format="channels_first"), "layer `part`: `data_format` is"),
    "precision": (
        entry("Dense", units=3, dtype={"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}),
        "layer `part`: `dtype` is the string 'mixed_float16', an argument that no config can express",
    ),
    "an activation": (entry("Dense", units=3, activation="mine"), "layer `part`: `activation` is `mine`, an activation"),
    "a function": (
        entry("Dense", units=3, activation={"module": "os", "class_name": "function", "config": "system"}),
        "layer `part`: `activation` is the string 'system', a function that no config can express",
    ),
    "a gadget as initializer": (
        entry("Dense", units=3, kernel_initializer={"module": "builtins", "class_name": "eval", "config": {"x": "1"}}),
        "layer `part`: `kernel_initializer` is `builtins.eval`, an initializer that no config can express",
    ),
    "a regularizer elsewhere": (
        entry("Dense", units=3, kernel_regularizer={"module": "m", "class_name": "L2", "config": {"l2": 1.0}}),
        "layer `part`: `kernel_regularizer` is `m.L2`, a regularizer that no config can express",
    ),
    "many units": (entry("Dense", name="dense", units=2 * 10**9), "layer `dense`: it gives 2000000000 numbers for a sample"),
    "more units than weights": (
        entry("Dense", name="dense", units=10**6),
        "this network of stock Keras cannot be taken: layer `dense` has 15 weights there, and by its arguments 5,000,000",
    ),
    "a number without end": (entry("RepeatVector", n=10**30), "layer `part`: `n` is the number 1000000000000000000000000000000"),
    "a name that leads elsewhere": (entry("Dense", units=3, name="../dense"), "layer `../dense`: `name` is the string"),
    "a shape that does not fit": (entry("Conv2D", filters=2, kernel_size=[2, 2]), "layer `part`: `conv2d` takes samples of 3 axes"),
    "cells that hold each other": (
        entry("RNN", cell={"class_name": "StackedRNNCells", "config": {"cells": [{"class_name": "Dense", "config": {}}]}}),
        "layer `part`: `cell.cells.0` is `Dense`, a cell that no config can express",
    ),
}


@pytest.mark.parametrize("make", [h5, archive])
@pytest.mark.parametrize("what", REFUSED)
def test_what_no_config_can_express_is_refused(what: str, make: Callable[[Any], bytes]) -> None:
    layer, message = REFUSED[what]
    (said,) = messages(make(network(layer)))
    assert said.startswith(message)


def test_a_strangers_words_do_no_harm_to_a_terminal() -> None:
    loud = entry("Dense\x1b[31m\n" + "x" * 10_000, name="\x1b[2J")
    assert all("\x1b" not in text for text in messages(h5(network(loud, entry("Dense", **{"\r\n" * 1000: 1})))))
    many = messages(h5(network(entry("Dense", name="dense", units=3, **{f"a{number}": 1 for number in range(5000)}))))
    assert len(many) == 101 and many[-1] == "4,900 more things that no config can express"


KINDS = ("layer", "cell", "initializer", "regularizer", "constraint", "optimizer", "schedule", "loss", "metric")


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in registry.names(kind)])
def test_every_spec_is_found_by_the_class_of_keras(kind: str, name: str) -> None:
    spec = registry.find(kind, name)
    assert spec is not None
    if spec.keras_class and name != "input" and name not in OWN_PARTS:
        assert spec_of(kind, {"class_name": spec.keras_class, "module": f"keras.{spec.keras_module}"}) is spec
        assert spec_of(kind, {"class_name": spec.keras_class, "registered_name": f"mine>{spec.keras_class}"}) is None
        assert spec_of(kind, {"class_name": spec.keras_class, "module": "mine"}) is None


@pytest.mark.parametrize("name", registry.names("activation"))
def test_every_activation_is_found_by_the_function_of_keras(name: str) -> None:
    spec = registry.find("activation", name)
    assert spec is not None
    if spec.keras_class:
        assert function_of("activation", spec.keras_class) is spec
    if layer := getattr(spec, "keras_layer", ""):
        assert spec_of("activation", {"class_name": layer, "module": "keras.layers"}) is spec


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = [REFUSED[what][0] for what in ("bytecode", "an argument", "an activation")]
    said = messages(h5(network(*(layer | {"config": layer["config"] | {"name": f"l{n}"}} for n, layer in enumerate(wrong)), DENSE)))
    assert [text.partition(":")[0] for text in said] == ["layer `l0`", "layer `l1`", "layer `l2`"]


def nested(depth: int) -> str:
    return '{"class_name": "Sequential", "config": ' + '{"a": ' * depth + "1" + "}" * depth + "}"


DOCUMENTS: dict[str, tuple[Any, str]] = {
    "functional": ({"class_name": "Functional", "config": {"layers": []}}, "it is a `Functional` model; only `Sequential` ones"),
    "no network": ([1, 2], "is no mapping"),
    "no JSON": ("{", "is no JSON that can be read"),
    "a little deep": (nested(100), "is nested more than 64 levels deep"),
    "very deep": (nested(100_000), "is no JSON that can be read"),
    "half a character": ('{"class_name": "\\ud800"}', "is no JSON that can be read"),
    "no layers": (network() | {"config": {"layers": []}}, "is no list of 1 to 4,096 layers"),
    "many layers": (network() | {"config": {"layers": [1] * 5000}}, "is no list of 1 to 4,096 layers"),
    "no layer": (network() | {"config": {"layers": [1]}}, "layer 0 of its architecture is no description of a layer"),
    "nothing but an input": (network(), "the network has no layers"),
    "no shape": (network() | {"config": {"layers": [DENSE]}}, "does not tell the shape of the network's inputs"),
}


@pytest.mark.parametrize("make", [h5, archive])
@pytest.mark.parametrize("what", DOCUMENTS)
def test_what_is_no_sequential_network_is_refused(what: str, make: Callable[[Any], bytes]) -> None:
    document, message = DOCUMENTS[what]
    (said,) = messages(make(document))
    assert message in said


@pytest.mark.parametrize(
    ("dense", "message"),
    [
        ((("net/dense/kernel", KERNEL),), "layer `dense` has 12 weights there, and by its arguments 15 for inputs of 4"),
        ((("net/dense/kernel", KERNEL.astype(np.float64)), ("net/dense/bias", BIAS)), "holds float64 numbers"),
        ((("net/dense/kernel", KERNEL * np.nan), ("net/dense/bias", BIAS)), "holds weights that are not finite numbers"),
        ((("net/dense/kernel", KERNEL.astype(complex)), ("net/dense/bias", BIAS)), "holds values of type complex128"),
        ((), "layer `dense` has 0 weights there"),
    ],
)
def test_other_weights_are_refused(dense: Any, message: str) -> None:
    (said,) = messages(h5(network(DENSE), {"dense": dense}))
    assert message in said


def forged(change: Callable[[h5py.File], None]) -> bytes:
    buffer = io.BytesIO(h5(network(DENSE)))
    with h5py.File(buffer, "r+") as file:
        change(file)
    return buffer.getvalue()


def _replaced(make: Callable[[h5py.Group], None]) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file["model_weights/dense/net/dense/kernel"]
        make(file["model_weights/dense/net/dense"])

    return change


FORGED: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    "elsewhere": (
        _replaced(lambda group: group.__setitem__("kernel", h5py.ExternalLink("/etc/passwd", "/x"))),
        "a link to somewhere",
    ),
    "a soft link": (_replaced(lambda group: group.__setitem__("kernel", h5py.SoftLink("/model_weights"))), "a link to somewhere"),
    "packed": (
        _replaced(lambda group: group.create_dataset("kernel", data=np.ones((4, 3), np.float32), compression="gzip")),
        "is compressed or filtered",
    ),
    "pieces": (_replaced(lambda group: group.create_dataset("kernel", data=KERNEL, chunks=(1, 1))), "is stored in pieces"),
    "nothing there": (_replaced(lambda group: group.create_dataset("kernel", (2**20, 2**10), np.float32)), "declares"),
    "a group": (_replaced(lambda group: group.create_group("kernel")), "is no array"),
    "no names": (lambda file: file["model_weights/dense"].attrs.__delitem__("weight_names"), "has 0 weights there"),
    "names of numbers": (lambda file: file["model_weights/dense"].attrs.__setitem__("weight_names", [1, 2]), "it is no text"),
    "names twice": (
        lambda file: file["model_weights/dense"].attrs.__setitem__("weight_names", [b"net/dense/bias"] * 2),
        "have no names of their own",
    ),
    "names that lead out": (
        lambda file: file["model_weights/dense"].attrs.__setitem__("weight_names", [b"../../dense/net/dense/bias"]),
        "is missing",
    ),
    "weights alone": (lambda file: file.attrs.__delitem__("model_config"), "it holds weights without the network they belong to"),
    "no weights": (lambda file: file.__delitem__("model_weights"), "`/model_weights` is missing"),
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_arrays_and_names_are_refused(what: str) -> None:
    change, message = FORGED[what]
    (said,) = messages(forged(change))
    assert message in said


ARCHIVES: dict[str, tuple[dict[str, bytes], str]] = {
    "a way out": ({"../../evil.py": b"1"}, "it holds `../../evil.py`"),
    "assets": ({"assets/words.txt": b"1"}, "it holds `assets/words.txt`"),
    "no weights": ({"model.weights.h5": b""}, "damaged"),
    "other weights": ({"model.weights.h5": b"PK\3\4"}, "damaged"),
    "a bomb": ({"model.weights.h5": bytes(2**25)}, "unpacks to more than 16,777,216 bytes"),
    "a bomb of text": ({"metadata.json": b" " * 2**25}, "unpacks to more than 16,777,216 bytes"),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_forged_archives_are_refused(what: str) -> None:
    members, message = ARCHIVES[what]
    (said,) = messages(archive(network(DENSE), members, packed=True))
    assert message in said


def test_an_archive_that_lacks_something_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("config.json", "{}")
    (said,) = messages(buffer.getvalue())
    assert "each once; this one holds config.json" in said


@pytest.mark.parametrize("make", [h5, archive])
def test_a_file_cut_short_or_changed_is_refused_or_read(make: Callable[[Any], bytes]) -> None:
    """Whatever is damaged, no other exception comes of it, and none takes long."""
    sound, generator = make(network(DENSE)), np.random.default_rng(0)
    for number in range(300):
        data = bytearray(sound)
        for place in generator.integers(0, len(data), 3):
            data[place] = generator.integers(0, 256)
        data = data[: generator.integers(1, len(data))] if number % 3 == 0 else data
        began = time.monotonic()
        try:
            read_stock(Path("net.h5"), bytes(data))
        except NncliError as failure:
            assert {problem.code for problem in failure.problems} == {"NN603"}
        assert time.monotonic() - began < 3


def test_what_keras_2_meant_otherwise_is_refused() -> None:
    layer = entry("LSTM", name="dense", units=3, recurrent_activation="hard_sigmoid")
    (said,) = messages(h5(network(layer), version="2.2.4-tf"))
    assert "`recurrent_activation` is Keras 2's `hard_sigmoid`" in said


def test_the_first_versions_of_keras_2_listed_the_layers_alone() -> None:
    first = copy.deepcopy(DENSE)
    first["config"] |= {
        "batch_input_shape": [None, 4],
        "kernel_initializer": {"class_name": "Zeros", "config": {"dtype": "float32"}},
    }
    stock = read_stock(Path("net.h5"), h5({"class_name": "Sequential", "config": [first]}, version="2.1.6"))
    assert stock.stack.input_shape == (4,)


def test_both_formats_of_keras_2_hold_the_same() -> None:
    first, second = (read_stock(path, path.read_bytes()) for path in sorted(FILES.glob("keras2_sequence.*")))
    assert first.stack == second.stack and first.compiled == second.compiled
    for name, arrays in first.weights.layers.items():
        assert [array.tolist() for _, array in arrays] == [array.tolist() for _, array in second.weights.layers[name]]


def test_tensorflow_is_not_imported_for_a_file_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.h5"
    path.write_bytes(h5(network(REFUSED["bytecode"][0], DENSE)))
    sound = FILES / "keras2_image.h5"
    script = (
        "import sys\nfrom nncli.cli.main import main\n"
        f"for command in (['init', '--from-h5', {str(path)!r}], ['predict', {str(path)!r}, 'x.npy'], ['eval', {str(path)!r}],"
        f" ['export', {str(path)!r}], ['summary', {str(path)!r}],"
        f" ['init', '--from-h5', {str(sound)!r}, '-o', {str(tmp_path / 'sound.yaml')!r}], ['summary', {str(sound)!r}]):\n"
        "    sys.argv = ['nncli', *command]\n"
        "    try:\n        main()\n    except SystemExit as ended:\n        print('code', ended.code)\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    codes = [line for line in done.stdout.splitlines() if line.startswith("code")]
    assert codes == ["code 3"] * 5 + ["code 0"] * 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["evil.h5", "nncli.schema.json", "sound.yaml"]
