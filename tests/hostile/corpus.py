"""The corpus: files that were made to do harm, and the commands that each goes through.

The shapes of what is known of Keras (CVE-2024-3660, CVE-2025-1550, -8747, -9905, -9906, -12058, -49655 and their kin), of
HDF5, zip, NumPy, Pillow and YAML. What they would do is harmless here, and seen: make a file, read `secret.txt`, wait for ever at
`pipe`.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import marshal
import pickle
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import h5py
import numpy as np
import pyarrow
import pyarrow.parquet
from PIL import Image

from tests.hostile.files import (
    KERNEL,
    Edit,
    archive,
    checkpoint,
    described,
    function,
    layer,
    network,
    npy,
    pictures,
    png,
    stock_h5,
    zipped,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile file.

    Attributes:
        files: name -> content, made when the case is run; the first is the hostile one.
        commands: what is run, one after the other.
    """

    files: Callable[[], dict[str, bytes]]
    commands: Sequence[Sequence[str]]


def network_case(name: str, make: Callable[[], bytes]) -> Case:
    """A file in the place of a trained network: no command takes it."""
    array = io.BytesIO()
    np.save(array, np.zeros((1, 4), np.float32))
    data = io.BytesIO()
    np.savez(data, x=np.zeros((1, 4), np.float32), y=np.zeros((1, 3), np.float32))
    return Case(
        lambda: {name: make(), "x.npy": array.getvalue(), "data.npz": data.getvalue()},
        (
            ("eval", name, "--data", "data.npz"),
            ("predict", name, "x.npy"),
            ("export", name, "--format", "keras", "-o", "out.keras"),
            ("summary", name, "--weights"),
            ("init", "--from-h5", name, "-o", "out.yaml"),
        ),
    )


# Layers of stock Keras that run or read something.

ACT: Final = "open('made', 'w').write('ran')"
BYTECODE: Final = base64.b64encode(marshal.dumps(compile(ACT, "lambda", "eval"))).decode()
LAMBDA: Final = layer(
    "Lambda", "keras.layers", function={"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}
)
LAYERS: Final[dict[str, Any]] = {
    "lambda of bytecode": LAMBDA,
    "lambda of bytecode, as Keras 2 wrote it": layer("Lambda", function=[BYTECODE, None, None], function_type="lambda"),
    "lambda by name": layer("Lambda", "keras.layers", function=function("os", "system"), arguments={"command": "touch made"}),
    "lambda that fetches a file": layer(
        "Lambda", "keras.layers", function=function("keras.utils", "get_file"), arguments={"origin": "http://127.0.0.1:9/x"}
    ),
    "lambda on the list of trusted functions": layer(
        "Lambda", "keras.layers", function=function("keras.datasets.mnist", "load_data")
    ),
    "lambda in a wrapper": layer("TimeDistributed", "keras.layers", layer=LAMBDA),
    "lambda in a direction": layer("Bidirectional", "keras.layers", layer=layer("LSTM", units=3), backward_layer=LAMBDA),
    "lambda as a cell": layer("RNN", "keras.layers", cell=LAMBDA),
    "registered object": layer("Dense", "keras.layers", "mine>Dense", units=3),
    "registered object of a package": layer("Evil", "evil.layers", "evil>Evil"),
    "class of a module that runs programs": layer("Popen", "subprocess", args=["touch", "made"]),
    "class of a module that imports": layer("import_module", "importlib", name="antigravity"),
    "known class of another module": layer("Dense", "evil.layers", units=3),
    "model that loads another": layer("load_model", "keras.models", filepath="secret.txt"),
    "deserializer": layer("deserialize_keras_object", "keras.saving", config=LAMBDA),
    "switch of the safe mode": layer("enable_unsafe_deserialization", "keras.config"),
    "saved graph": layer("TFSMLayer", "keras.layers", filepath="secret.txt"),
    "module of torch": layer("TorchModuleWrapper", "keras.layers", module=BYTECODE),
    "function of jax": layer("JaxLayer", "keras.layers", call_fn=function("os", "system")),
    "words of a file": layer("StringLookup", "keras.layers", vocabulary="secret.txt"),
    "numbers of a file": layer("IntegerLookup", "keras.layers", vocabulary="secret.txt"),
    "texts by the words of a file": layer("TextVectorization", "keras.layers", vocabulary="secret.txt"),
    "words of a file on the network": layer("StringLookup", "keras.layers", vocabulary="http://127.0.0.1:9/words"),
    "pipeline of layers": layer("Pipeline", "keras.layers", layers=[LAMBDA]),
    "network inside": json.loads(network(LAMBDA)),
    "functional network inside": {"class_name": "Functional", "config": {"name": "part", "layers": [LAMBDA]}},
    "activation by its module": layer("Dense", "keras.layers", units=3, activation=function("os", "system")),
    "activation by its name": layer("Dense", "keras.layers", units=3, activation="os.system"),
    "activation of bytecode": layer(
        "Activation", "keras.layers", activation={"class_name": "__lambda__", "config": {"code": BYTECODE}}
    ),
    "initializer by its module": layer("Dense", units=3, kernel_initializer={"module": "os", "class_name": "system", "config": {}}),
    "regularizer that is registered": layer(
        "Dense", units=3, kernel_regularizer={"class_name": "L2", "registered_name": "mine>L2", "config": {}}
    ),
    "constraint of a function": layer("Dense", units=3, kernel_constraint=function("builtins", "exec")),
    "policy of another module": layer(
        "Dense", units=3, dtype={"module": "subprocess", "class_name": "Popen", "config": {"args": "touch made"}}
    ),
    "tensor of bytes": layer("Dense", units={"class_name": "__tensor__", "config": {"value": [1], "dtype": "float32"}}),
    "bytes": layer("Dense", units={"class_name": "__bytes__", "value": BYTECODE}),
    "units without end": layer("Dense", name="dense", units=2**31 - 1),
    "units beyond 64 bits": layer("Dense", name="dense", units=10**400),
    "words without end": layer("Embedding", name="dense", input_dim=2**31 - 1, output_dim=2**31 - 1),
    "output without end": layer("RepeatVector", n=2**31 - 1),
    "name with an escape": layer("Dense", name="\x1b]0;owned\x07\x1b[2Jdense\r\n::error::", units=3),
    "name of 100,000 characters": layer("Dense", name="x" * 100_000, units=3),
    "name that leads out": layer("Dense", name="../../dense", units=3),
}


def stock_layers() -> dict[str, Case]:
    """Each layer in an h5 file, and in a `.keras` file."""
    cases = {}
    for name, entry in LAYERS.items():
        text = network(entry)
        cases[f"h5, {name}"] = network_case("net.h5", lambda text=text: stock_h5(text))
        inside = network_case("net.keras", lambda text=text: archive(text))
        cases[f"keras, {name}"] = Case(inside.files, [inside.commands[1], inside.commands[4]])  # each takes a moment
    return cases


# HDF5.

PLACE: Final = "model_weights/dense/net/dense/kernel"


def instead(value: Any = None, place: str = PLACE, **stored: Any) -> Edit:
    """Puts something else in the place of an array."""

    def edit(file: h5py.File) -> None:
        del file[place]
        if stored:
            file.create_dataset(place, **stored)
        elif value is not None:
            file[place] = value

    return edit


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("pipe", "x", (4, 3))
    del file[PLACE]
    file.create_virtual_dataset(PLACE, layout)


def unknown_filter(file: h5py.File) -> None:
    del file[PLACE]
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((4, 3))
    properties.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1,))
    space = h5py.h5s.create_simple((4, 3))
    h5py.h5d.create(file.id, PLACE.encode(), h5py.h5t.IEEE_F32LE, space, properties)


def names(*values: bytes) -> Edit:
    return lambda file: file["model_weights/dense"].attrs.__setitem__("weight_names", list(values))


def model_config(value: Any) -> Edit:
    return lambda file: file.attrs.__setitem__("model_config", value)


def pointer(length: int, address: int, index: int = 1) -> Callable[[], bytes]:
    """An h5 file whose architecture is a text of variable length somewhere else."""

    def make() -> bytes:
        data = stock_h5(edit=model_config("x" * 40))
        at = data.index(b"model_config\0")
        found = data.index(struct.pack("<I", 40), at)
        return data[:found] + struct.pack("<IQI", length, address, index) + data[found + 16 :]

    return make


def deep(depth: int) -> str:
    return '{"class_name": "Sequential", "config":' * depth + "0" + "}" * depth


HDF5: Final[dict[str, Callable[[], bytes]]] = {
    "external link": lambda: stock_h5(edit=instead(h5py.ExternalLink("pipe", "x"))),
    "external link of a group": lambda: stock_h5(edit=instead(h5py.ExternalLink("pipe", "/"), "model_weights/dense")),
    "external link in the place of all weights": lambda: stock_h5(edit=instead(h5py.ExternalLink("pipe", "/"), "model_weights")),
    "soft link": lambda: stock_h5(edit=instead(h5py.SoftLink("/model_weights/dense/net/dense/bias"))),
    "soft link to nothing": lambda: stock_h5(edit=instead(h5py.SoftLink("/nowhere"))),
    "external storage": lambda: stock_h5(edit=instead(shape=(4, 3), dtype="f4", external=[("secret.txt", 0, 48)])),
    "virtual array": lambda: stock_h5(edit=virtual),
    "gzip": lambda: stock_h5(edit=instead(data=KERNEL, compression="gzip")),
    "a filter that is loaded from a library": lambda: stock_h5(edit=unknown_filter),
    "gzip bomb": lambda: stock_h5(edit=instead(shape=(2**14, 2**14), dtype="f4", compression="gzip", fillvalue=1.0)),
    "petabytes": lambda: stock_h5(edit=instead(shape=(2**47, 3), dtype="f8")),
    "chunks that were never written": lambda: stock_h5(edit=instead(shape=(2**20, 2**20), dtype="f4", chunks=(1024, 1024))),
    "a shape beyond 64 bits": lambda: stock_h5(edit=instead(shape=(0, 2**62), dtype="f4")),
    "not finite": lambda: stock_h5(edit=instead(data=np.full((4, 3), np.nan, np.float32))),
    "another shape of as many": lambda: stock_h5(edit=instead(data=KERNEL.T)),
    "complex": lambda: stock_h5(edit=instead(data=KERNEL.astype("c8"))),
    "references": lambda: stock_h5(edit=lambda file: instead(data=np.array([file.ref], h5py.ref_dtype))(file)),
    "lists": lambda: stock_h5(edit=instead(shape=(4,), dtype=h5py.vlen_dtype(np.float32))),
    "names twice": lambda: stock_h5(edit=names(b"net/dense/kernel", b"net/dense/kernel")),
    "names of nothing": lambda: stock_h5(edit=names(b"net/dense/nothing", b"net/dense/bias")),
    "names that lead out": lambda: stock_h5(edit=names(b"../../dense/net/dense/kernel", b"net/dense/bias")),
    "names from the root": lambda: stock_h5(edit=names(b"/model_weights/dense/net/dense/kernel", b"net/dense/bias")),
    "a group in itself": lambda: stock_h5(
        edit=lambda file: (names(b"/".join([b"net"] * 500))(file), file["model_weights/dense/net"].__setitem__("net", file["/"]))
    ),
    "many names of one array": lambda: stock_h5(
        network(layer("Dense", name="dense", units=30_000)),
        lambda file: (
            [file["model_weights/dense"].__setitem__(str(number), file[PLACE]) for number in range(300)],
            names(*(str(number).encode() for number in range(300)))(file),
        ),
    ),
    "JSON 100,000 levels deep": lambda: stock_h5(edit=model_config(deep(100_000))),
    "JSON 900 levels deep": lambda: stock_h5(edit=model_config(deep(900))),
    "JSON of 20 megabytes": lambda: stock_h5(edit=model_config(json.dumps({"a": "x" * 20_000_000}))),
    "JSON of 200,000 layers": lambda: stock_h5(
        edit=model_config(json.dumps({"class_name": "Sequential", "config": {"layers": [{}] * 200_000}}))
    ),
    "JSON of a list": lambda: stock_h5(edit=model_config("[1, 2]")),
    "JSON of a huge number": lambda: stock_h5(edit=model_config('{"class_name": ' + "9" * 5000 + "}")),
    "JSON with half a character": lambda: stock_h5(edit=model_config('{"class_name": "\\ud800"}')),
    "a text behind the end": pointer(40, 2**62),
    "a text of 4 gigabytes": pointer(2**32 - 1, 2048),
    "an input without end": lambda: stock_h5(
        network(layer("Flatten", name="flatten"), first=layer("InputLayer", batch_shape=[None, 2**28, 2**28])), flatten=()
    ),
    "a functional network": lambda: stock_h5(json.dumps({"class_name": "Functional", "config": {"layers": [LAMBDA]}})),
    "a network of one's own": lambda: stock_h5(json.dumps({"class_name": "Popen", "module": "subprocess", "config": {}})),
    "no network": lambda: stock_h5(edit=lambda file: file.attrs.__delitem__("model_config")),
    "cut short": lambda: stock_h5()[:2000],
    "a superblock alone": lambda: stock_h5()[:96],
    "HDF5 in name only": lambda: b"\x89HDF\r\n\x1a\n" + b"\xff" * 4096,
    "a pickle": lambda: pickle.dumps(print),
    "nothing": lambda: b"",
}

# Archives.


def forged(data: bytes, field: int, value: int, size: int = 4) -> bytes:
    """An archive whose list of members says something else of each of them."""
    spoilt, at = bytearray(data), -1
    while (at := spoilt.find(b"PK\x01\x02", at + 1)) >= 0:
        spoilt[at + field : at + field + size] = value.to_bytes(size, "little")
    return bytes(spoilt)


def twice(name: str) -> bytes:
    buffer = io.BytesIO(archive())
    with zipfile.ZipFile(buffer, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.writestr(name, network(LAMBDA))
    return buffer.getvalue()


def bomb_of_weights() -> bytes:
    """60 MB of zeros in 60 KB that say they were as many bytes packed as unpacked."""
    data = archive(members={"model.weights.h5": bytes(60_000_000)}, packing=zipfile.ZIP_DEFLATED)
    return forged(data, 20, 60_000_000)


ARCHIVES: Final[dict[str, Callable[[], bytes]]] = {
    "a member that leads out": lambda: archive(members={"../../made": b"x"}),
    "a member from the root": lambda: archive(members={"/tmp/made": b"x"}),
    "assets": lambda: archive(members={"assets/words.txt": b"a\nb\n"}),
    "pickled weights": lambda: archive(members={"model.weights.npz": pickle.dumps(print)}),
    "a config twice": lambda: twice("config.json"),
    "weights twice": lambda: twice("model.weights.h5"),
    "no config": lambda: archive(members={"config.json": None, "other.json": b"{}"}),
    "no weights": lambda: archive(members={"model.weights.h5": None}),
    "a bomb of text": lambda: archive(members={"config.json": b" " * 40_000_000}, packing=zipfile.ZIP_DEFLATED),
    "a bomb of weights": lambda: archive(members={"model.weights.h5": bytes(40_000_000)}, packing=zipfile.ZIP_DEFLATED),
    "a bomb that lies about its size": bomb_of_weights,
    "another packing": lambda: archive(packing=zipfile.ZIP_LZMA),
    "an old packing": lambda: archive(packing=zipfile.ZIP_BZIP2),
    "encryption": lambda: forged(archive(), 8, 1, 2),
    "members that lie elsewhere": lambda: forged(archive(), 42, 2**31 - 1),
    "sizes that are not there": lambda: forged(forged(archive(), 20, 2**31 - 1), 24, 2**31 - 1),
    "10,000 members": lambda: zipped({str(number): b"" for number in range(10_000)} | {"config.json": b"{}"}),
    "weights that link elsewhere": lambda: archive(edit=instead(h5py.ExternalLink("pipe", "x"), "layers/dense/vars/0")),
    "weights outside": lambda: archive(
        edit=instead(place="layers/dense/vars/0", shape=(4, 3), dtype="f4", external=[("secret.txt", 0, 48)])
    ),
    "weights of another shape": lambda: archive(edit=instead(place="layers/dense/vars/0", data=np.zeros((9, 9), "f4"))),
    "weights of another shape of as many": lambda: archive(edit=instead(place="layers/dense/vars/0", data=KERNEL.T)),
    "cut short": lambda: archive()[:-40],
    "another archive inside": lambda: archive(members={"model.weights.h5": archive()}),
}

# Checkpoints of nncli's own, whose checksum anyone can compute.

CHECKPOINTS: Final[dict[str, Callable[[], bytes]]] = {
    "bytecode for Keras": lambda: checkpoint(architecture=network(LAMBDA)),
    "a registered class for Keras": lambda: checkpoint(architecture=network(layer("Dense", None, "mine>Dense", units=3))),
    "units without end": lambda: checkpoint(layers=[{"type": "dense", "units": 2**31 - 1, "name": "dense"}]),
    "many layers": lambda: checkpoint(layers=[{"type": "dense", "units": 4} for _ in range(4000)]),
    "output without end": lambda: checkpoint(layers=[{"type": "repeat_vector", "n": 2**31 - 1}]),
    "another input": lambda: checkpoint(raw_shape=[2**28], input_shape=[2**28]),
    "an input without end": lambda: checkpoint(raw_shape=[2**28, 2**28], input_shape=[2**28, 2**28]),
    "a preparation of bytes": lambda: checkpoint(
        steps=[{"type": "rescale", "shape": [], "shift": 0.0, "scale": 1e300, "offset": 0.0}]
    ),
    "classes without targets": lambda: checkpoint(class_names=["a"] * 1000),
    "an external link": lambda: checkpoint(instead(h5py.ExternalLink("pipe", "x"))),
    "external storage": lambda: checkpoint(instead(shape=(4, 3), dtype="f4", external=[("secret.txt", 0, 48)])),
    "another shape of as many": lambda: checkpoint(instead(data=KERNEL.T)),
    "petabytes": lambda: checkpoint(instead(shape=(2**47, 3), dtype="f8")),
    "another array": lambda: checkpoint(lambda file: file.create_dataset("nncli/optimizer/0", data=1.0)),
    "a config that is no config": lambda: checkpoint(
        lambda file: instead(place="nncli/experiment", data=np.frombuffer(b'{"name": "../.."}', np.uint8))(file)
    ),
    "a config of 100,000 levels": lambda: checkpoint(
        instead(place="nncli/experiment", data=np.frombuffer(b'{"a":' * 100_000 + b"0" + b"}" * 100_000, np.uint8))
    ),
    "another byte": lambda: checkpoint()[:-1] + b"\x01",
}

# Data.


def array_case(name: str, make: Callable[[], bytes]) -> Case:
    """A file in the place of inputs."""
    commands: list[tuple[str, ...]] = [("predict", "net.h5", name)]
    if name.endswith(".npz"):
        commands.append(("eval", "net.h5", "--data", name))
    return Case(lambda: {name: make(), "net.h5": checkpoint()}, commands)


class _Act:
    def __reduce__(self) -> Any:
        return eval, (ACT,)


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([_Act()], object), allow_pickle=True)
    return buffer.getvalue()


def x_of(member: bytes, packing: int = zipfile.ZIP_STORED) -> Callable[[], bytes]:
    return lambda: zipped({"x.npy": member, "y.npy": member}, packing)


GOOD: Final = npy(described("(1, 4)"), bytes(16))
ARRAYS: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "pickled objects": ("x.npy", objects),
    "pickled objects in an archive": ("x.npz", lambda: zipped({"x.npy": objects(), "y.npy": objects()})),
    "a bare pickle": ("x.npy", lambda: pickle.dumps(_Act())),
    "a header that calls": ("x.npy", lambda: npy(ACT, bytes(16))),
    "a header of a megabyte": ("x.npy", lambda: npy(described("(1, 4)") + " " * 2**20, bytes(16), 2)),
    "a header 5,000 levels deep": ("x.npy", lambda: npy("(" * 5000 + ")" * 5000)),
    "a header of a class": (
        "x.npy",
        lambda: npy("{'descr': ().__class__.__bases__, 'fortran_order': False, 'shape': (1, 4)}", bytes(16)),
    ),
    "terabytes": ("x.npy", lambda: npy(described("(1099511627776, 4)"), bytes(16))),
    "beyond 64 bits": ("x.npy", lambda: npy(described("(18446744073709551616, 4)"), bytes(16))),
    "a negative size": ("x.npy", lambda: npy(described("(-1, 4)"), bytes(16))),
    "a type of gigabytes": ("x.npy", lambda: npy(described("(1, 4)", "('<f4', (1073741824,))"), bytes(16))),
    "records": ("x.npy", lambda: npy(described("(1, 4)", "[('a', 'O')]"), bytes(16))),
    "not finite": ("x.npy", lambda: npy(described("(1, 4)"), b"\xff" * 16)),
    "a bomb": ("x.npz", x_of(npy(described("(9000000, 4)"), bytes(144_000_000)), zipfile.ZIP_DEFLATED)),
    "a bomb that lies about its size": ("x.npz", lambda: forged(zipped({"x.npy": GOOD, "y.npy": GOOD}), 24, 2**31 - 1)),
    "members that lead out": ("x.npz", lambda: zipped({"../../x.npy": GOOD, "/y.npy": GOOD})),
    "an array twice as long as said": ("x.npz", x_of(GOOD + bytes(16))),
    "another packing": ("x.npz", x_of(GOOD, zipfile.ZIP_LZMA)),
    "encryption": ("x.npz", lambda: forged(zipped({"x.npy": GOOD, "y.npy": GOOD}), 8, 1, 2)),
    "10,000 arrays": ("x.npz", lambda: zipped({f"{number}.npy": b"" for number in range(10_000)})),
}


def picture_case(name: str, make: Callable[[], bytes]) -> Case:
    """A file in the place of a picture."""
    return Case(lambda: {name: make(), "net.h5": pictures()}, [("predict", "net.h5", name)])


def saved(kind: str, size: tuple[int, int] = (2, 2)) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size).save(buffer, kind)
    return buffer.getvalue()


def text_bomb() -> bytes:
    return png(2, 2, (b"zTXt", b"a\0\0" + zlib.compress(bytes(20_000_000))), data=zlib.compress(bytes(4)))


PICTURES: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "4 gigapixels": ("x.png", lambda: png(65_000, 65_000)),
    "100 megapixels": ("x.png", lambda: png(10_000, 10_000, data=zlib.compress(bytes(10_001 * 10_000)))),
    "a size beyond 31 bits": ("x.png", lambda: png(2**31 - 1, 2**31 - 1)),
    "a bomb of text": ("x.png", text_bomb),
    "a screen of 4 gigapixels": (
        "x.gif",
        lambda: b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b"\x2c" + bytes(4) + b"\xff" * 4 + b"\0\x02\0;",
    ),
    "a negative height": ("x.bmp", lambda: saved("BMP")[:22] + struct.pack("<i", -(2**31)) + saved("BMP")[26:]),
    "PostScript": ("x.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch made) (w) file\n"),
    "SVG": ("x.png", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    "TIFF": ("x.png", lambda: saved("TIFF")),
    "cut short": ("x.jpg", lambda: saved("JPEG", (64, 64))[:300]),
}

# Configs.

TAIL: Final = """
dataset: {type: inline, inputs: [[0.0], [1.0]], targets: [0.0, 1.0]}
model: {layers: [{type: dense, units: 1}]}
optimizer: sgd
loss: mse
"""


def config_case(
    text: str | Callable[[], str] | bytes, *arguments: str, commands: Sequence[str] = ("check", "summary"), **files: bytes
) -> Case:
    """A file in the place of a config."""

    def make() -> dict[str, bytes]:
        content = text() if callable(text) else text
        return {"c.yaml": content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"), **files}

    return Case(make, [(command, "c.yaml", *arguments) for command in commands])


def formula(text: str) -> Case:
    return config_case("name: a" + TAIL.replace("loss: mse", f"loss: {{type: expression, formula: {json.dumps(text)}}}"))


def data_of(dataset: str, commands: Sequence[str] = ("check", "summary"), **files: bytes) -> Case:
    text = TAIL.replace("{type: inline, inputs: [[0.0], [1.0]], targets: [0.0, 1.0]}", dataset)
    return config_case(f"name: a{text}", commands=commands, **files)


def table_of(name: str, make: Callable[[], bytes]) -> Case:
    """A table in the place of the data."""
    made = data_of(f"{{type: {'parquet' if name.endswith('parquet') else 'csv'}, path: {name}, target: y}}")
    return Case(lambda: {**made.files(), name: make()}, made.commands)


def one_text_for_all() -> bytes:
    """A Parquet file of less than a kilobyte: 2,000 times the same text of a megabyte."""
    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 2000, pyarrow.int32()), pyarrow.array(["a" * 2**20]))
    return parquet(pyarrow.table({"y": [0, 1] * 1000, "x": texts}))


def the_same_row() -> bytes:
    """A Parquet file of 50 million rows that are all alike, which take a bit each before they are packed."""
    zeros = pyarrow.array(np.zeros(50_000_000, np.int8))
    return parquet(pyarrow.table({"y": zeros, "x": zeros}))


def parquet(table: pyarrow.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, compression="zstd", write_statistics=False, store_schema=False)
    return buffer.getvalue()


CONFIGS: Final[dict[str, Case]] = {
    "a billion laughs": config_case(
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    ),
    "merge keys without end": config_case(
        "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 30))
    ),
    "30,000 brackets": config_case("[" * 30_000),
    "2,000 levels by indentation": config_case("".join(" " * n + "a:\n" for n in range(2000))),
    "a tag that runs": config_case("name: !!python/object/apply:os.system ['touch made']"),
    "a tag that makes": config_case("name: !!python/object/new:subprocess.Popen [['touch', 'made']]"),
    "a tag of a name": config_case("name: !!python/name:os.system"),
    "a tag of one's own": config_case("%TAG ! tag:evil.example,2000:\n---\nname: !evil x"),
    "a key that is a list": config_case("? [a, b]\n: c"),
    "a key twice": config_case("name: a\nname: b" + TAIL),
    "five megabytes": config_case(lambda: "name: " + "x" * 5_000_000),
    "100,000 values": config_case(lambda: "name: [" + "1," * 100_000 + "]"),
    "a number of 5,000 digits": config_case("name: a\nseed: " + "9" * 5000 + TAIL),
    "a float beyond all": config_case("name: a\nseed: 1e999999999" + TAIL),
    "two documents": config_case("name: a\n---\nname: b"),
    "bytes that are no text": config_case(b"name: \xff\xfe\x00"),
    "an escape sequence": config_case("name: a\x1b[2J" + TAIL),
    "an escape sequence, escaped": config_case('name: "a\\e[2J\\a\\r\\n::error::owned"' + TAIL),
    "text that runs backwards": config_case('name: "a\\u202e\\u2066"' + TAIL),
    "half a character": config_case('name: "\\ud800"' + TAIL),
    "a name that leads out": config_case("name: ../../made" + TAIL),
    "a name from the root": config_case("name: /tmp/made" + TAIL),
    "a layer that is code": config_case(
        "name: a" + TAIL.replace("{type: dense, units: 1}", "{type: lambda, function: 'lambda x: x'}")
    ),
    "layers without end": config_case(
        "name: a" + TAIL.replace("{type: dense, units: 1}", "{type: repeat, times: 2147483647, layers: [{type: dense, units: 1}]}")
    ),
    "repeats in repeats": config_case(
        "name: a"
        + TAIL.replace(
            "{type: dense, units: 1}", "{type: repeat, times: 9999, layers: [" * 20 + "{type: dense, units: 1}" + "]}" * 20
        )
    ),
    # `check` only warns of data that are not there yet.
    "data in a pipe": data_of("{type: npz, path: pipe}", ("summary", "train")),
    "data of a device": data_of("{type: npz, path: /dev/zero}", ("summary", "train")),
    "data that are the config": data_of("{type: npz, path: c.yaml}"),
    "a text without end": data_of("{type: text, path: /dev/zero}", ("summary", "train")),
    "weights of a pipe": config_case("name: a" + TAIL.replace("model: {", "model: {weights_from: pipe, "), commands=["train"]),
    "weights of bytecode": config_case(
        "name: a" + TAIL.replace("model: {", "model: {weights_from: x.h5, "),
        commands=["train"],
        **{"x.h5": stock_h5(network(LAMBDA))},
    ),
    "a table of half a million columns": data_of(
        "{type: series, path: x.csv, inputs: [n], targets: [n], length: 2}",
        **{"x.csv": b"," * 500_000 + b"\n" + b"1," * 500_000 + b"1\n"},
    ),
    "a Parquet file of one text": table_of("x.parquet", one_text_for_all),
    "a Parquet file of one row": table_of("x.parquet", the_same_row),
    "a packed table": table_of("x.csv.gz", lambda: gzip.compress(b"y,x\n" + b"1,1\n" * 68_000_000, 1, mtime=0)),
    "a formula that imports": formula("__import__('os').system('touch made')"),
    "a formula that calls": formula("exec(y_true)"),
    "a formula of attributes": formula("y_true.__class__.__mro__"),
    "a formula of indices": formula("y_true[0]"),
    "a formula that assigns": formula("(y_true := y_pred)"),
    "a formula of a function": formula("(lambda: y_true)()"),
    "a formula of a list": formula("[y_true for y_true in y_pred]"),
    "a formula of a text": formula("f'{y_true}'"),
    "a formula 400 brackets deep": formula("(" * 240 + "y_true" + ")" * 240),
    "a formula of 100,000 characters": formula("-" * 100_000 + "y_true"),
    "a formula of a number without end": formula("9" * 480),
    "a formula of a power without end": formula("9**9**9**9**"),
    "a formula with an escape": formula("y_true\x1b[2J"),
    "an override that runs": config_case("name: a" + TAIL, "--set", "name=!!python/object/apply:os.system ['touch made']"),
    "an override of brackets": config_case("name: a" + TAIL, "--set", "name=" + "[" * 30_000),
    "an override with an escape": config_case("name: a" + TAIL, "--set", "\x1b[2J=1"),
}

CASES: Final[dict[str, Case]] = {
    **stock_layers(),
    **{f"h5, {name}": network_case("net.h5", make) for name, make in HDF5.items()},
    **{f"keras, {name}": network_case("net.keras", make) for name, make in ARCHIVES.items()},
    **{f"checkpoint, {name}": network_case("net.h5", make) for name, make in CHECKPOINTS.items()},
    **{f"array, {name}": array_case(*made) for name, made in ARRAYS.items()},
    **{f"picture, {name}": picture_case(*made) for name, made in PICTURES.items()},
    **{f"config, {name}": case for name, case in CONFIGS.items()},
}
