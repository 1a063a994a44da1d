"""What a trained network is asked to predict: arrays, images, and what they are turned into."""

from __future__ import annotations

import dataclasses
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nncli.data.inputs import RawInputs, read_inputs
from nncli.data.pictures import decoding as images
from nncli.data.pictures.decoding import read_image
from nncli.data.preprocessing import Preparation
from nncli.data.sets import mnist_5k
from nncli.problems import NncliError, Problem

Refused = Callable[..., Problem]

rng = np.random.default_rng(2)
batch = rng.integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
digit = batch[0, :, :, 0]


@pytest.fixture
def npy(tmp_path: Path) -> Callable[..., Path]:
    def write(array: Any, name: str = "digits.npy") -> Path:
        np.save(tmp_path / name, array)
        return tmp_path / name

    return write


def files(found: RawInputs) -> tuple[str, ...]:
    """The rows' names without their folders."""
    return tuple(Path(name).name for name in found.names)


def said(found: RawInputs) -> list[str]:
    assert all(note.severity == "warning" and note.where is not None and note.where.file for note in found.notes)
    return [note.message for note in found.notes]


@pytest.mark.parametrize(
    ("array", "names", "notes"),
    [
        (batch, 3, []),
        (batch[..., 0], 3, []),
        (batch.astype(np.float64), 3, []),
        (batch.astype(np.int64), 3, []),
        (batch.reshape(3, 784), 3, ["784 values taken as 28x28x1"]),
        (batch[0], 1, []),
        (batch[0, :, :, 0], 1, []),
        (batch[0].ravel(), 1, ["784 values taken as 28x28x1"]),
    ],
)
def test_arrays_become_raw_samples(array: Any, names: int, notes: list[str], npy: Any, digits: Preparation) -> None:
    found = read_inputs([npy(array)], digits)
    assert found.inputs.dtype == np.uint8
    assert np.array_equal(found.inputs, batch[:names])
    assert said(found) == notes
    assert files(found) == (("digits.npy",) if names == 1 else tuple(f"digits.npy[{row}]" for row in range(3)))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 28, 27)), "the array has the shape (3, 28, 27), but samples of shape (28, 28, 1) were expected"),
        (np.zeros(()), "the array has the shape (), but samples of shape (28, 28, 1) were expected"),
        (np.zeros((0, 28, 28)), "the array holds no samples"),
        (batch / 255.0, None),
        (np.full((28, 28), 256), "the array holds 256 at [0, 0, 0, 0], but the network was trained on whole numbers (uint8)"),
        (np.full((28, 28), -1.0), "the array holds -1.0 at [0, 0, 0, 0], but the network was trained on whole numbers (uint8)"),
        (np.full((28, 28), np.nan), "the array holds nan at [0, 0], but every number must be finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    array: Any, message: str | None, npy: Any, digits: Preparation, refused: Refused
) -> None:
    problem = refused(read_inputs, [npy(array)], digits)
    assert problem.code == "NN502"
    assert message in (None, problem.message)
    if message is None:
        assert "--prepared" in (problem.hint or "")
        assert "0 to 255" in (problem.hint or "")


@pytest.mark.parametrize(
    ("raw_dtype", "array", "expected"),
    [
        ("int64", [[1.0, -2.0]], [[1, -2]]),
        ("int64", [[float(-(2**63)), 0.0]], [[-(2**63), 0]]),
        ("int64", [[2.0**63, 0.0]], None),
        ("uint64", np.array([[2**64 - 1, 0]], np.uint64), [[2**64 - 1, 0]]),
        ("int8", np.array([[2**64 - 1, 0]], np.uint64), None),
        ("bool", [[1, 0]], [[True, False]]),
        ("bool", [[2, 0]], None),
        ("int32", [[True, False]], [[1, 0]]),
        ("float32", [[1, 2]], [[1, 2]]),
        ("float32", [[1e300, 2]], None),
        ("float64", np.array([[0.1, 2]], np.float32), [[np.float32(0.1), 2]]),
    ],
)
def test_numbers_keep_their_meaning_or_are_refused(
    raw_dtype: str, array: Any, expected: Any, npy: Any, digits: Preparation
) -> None:
    preparation = dataclasses.replace(digits, raw_shape=(2,), input_shape=(2,), raw_dtype=raw_dtype)
    path = npy(np.asarray(array))
    if expected is None:
        with pytest.raises(NncliError):
            read_inputs([path], preparation)
        return
    found = read_inputs([path], preparation).inputs
    assert str(found.dtype) == raw_dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("usual", "brightness", "is_told"),
    [
        (33.3, 200, "this picture is mostly bright, the network has learnt from mostly dark ones: its answer is worth little"),
        (33.3, 120, None),
        (220.0, 20, "this picture is mostly dark, the network has learnt from mostly bright ones: its answer is worth little"),
        (220.0, 200, None),
        (120.0, 255, None),
        (None, 255, None),
    ],
)
def test_a_picture_like_a_negative_is_remarked_on(
    usual: float | None, brightness: int, is_told: str | None, tmp_path: Path, digits: Preparation
) -> None:
    pixels = np.full((28, 28), brightness, np.uint8)
    pixels[0, 0] -= 1  # not blank
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    np.save(tmp_path / "array.npy", pixels)
    known = dataclasses.replace(digits, input_mean=usual)
    notes = read_inputs([tmp_path / "picture.png", tmp_path / "array.npy"], known).notes
    assert [(note.code, note.message) for note in notes] == ([] if is_told is None else [("NN505", is_told)])
    if notes:
        assert notes[0].where is not None and notes[0].where.file == str(tmp_path / "picture.png")


def test_a_blank_picture_is_warned_of(tmp_path: Path, digits: Preparation) -> None:
    ink = Image.new("RGBA", (28, 28), (0, 0, 0, 0))
    ink.putpixel((3, 3), (0, 0, 0, 255))  # drawn in black on a transparent ground
    ink.save(tmp_path / "picture.png")
    changed, blank = read_inputs([tmp_path / "picture.png"], dataclasses.replace(digits, input_mean=220.0)).notes
    assert changed.message == "transparency laid on black; colour turned into grey"
    assert (blank.code, blank.severity) == ("NN505", "warning")
    assert blank.message.startswith("every pixel of this picture is 0: nothing is to be seen in it")


def test_bytes_for_a_network_of_floats_are_remarked_on(npy: Any, digits: Preparation) -> None:
    found = read_inputs([npy(batch)], dataclasses.replace(digits, raw_dtype="float32"))
    assert said(found) == ["whole numbers of 0 to 255 taken as they are, in a network trained on float32 numbers"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": batch, "other": digit}, None),
        ({"only": batch}, None),
        ({"x_test": batch, "y_test": [1, 2, 3]}, None),
        ({"a": batch, "b": batch}, "the file holds `a`, `b`: which is the input?"),
        ({"y": [1, 2, 3]}, "the file holds `y`, but no `x`"),
        ({}, "the file holds no arrays: which is the input?"),
    ],
)
def test_an_archive_s_input_is_found(
    arrays: dict[str, Any], message: str | None, digits: Preparation, tmp_path: Path, refused: Refused
) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    if message is None:
        assert np.array_equal(read_inputs([tmp_path / "a.npz"], digits).inputs, batch)
    else:
        assert refused(read_inputs, [tmp_path / "a.npz"], digits).message == message


def test_several_files_follow_each_other(npy: Any, digits: Preparation, tmp_path: Path) -> None:
    Image.fromarray(digit).save(tmp_path / "one.png")
    found = read_inputs([npy(batch), str(tmp_path / "one.png"), npy(batch[1], "b.npy")], digits)
    assert np.array_equal(found.inputs, np.concatenate([batch, batch[:1], batch[1:2]]))
    assert files(found) == ("digits.npy[0]", "digits.npy[1]", "digits.npy[2]", "one.png", "b.npy")
    assert found.names[-1] == str(tmp_path / "b.npy"), "the whole path: files of one name may lie in many folders"


def test_all_bad_files_are_named_at_once(npy: Any, digits: Preparation, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(NncliError) as caught:
        read_inputs([tmp_path / "none.npy", npy(batch), tmp_path / "text.png"], digits)
    assert [problem.code for problem in caught.value.problems] == ["NN501", "NN502"]


def test_no_input_at_all_is_refused(digits: Preparation, refused: Refused) -> None:
    assert refused(read_inputs, [], digits).message == "no input was given"


def test_prepared_inputs_are_taken_as_the_first_layer_takes_them(
    npy: Any, digits: Preparation, refused: Refused, tmp_path: Path
) -> None:
    preparation = dataclasses.replace(digits, input_shape=(784,))
    found = read_inputs([npy(batch.reshape(3, 784) / 255)], preparation, prepared=True)
    assert found.inputs.dtype == np.float32
    assert np.array_equal(found.inputs, (batch.reshape(3, 784) / 255).astype(np.float32))
    assert "samples of shape (784,) were expected" in refused(read_inputs, [npy(batch)], preparation, prepared=True).message
    Image.fromarray(digit).save(tmp_path / "one.png")
    assert "prepared inputs are arrays" in refused(read_inputs, [tmp_path / "one.png"], preparation, prepared=True).message


# Images. Their name says nothing: one name serves every format.


def write(image: Image.Image, tmp_path: Path, format_: str = "PNG", **options: Any) -> Path:
    path = tmp_path / "image.bin"
    image.save(path, format=format_, **options)
    return path


@pytest.mark.parametrize("format_", ["PNG", "BMP", "GIF", "WEBP"])
def test_an_image_file_of_the_right_size_is_read_exactly(format_: str, tmp_path: Path, digits: Preparation) -> None:
    options = {"lossless": True} if format_ == "WEBP" else {}
    found = read_inputs([write(Image.fromarray(digit), tmp_path, format_, **options)], digits)
    assert np.array_equal(found.inputs, batch[:1])
    assert files(found) == ("image.bin",)


@pytest.mark.parametrize("raw_shape", [(28, 28), (28, 28, 1), (1, 28, 28)])
def test_grey_is_put_where_the_network_has_it(raw_shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels, notes = read_image(write(Image.fromarray(digit), tmp_path), raw_shape)
    assert np.array_equal(pixels, digit.reshape(raw_shape))
    assert notes == ()


@pytest.mark.parametrize("raw_shape", [(28, 28, 3), (3, 28, 28), (28, 28, 4), (4, 28, 28)])
def test_colour_is_put_where_the_network_has_it(raw_shape: tuple[int, ...], tmp_path: Path) -> None:
    channels = 4 if 4 in raw_shape else 3
    colour = rng.integers(0, 256, (28, 28, channels), dtype=np.uint8)
    pixels, notes = read_image(write(Image.fromarray(colour), tmp_path), raw_shape)
    assert np.array_equal(pixels, colour if raw_shape[-1] == channels else colour.transpose(2, 0, 1))
    assert notes == ()
    grey, notes = read_image(write(Image.fromarray(digit), tmp_path), raw_shape)
    assert notes == ("grey turned into colour",)
    planes = np.moveaxis(grey, -1, 0) if raw_shape[-1] == channels else grey
    assert all(np.array_equal(plane, digit) for plane in planes[:3])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "LA", "I;16", "CMYK"])
def test_every_mode_becomes_the_digit(mode: str, tmp_path: Path) -> None:
    black_white = np.where(digit > 127, 255, 0).astype(np.uint8)
    image: Image.Image
    if mode == "I;16":
        image = Image.fromarray(black_white.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(black_white).convert(mode)
    pixels, notes = read_image(write(image, tmp_path, "JPEG" if mode == "CMYK" else "PNG"), (28, 28, 1))
    tolerance = 60 if mode == "CMYK" else 0  # JPEG
    assert np.abs(pixels[..., 0].astype(int) - black_white).max() <= tolerance
    assert notes == (("colour turned into grey",) if mode in ("RGB", "RGBA", "P", "CMYK") else ())


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 784).reshape(28, 28).astype(np.uint16)
    pixels, _ = read_image(write(Image.fromarray(values), tmp_path), (28, 28))
    np.testing.assert_array_equal(pixels, np.round(values / 257).astype(np.uint8))


def test_transparent_is_black(tmp_path: Path) -> None:
    pixels, notes = read_image(write(Image.new("RGBA", (28, 28), (255, 255, 255, 0)), tmp_path), (28, 28))
    assert pixels.max() == 0
    assert notes[0] == "transparency laid on black"
    palette = Image.new("P", (28, 28), 0)
    palette.putpalette([255, 255, 255])
    assert read_image(write(palette, tmp_path, transparency=0), (28, 28))[0].max() == 0


def test_resizing_keeps_the_digit_and_is_said(tmp_path: Path, digits: Preparation) -> None:
    seven = mnist_5k.read()[1].inputs[700, :, :, 0]
    for size, box in ((56, Image.Resampling.NEAREST), (280, Image.Resampling.BICUBIC)):
        path = write(Image.fromarray(seven).convert("RGB").resize((size, size), box), tmp_path)
        found = read_inputs([path], digits)
        assert said(found) == [f"colour turned into grey; resized from {size}x{size} to 28x28"]
        assert np.abs(found.inputs[0, :, :, 0].astype(float) - seven).mean() < 12
        assert np.corrcoef(found.inputs.ravel(), seven.ravel())[0, 1] > 0.95


def test_width_and_height_are_not_confused(tmp_path: Path) -> None:
    pixels, notes = read_image(write(Image.fromarray(np.repeat(digit, 2, axis=1)), tmp_path), (14, 56, 1))
    assert pixels.shape == (14, 56, 1)
    assert notes == ("resized from 56x28 to 56x14",)


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    path = write(Image.fromarray(digit), tmp_path, exif=exif)
    assert np.array_equal(read_image(path, (28, 28))[0], np.rot90(digit, -1))


def test_of_an_animation_the_first_frame_is_taken_and_that_is_said(tmp_path: Path) -> None:
    frames = [Image.fromarray(batch[index, :, :, 0]) for index in range(3)]
    path = write(frames[0], tmp_path, "GIF", save_all=True, append_images=frames[1:])
    pixels, notes = read_image(path, (28, 28))
    assert np.array_equal(pixels, digit)
    assert notes[0] == "the first of 3 frames taken"


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8193, 10_000, 100_000])
def test_a_bomb_is_refused(side: int, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(side, side))
    problem = refused(read_image, path, (28, 28))
    assert (problem.code, problem.message) == ("NN502", "the image has more than 67,108,864 pixels")


def test_a_file_larger_than_any_image_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    path = write(Image.fromarray(digit), tmp_path)
    monkeypatch.setattr(images, "MOST_BYTES", path.stat().st_size)
    assert read_image(path, (28, 28))[1] == ()
    monkeypatch.setattr(images, "MOST_BYTES", path.stat().st_size - 1)
    problem = refused(read_image, path, (28, 28))
    assert problem.message == f"the file has more than {path.stat().st_size - 1:,} bytes"


def test_strips_of_a_picture_make_the_same_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).integers(0, 256, (23, 17, 4), np.uint8)
    path = write(Image.fromarray(values), tmp_path)
    whole, _ = read_image(path, (23, 17, 3))
    monkeypatch.setattr(images, "_STRIP_PIXELS", 50)
    assert np.array_equal(read_image(path, (23, 17, 3))[0], whole)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_a_truncated_image_is_named(format_: str, tmp_path: Path, refused: Refused) -> None:
    path = write(Image.fromarray(digit), tmp_path, format_)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    problem = refused(read_image, path, (28, 28))
    assert problem.code == "NN502"
    assert problem.where is not None
    assert problem.where.file == str(path)


@pytest.mark.parametrize("raw_shape", [(784,), (28, 28, 2), (2, 28, 28, 1)])
def test_a_network_of_no_images_takes_none(raw_shape: tuple[int, ...], tmp_path: Path, refused: Refused) -> None:
    problem = refused(read_image, write(Image.fromarray(digit), tmp_path), raw_shape)
    assert problem.message.endswith(f"images are no input for a network that takes samples of shape {raw_shape}")
    assert problem.hint == f"give an array of shape ({', '.join(map(str, ('n', *raw_shape)))})"


def test_an_image_for_a_network_of_floats_is_refused(tmp_path: Path, digits: Preparation, refused: Refused) -> None:
    preparation = dataclasses.replace(digits, raw_dtype="float32")
    problem = refused(read_inputs, [write(Image.fromarray(digit), tmp_path)], preparation)
    assert problem.code == "NN502"
    assert "float32" in problem.message


def _seeds() -> list[bytes]:
    found = []
    for format_ in ("PNG", "JPEG", "BMP", "GIF", "WEBP"):
        buffer = io.BytesIO()
        Image.fromarray(digit[:8, :8]).save(buffer, format=format_)
        found.append(buffer.getvalue())
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(_seeds()),
    edits=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.none() | st.integers(0, 600),
)
def test_changed_bytes_of_an_image_give_pixels_or_a_problem(seed: bytes, edits: Any, cut: int | None, tmp_path: Path) -> None:
    content = bytearray(seed)
    for place, value in edits:
        content[place % len(content)] = value
    path = tmp_path / "fuzz.png"
    path.write_bytes(content[:cut])
    try:
        pixels, _ = read_image(path, (28, 28))
    except NncliError as failure:
        assert [problem.where.file for problem in failure.problems if problem.where] == [str(path)]
    else:
        assert pixels.shape == (28, 28)
