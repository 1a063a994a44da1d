"""Files made to do harm, sealed with a valid checksum: each is refused with what is wrong, and nothing in it is followed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nncli.checkpoint import hdf5
from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.problems import NncliError, Where

Edit = Callable[[h5py.File], Any]

KERNEL = "/model_weights/dense/t/dense/kernel"
BIAS = "/model_weights/dense/t/dense/bias"


def instead(path: str, value: Any = None, **stored: Any) -> Edit:
    """Puts a link, or an array that is stored in some way, in the place of what stands at `path`."""

    def edit(file: h5py.File) -> None:
        del file[path]
        if stored:
            file.create_dataset(path, **stored)
        elif value is not None:
            file[path] = value

    return edit


def text(path: str, content: bytes) -> Edit:
    return instead(path, data=np.frombuffer(content, np.uint8))


def network(**changed: Any) -> Edit:
    """Changes the description of the network."""

    def edit(file: h5py.File) -> None:
        description = json.loads(file["/nncli/network"][()].tobytes())
        text("/nncli/network", json.dumps({**description, **changed}).encode())(file)

    return edit


def reference(kind: str) -> Edit:
    def edit(file: h5py.File) -> None:
        found = file.ref if kind == "object" else file[BIAS].regionref[0]
        instead(KERNEL, data=np.array([found], dtype=h5py.ref_dtype if kind == "object" else h5py.regionref_dtype))(file)

    return edit


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (2, 3))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def attribute(value: Any) -> Edit:
    return lambda file: file["nncli"].attrs.__setitem__("format", value)


def architecture(*layers: Any) -> Edit:
    return network(architecture=json.dumps({"class_name": "Sequential", "config": {"layers": list(layers)}}))


def dense(**config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"units": 3, **config}}


def deep(depth: int) -> bytes:
    return b'{"a":' * depth + b"0" + b"}" * depth


zeros = np.zeros((2, 3), np.float32)
nan = np.full((2, 3), np.nan, np.float32)
HOSTILE: dict[str, tuple[Edit, str]] = {
    # Ways out of the file.
    "an external link": (instead(KERNEL, h5py.ExternalLink("other.h5", "x")), f"`{KERNEL}` is a link to somewhere else"),
    "an external link to a pipe": (instead(KERNEL, h5py.ExternalLink("pipe", "x")), f"`{KERNEL}` is a link to somewhere else"),
    "a soft link": (instead(KERNEL, h5py.SoftLink(BIAS)), f"`{KERNEL}` is a link to somewhere else"),
    "a soft link to nothing": (instead(KERNEL, h5py.SoftLink("/none")), f"`{KERNEL}` is a link to somewhere else"),
    "a linked group": (instead("/nncli", h5py.ExternalLink("other.h5", "nncli")), "`/nncli` is a link to somewhere else"),
    "a linked checksum": (instead("/nncli/checksum", h5py.SoftLink(BIAS)), "`/nncli/checksum` is a link to somewhere else"),
    "external storage": (
        instead(KERNEL, shape=(2, 3), dtype="f4", external=[("/etc/passwd", 0, 24)]),
        f"`{KERNEL}` lies outside the file",
    ),
    "a virtual array": (virtual, f"`{KERNEL}` lies in other files"),
    # Storage.
    "gzip": (instead(KERNEL, data=zeros, compression="gzip"), f"`{KERNEL}` is compressed or filtered"),
    "lzf": (instead(KERNEL, data=zeros, compression="lzf"), f"`{KERNEL}` is compressed or filtered"),
    "shuffled": (instead(KERNEL, data=zeros, shuffle=True), f"`{KERNEL}` is compressed or filtered"),
    "chunks": (instead(KERNEL, data=zeros, chunks=(1, 3)), f"`{KERNEL}` is stored in pieces"),
    "never written": (instead(KERNEL, shape=(2, 3), dtype="f4"), f"`{KERNEL}` declares 24 bytes and stores 0"),
    "petabytes": (
        instead(KERNEL, shape=(2**47, 3), dtype="f8"),
        f"`{KERNEL}` declares 3,377,699,720,527,872 bytes and stores 0",
    ),
    "an impossible shape": (instead(KERNEL, shape=(0, 2**62), dtype="f4"), "its HDF5 structure is damaged (ValueError)"),
    "nothing": (instead(KERNEL, data=h5py.Empty("f4")), f"`{KERNEL}` is empty"),
    # Types.
    "int16": (instead(KERNEL, data=zeros.astype("i2")), f"`{KERNEL}` holds values of type int16, which no network has"),
    "big-endian": (instead(KERNEL, data=zeros.astype(">f4")), f"`{KERNEL}` holds values of type >f4, which no network has"),
    "complex": (instead(KERNEL, data=zeros.astype("c8")), f"`{KERNEL}` holds values of type complex64, which no network has"),
    "records": (
        instead(KERNEL, data=np.zeros(2, [("a", "f4")])),
        f"`{KERNEL}` holds values of type [('a', '<f4')], which no network has",
    ),
    "text": (instead(KERNEL, data="text"), f"`{KERNEL}` holds text, which no network has"),
    "lists": (instead(KERNEL, shape=(2,), dtype=h5py.vlen_dtype(np.float32)), f"`{KERNEL}` holds lists, which no network has"),
    "object references": (reference("object"), f"`{KERNEL}` holds references, which no network has"),
    "region references": (reference("region"), f"`{KERNEL}` holds references, which no network has"),
    "not finite": (instead(KERNEL, data=nan), "it holds weights that are not finite numbers"),
    # Members.
    "a missing array": (instead(KERNEL), f"`{KERNEL}` is missing"),
    "a missing layer": (instead("/model_weights/dense"), "`/model_weights/dense` is missing"),
    "no weights at all": (instead("/model_weights"), "`/model_weights` is missing"),
    "no config": (instead("/nncli/experiment"), "`/nncli/experiment` is missing"),
    "no checksum": (instead("/nncli/checksum"), "`/nncli/checksum` is missing"),
    "a checksum of another type": (instead("/nncli/checksum", data=np.zeros(32, "f4")), "its checksum is damaged"),
    "a group for an array": (lambda file: (instead(KERNEL)(file), file.create_group(KERNEL)), f"`{KERNEL}` is no array"),
    "an array for a group": (instead("/nncli/seeds", data=zeros), "`/nncli/seeds` is no group"),
    "a type for an array": (instead(KERNEL, np.dtype("f4")), f"`{KERNEL}` is no array"),
    "a type for a group": (instead("/nncli/seeds", np.dtype("f4")), "`/nncli/seeds` is no group"),
    "another group": (lambda file: file.create_group("more"), "it holds `/more`, which nncli does not write"),
    "another link": (
        lambda file: file.__setitem__("more", h5py.ExternalLink("other.h5", "x")),
        "it holds `/more`, which nncli does not write",
    ),
    "another layer": (
        lambda file: file.create_group("model_weights/more"),
        "it holds `/model_weights/more`, which nncli does not write",
    ),
    "a group in itself": (
        lambda file: file["model_weights"].__setitem__("more", file["model_weights"]),
        "it holds `/model_weights/more`, which nncli does not write",
    ),
    "another weight": (
        lambda file: file["model_weights/dense/t"].create_dataset("more", data=1.0),
        "it holds `/model_weights/dense/t/more`, which nncli does not write",
    ),
    "other variables": (lambda file: file.create_group("nncli/more"), "it holds `/nncli/more`, which nncli does not write"),
    "another variable": (
        lambda file: file["nncli/seeds"].create_dataset("1", data=1.0),
        "it holds `/nncli/seeds/1`, which nncli does not write",
    ),
    # Texts.
    "nested config": (text("/nncli/experiment", deep(100_000)), "`/nncli/experiment` is no JSON that can be read"),
    "a config of another kind": (text("/nncli/experiment", b"[]"), "its `experiment` is no mapping"),
    "a state of another kind": (text("/nncli/state", b"3"), "its `state` is no mapping"),
    "no UTF-8": (text("/nncli/run", b'{"a": "\xff"}'), "`/nncli/run` is no JSON that can be read"),
    "a huge number": (text("/nncli/run", b'{"a": ' + b"1" * 5000 + b"}"), "`/nncli/run` is no JSON that can be read"),
    "an empty text": (text("/nncli/run", b""), "`/nncli/run` is no JSON that can be read"),
    "a text of text": (instead("/nncli/run", data="{}"), "`/nncli/run` holds text, which no network has"),
    "a text in two axes": (
        instead("/nncli/run", data=np.zeros((2, 2), np.uint8)),
        "`/nncli/run` is no text of at most 67,108,864 bytes",
    ),
    "names of another kind": (text("/nncli/seeds/names", b"[1]"), "`names` is no list of names"),
    "too many names": (text("/nncli/seeds/names", b'["a", "b"]'), "`/nncli/seeds/1` is missing"),
    "another format": (attribute(2), "its format is 2, this nncli reads 1"),
    "a format in a list": (attribute([1]), "`/nncli/format` is no whole number"),
    "a format as text": (attribute("1"), "`/nncli/format` is no whole number"),
    "a format with a fraction": (attribute(1.5), "`/nncli/format` is no whole number"),
    "no format": (lambda file: file["nncli"].attrs.__delitem__("format"), "`/nncli/format` is missing"),
    # The network.
    "no description": (text("/nncli/network", b"[]"), "`network` is no description of a network"),
    "a version of another kind": (network(keras_version=3), "`network` is no description of a network"),
    "layers of another kind": (network(layers=[["dense", "kernel"]]), "`network` is no description of a network"),
    "a layer twice": (network(layers=[["dense", []], ["dense", []]]), "`network` is no description of a network"),
    "a layer above": (network(layers=[["../nncli", []]]), "`/model_weights/../nncli` is missing"),
    "a layer that is this group": (network(layers=[[".", []]]), "`/model_weights/.` is missing"),
    "a layer of no name": (network(layers=[["", []]]), "`/model_weights/` is missing"),
    "a weight elsewhere": (network(layers=[["dense", ["/nncli/seeds/0"]]]), "`/model_weights/dense/` is missing"),
    "no network": (network(architecture="{}"), "its architecture is no network of Keras"),
    "no JSON": (network(architecture="Sequential"), "its architecture is no network of Keras"),
    "a nested network": (network(architecture=deep(100_000).decode()), "its architecture is no network of Keras"),
    "half a character": (
        network(architecture='{"class_name": "Sequential", "a": "\ud800"}'),
        "its architecture is no network of Keras",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_what_is_wrong(
    what: str, forge: Any, tmp_path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")  # whoever opened it would wait forever
    with h5py.File("other.h5", "w") as other:
        other["x"] = zeros
        other.create_group("nncli")
    edit, message = HOSTILE[what]
    path = forge(edit)
    problem = refused(read_checkpoint, path)
    assert problem.message == f"this is no usable checkpoint: {message}"
    assert (problem.code, problem.where) == ("NN603", Where(file=str(path)))


CODE = {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"}
FOREIGN: dict[str, tuple[Edit, str]] = {
    "a lambda layer": (architecture(dense(), {"class_name": "Lambda", "config": {"function": "4wAAAAA="}}), "Lambda"),
    "a function": (architecture(dense(activation=CODE)), "function"),
    "a lambda inside a wrapper": (
        architecture({"class_name": "TimeDistributed", "config": {"layer": {"class_name": "Lambda", "config": {}}}}),
        "Lambda",
    ),
    "a layer that reads files": (
        architecture({"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}),
        "StringLookup",
    ),
    "a known name from elsewhere": (
        architecture(dense(kernel_initializer={"module": "evil", "class_name": "Zeros", "config": {}})),
        "Zeros",
    ),
    "a registered name": (architecture({**dense(), "registered_name": "evil>Dense"}), "Dense"),
    "a name of another kind": (architecture({"class_name": ["Lambda"], "config": {}}), "['Lambda']"),
    "a code object": (architecture(dense(activation={"class_name": "__lambda__", "config": {}})), "__lambda__"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_an_architecture_of_classes_that_no_config_asks_for_is_refused(what: str, forge: Any, refused: Any) -> None:
    edit, name = FOREIGN[what]
    message = f"its architecture has a part of the class `{name}`, which nncli builds no networks of"
    assert refused(read_checkpoint, forge(edit)).message == f"this is no usable checkpoint: {message}"


HARMLESS: dict[str, Edit] = {
    "nothing": lambda file: None,
    "attributes": lambda file: file.attrs.__setitem__("note", "mine"),
    "attributes that keras reads": lambda file: file["model_weights"].attrs.__setitem__("layer_names", [b"../nncli", b"none"]),
    "no architecture for keras": lambda file: file.attrs.__delitem__("model_config"),
    "references to nowhere": lambda file: file.attrs.__setitem__("model_config", file.ref),
    "an array of its own size in another place": lambda file: instead(BIAS, data=np.zeros(3, np.float32))(file),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_never_asked_for_changes_nothing(what: str, forge: Any, tiny: Checkpoint, parts: Any) -> None:
    assert parts(read_checkpoint(forge(HARMLESS[what]))) == parts(tiny)


def test_an_array_in_its_own_header_is_read(forge: Any, tiny: Checkpoint, parts: Any) -> None:
    def compact(file: h5py.File) -> None:
        del file[BIAS]
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space, kind = h5py.h5s.create_simple((3,)), h5py.h5t.IEEE_F32LE
        h5py.h5d.create(file.id, BIAS.encode(), kind, space, properties).write(space, space, np.zeros(3, np.float32))

    assert parts(read_checkpoint(forge(compact))) == parts(tiny)


def test_many_names_for_one_array_are_no_way_to_fill_the_memory(forge: Any, refused: Any) -> None:
    def edit(file: h5py.File) -> None:
        big = file.create_dataset("/nncli/optimizer/2", data=np.zeros(10_000, np.float32))
        for number in range(3, 10):
            file[f"/nncli/optimizer/{number}"] = big
        text("/nncli/optimizer/names", json.dumps(["a"] * 10).encode())(file)

    assert refused(read_checkpoint, forge(edit)).message.endswith("declares more bytes than the file has")


def test_a_text_beyond_the_cap_is_not_read(tiny: Checkpoint, tmp_path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.h5"
    path.write_bytes(checkpoint_bytes(replace(tiny, run={"a": "x" * 5000})))
    monkeypatch.setattr(hdf5, "MAX_JSON", 5000)
    message = "this is no usable checkpoint: `/nncli/run` is no text of at most 5,000 bytes"
    assert refused(read_checkpoint, path).message == message


@pytest.mark.parametrize("depth", [500, 900, 990, 1000, 1010, 5000])
def test_a_config_nested_to_the_brink_is_a_mapping_or_no_json(depth: int, forge: Any) -> None:
    path = forge(text("/nncli/experiment", deep(depth)))
    try:
        assert list(read_checkpoint(path).experiment) == ["a"]
    except NncliError as failure:
        assert "`/nncli/experiment` is no JSON that can be read" in str(failure)


def test_no_plugin_is_loaded_for_a_filter_whichever_part_is_imported_first() -> None:
    script = "import nncli.checkpoint.write, os; print(os.environ['HDF5_PLUGIN_PRELOAD'])"
    environment = {name: value for name, value in os.environ.items() if name != "HDF5_PLUGIN_PRELOAD"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "::\n"


FUZZ = """
    import hashlib, random, sys
    from pathlib import Path
    from nncli.checkpoint.read import read_checkpoint
    from nncli.problems import NncliError

    good, path, offset = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]), int(sys.argv[3])
    generator = random.Random(2)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(generator.choice([1, 1, 2, 4])):
            data[generator.randrange(8, len(data))] = generator.choice([0, 1, 127, 128, 255, generator.randrange(256)])
        data[offset : offset + 32] = bytes(32)
        data[offset : offset + 32] = hashlib.sha256(data).digest()
        path.write_bytes(data)
        try:
            read_checkpoint(path)
        except NncliError as failure:
            assert [problem.code for problem in failure.problems] == ["NN603"], failure
    print("survived")
"""


def test_no_forged_structure_ends_hdf5_or_keeps_it_busy(tiny: Checkpoint, tmp_path: Path) -> None:
    good = tmp_path / "good.h5"
    good.write_bytes(checkpoint_bytes(tiny))
    with h5py.File(good) as file:
        offset = file["nncli/checksum"].id.get_offset()
    # In a process of its own: damage of this kind has made HDF5 crash, and loop, in the reading of texts of variable length.
    command = [sys.executable, "-c", textwrap.dedent(FUZZ), str(good), str(tmp_path / "forged.h5"), str(offset)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr
