"""Folders of pictures: which there are, how they are brought to one size, and what becomes of those that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nncli.commands.predict import group_rows
from nncli.data.outline import outline
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.pictures.folder import stream_pictures
from nncli.data.pictures.listing import find_pictures
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.problems import NncliError, Problem, Where
from nncli.spec.choice import OneOf
from nncli.spec.datasets.folders import ImageFolder
from tests.hostile.files import png
from tests.unit.data.conftest import Refused


def draw(path: Path, brightness: int, size: tuple[int, int] = (6, 4)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (brightness, 0, 255)).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(4):
        draw(tmp_path / "pictures" / "cats" / f"{number}.png", 10 * number)
        draw(tmp_path / "pictures" / "dogs" / "more" / f"{number}.bmp", 100 + 10 * number)
    (tmp_path / "pictures" / "dogs" / "notes.txt").write_text("no picture")
    (tmp_path / "pictures" / "dogs" / ".hidden.png").write_text("nor this")
    return tmp_path / "pictures"


def pictures(folder: Path, **fields: Any) -> ImageFolder:
    found = OneOf("dataset").resolve({"type": "image_folder", "path": str(folder)} | fields)
    assert isinstance(found, ImageFolder)
    return found


def test_sub_folders_are_classes(folder: Path) -> None:
    splits = prepare(pictures(folder, test=0.5), seed=0)
    assert splits.test is not None
    assert splits.preparation.class_names == ("cats", "dogs")
    assert splits.preparation.raw_shape == (4, 6, 3)
    assert sorted(splits.train.targets) == sorted(splits.test.targets) == [0, 0, 1, 1]
    for part in (splits.train, splits.test):
        assert [int(picture[0, 0, 0] >= 100) for picture in part.inputs[:]] == part.targets.tolist()
    known = outline(pictures(folder, test=0.5))
    assert (known.input_shape, known.class_names, known.num_train, known.num_test) == ((4, 6, 3), ("cats", "dogs"), 4, 4)


def test_what_a_checkpoint_holds_reads_pictures_as_they_were_trained_on(folder: Path) -> None:
    splits = prepare(pictures(folder, size=[3, 3], fit="crop", channels=1, preprocess=["rescale"]), seed=0)
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    assert preparation == splits.preparation
    assert isinstance(preparation.encoding, PictureEncoding)
    (rows,) = stream_pictures([str(folder)], preparation.encoding, None, [])
    assert np.array_equal(preparation.inputs(rows.inputs), splits.train.inputs[:])
    assert rows.names[0] == str(folder / "cats" / "0.png") and len(rows.names) == 8
    samples, notes = load_evaluation(str(folder), preparation)
    assert np.array_equal(samples.inputs[:], splits.train.inputs[:])
    assert [note.message for note in notes] == ["8 of 8 samples equal ones that the network was trained on"]
    assert samples.targets.tolist() == splits.train.targets.tolist()


def test_a_crop_takes_the_middle_and_a_stretch_takes_all(folder: Path) -> None:
    wide = np.zeros((4, 8), np.uint8)
    wide[:, :2] = 255
    Image.fromarray(wide).save(folder / "cats" / "0.png")
    crop, stretch = (
        prepare(pictures(folder, size=[4, 4], channels=1, fit=fit), seed=0).train.inputs[:][0] for fit in ("crop", "stretch")
    )
    assert crop.max() == 0 and stretch[:, 0].min() > 200


def test_a_table_may_name_files_and_labels(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,label\ncats/1.png,b\ncats/0.png,a\ndogs/more/2.bmp,b\n")
    splits = prepare(pictures(folder, table=str(tmp_path / "labels.csv")), seed=0)
    assert splits.preparation.class_names == ("a", "b")
    assert splits.train.inputs[:][:, 0, 0, 0].tolist() == [10, 0, 120]
    assert splits.train.targets.tolist() == [1, 0, 1]


def test_more_pictures_than_memory_may_hold_lie_on_disk(folder: Path) -> None:
    from nncli.data.lazy import LazyInputs
    from nncli.data.on_disk import is_on_disk

    (folder / "cats" / "2.png").write_bytes(b"broken")
    dataset = pictures(folder, size=[4, 6], on_error="skip", test=0.3)
    expected, streamed = prepare(dataset, seed=0), prepare(dataset, seed=0, memory=100)
    assert isinstance(streamed.train.inputs, LazyInputs) and is_on_disk(streamed.train.inputs.stored)
    assert np.array_equal(streamed.train.inputs[:], expected.train.inputs[:])
    assert streamed.fingerprint == expected.fingerprint


@pytest.mark.parametrize("broken", [["cats/0"], ["cats/3", "dogs/more/0"], ["dogs/more/3"], ["cats/1", "cats/2", "dogs/more/1"]])
@pytest.mark.parametrize("group", [1, 2, 3, 100])
def test_what_follows_a_skipped_picture_moves_up(
    broken: list[str], group: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncli.data.pictures.folder._GROUP", group)
    for name in broken:
        next(folder.glob(f"{name}.*")).write_bytes(b"broken")
    good = [number for number in range(8) if f"{'cats' if number < 4 else 'dogs/more'}/{number % 4}" not in broken]
    for memory in (None, 10):
        splits = prepare(pictures(folder, size=[4, 6], on_error="skip"), seed=0, memory=memory)
        assert splits.train.inputs[:][:, 0, 0, 0].tolist() == [10 * (number % 4) + 100 * (number >= 4) for number in good]
        assert splits.train.targets.tolist() == [int(number >= 4) for number in good]


def test_a_bad_picture_is_named(folder: Path, refused: Refused) -> None:
    (folder / "dogs" / "bad.jpg").write_bytes(b"\xff\xd8broken")
    problem = refused(prepare, pictures(folder), seed=0)
    assert problem.code == "NN502" and problem.where is not None
    assert problem.where.file == str(folder / "dogs" / "bad.jpg")
    splits = prepare(pictures(folder, on_error="skip"), seed=0)
    assert len(splits.train) == 8
    (note,) = splits.notes
    assert note.severity == "warning" and note.message.startswith("skipped: not an image that nncli reads")
    assert note.where is not None and note.where.file == str(folder / "dogs" / "bad.jpg")


@pytest.mark.parametrize("group", [1, 2, 100])
def test_what_training_skips_is_skipped_later_too(
    group: int, folder: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr("nncli.data.pictures.folder._GROUP", group)
    bad = [folder / "cats" / "0.png", folder / "dogs" / "more" / "1.bmp"]
    for file in bad:
        file.write_bytes(b"broken")
    dataset = pictures(folder, size=[4, 6], on_error="skip")
    splits = prepare(dataset, seed=0)
    encoding = splits.preparation.encoding
    assert isinstance(encoding, PictureEncoding)
    samples, notes = load_evaluation(str(folder), splits.preparation, dataset)
    assert np.array_equal(samples.inputs[:], splits.train.inputs[:]) and samples.targets.tolist() == splits.train.targets.tolist()
    assert tuple(notes[:2]) == splits.notes
    for path in (str(folder), f"{folder}/*"):
        told: list[Problem] = []
        rows = list(stream_pictures([path], encoding, dataset, told))
        assert [name for some in rows for name in some.names] == [
            str(file) for file in sorted(folder.rglob("[0-9].*")) if file not in bad
        ]
        assert np.array_equal(np.concatenate([some.inputs for some in rows]), splits.train.inputs[:])
        assert tuple(told) == splits.notes
    # One that is named by itself is asked about; a network that skips nothing skips nothing here.
    assert refused(lambda: list(stream_pictures([str(folder), str(bad[0])], encoding, dataset, []))).where == Where(
        file=str(bad[0])
    )
    for plain in (None, pictures(folder, size=[4, 6])):
        with pytest.raises(NncliError):
            list(stream_pictures([str(folder)], encoding, plain, []))
        with pytest.raises(NncliError):
            load_evaluation(str(folder), splits.preparation, plain)


def test_where_no_picture_is_left_nothing_is_skipped(folder: Path) -> None:
    dataset = pictures(folder, size=[4, 6], on_error="skip")
    preparation = prepare(dataset, seed=0).preparation
    for file in folder.rglob("[0-9].*"):
        file.write_bytes(b"broken")
    with pytest.raises(NncliError) as caught:
        load_evaluation(str(folder), preparation, dataset)
    assert len(caught.value.problems) == 8


def test_of_many_bad_pictures_it_is_told_how_many(folder: Path) -> None:
    for number in range(30):
        (folder / "dogs" / f"bad{number}.jpg").write_bytes(b"broken")
    splits = prepare(pictures(folder, on_error="skip"), seed=0)
    assert len(splits.notes) == 21
    assert splits.notes[-1].message == "30 files in all were skipped"


def test_an_odd_size_is_a_problem_where_none_is_stated(folder: Path, refused: Refused) -> None:
    draw(folder / "dogs" / "odd.png", 0, (5, 5))
    problem = refused(prepare, pictures(folder), seed=0)
    odd = folder / "dogs" / "odd.png"
    expected = f"2 different sizes, the smallest 4 high and 6 wide (`{folder}/cats/0.png`), the largest 5 high and 5 wide (`{odd}`)"
    assert problem.message == f"the pictures have {expected}"
    assert problem.hint == "state the size that all are brought to, such as `size: [64, 64]`"
    assert problem.where == Where(file=str(folder))
    assert len(prepare(pictures(folder, size=[4, 6]), seed=0).train) == 9
    (note,) = prepare(pictures(folder, on_error="skip"), seed=0).notes
    assert note.message == "skipped: the picture is 5 high and 5 wide, the first one 4 and 6"


@pytest.mark.parametrize("group", [1, 100])
def test_of_many_sizes_there_is_one_error(group: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncli.data.pictures.folder._GROUP", group)
    for number in range(40):
        draw(folder / "dogs" / f"{number:02}.png", 0, (1 + number // 2, 3))
    (folder / "dogs" / "00.png").write_bytes(b"broken")
    with pytest.raises(NncliError) as caught:
        prepare(pictures(folder), seed=0)
    found = list(caught.value.problems)
    assert found.pop(0).where == Where(file=str(folder / "dogs" / "00.png"))
    if group > 1:  # a broken picture among the first ones is told of before any size is looked at
        (last,) = found
        sizes = f"1 wide (`{folder}/dogs/01.png`), the largest 3 high and 20 wide (`{folder}/dogs/38.png`)"
        assert last.message == f"the pictures have 21 different sizes, the smallest 3 high and {sizes}"


def test_a_part_of_another_size_is_told_of(folder: Path, refused: Refused) -> None:
    draw(folder.parent / "test" / "cats" / "0.png", 0, (2, 2))
    problem = refused(prepare, pictures(folder, test_path=str(folder.parent / "test")), seed=0)
    sizes = f"2 high and 2 wide (`{folder.parent}/test/cats/0.png`), the largest 4 high and 6 wide (the first for training)"
    assert problem.message == f"the pictures have 2 different sizes, the smallest {sizes}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"path": "nowhere"}, "there is no such folder"),
        ({"test_path": "cats"}, "the folder holds no pictures in sub-folders"),
        ({"table": "table.csv"}, "there is no column `file`"),
    ],
)
def test_bad_folders_are_a_problem(fields: dict[str, str], message: str, folder: Path) -> None:
    (folder / "table.csv").write_text("path,label\na.png,b\n")
    with pytest.raises(NncliError) as caught:
        prepare(pictures(folder, **{key: str(folder / value) for key, value in fields.items()}), seed=0)
    assert caught.value.problems[0].message == message


def test_a_sub_folder_that_is_no_class_is_a_problem(folder: Path, refused: Refused) -> None:
    preparation = prepare(pictures(folder), seed=0).preparation
    draw(folder / "birds" / "0.png", 0)
    assert refused(load_evaluation, str(folder), preparation).message == "`birds` is no class of this network"


@pytest.mark.parametrize("field", ["type", "height", "width", "channels", "fit"])
@pytest.mark.parametrize("value", [None, "x", 0, -1, 2, 1.0, True, 2**40, []])
def test_a_stored_encoding_is_not_trusted(field: str, value: Any, folder: Path) -> None:
    document = prepare(pictures(folder), seed=0).preparation.to_json()
    document["encoding"][field] = value
    with pytest.raises(NncliError) as caught:
        Preparation.from_json(document)
    assert caught.value.problems[0].code == "NN603"


def test_a_picture_that_is_too_large_states_no_size(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "huge" / "a" / "0.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(png(11_000, 11_000))
    told = refused(prepare, pictures(tmp_path / "huge"), seed=0)
    assert (told.code, told.message) == ("NN502", "the image has more than 67,108,864 pixels")


def test_no_more_large_pictures_are_decoded_together_than_memory_holds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prepare(pictures(folder), seed=0)
    files = sorted(map(str, folder.glob("cats/*.png")))
    assert isinstance(whole.preparation.encoding, PictureEncoding)
    monkeypatch.setattr("nncli.data.on_disk.CHUNK_VALUES", 3 * 4 * 6 * 3)
    parts = list(stream_pictures(files, whole.preparation.encoding, None, []))
    assert [part.names for part in parts] == [tuple(files[:3]), tuple(files[3:])]
    np.testing.assert_array_equal(prepare(pictures(folder), seed=0).train.inputs[:], whole.train.inputs[:])


@pytest.mark.parametrize(("values", "rows"), [(1, 1024), (2**15, 1024), (2**16, 512), (2**19, 64), (2**26, 32)])
def test_whole_batches_are_predicted_together(values: int, rows: int) -> None:
    assert group_rows((values,)) == rows


def test_a_stored_encoding_of_too_many_pixels_is_refused(folder: Path, refused: Refused) -> None:
    document = PictureEncoding(2**13, 2**13, 3, "stretch").to_json()
    assert PictureEncoding.from_json(document).raw_shape == (2**13, 2**13, 3)
    assert refused(PictureEncoding.from_json, document | {"width": 2**13 + 1}).code == "NN603"


@pytest.mark.parametrize("name", ["../secret.png", "cats/../../secret.png", "/etc/secret.png"])
def test_a_table_of_files_does_not_lead_out_of_the_folder(name: str, folder: Path, refused: Refused) -> None:
    draw(folder.parent / "secret.png", 1)
    table = folder / "table.csv"
    table.write_text(f"file,label\ncats/0.png,cat\n{name},dog\n")
    told = refused(prepare, pictures(folder, table=str(table)), seed=0)
    assert (told.code, told.where and told.where.file) == ("NN502", str(table))
    assert told.message == f"row 2: `{name}` leads out of the folder of the pictures"


def test_links_that_lead_in_circles_are_found(folder: Path, refused: Refused) -> None:
    (folder / "cats" / "up").symlink_to(folder)
    (folder / "itself").symlink_to(folder / "itself")
    assert len(prepare(pictures(folder), seed=0).train) == 8
    (folder / "birds").symlink_to(folder.parent)
    told = refused(prepare, pictures(folder), seed=0)
    assert (told.code, told.message) == ("NN502", "this link leads back to the folder that it lies in")
    assert told.where is not None and told.where.file == str(folder / "birds")


OTHERS = ["a.tif", "b.TIFF", "more/c.heic", "d.svg"]


def other_formats(folder: Path) -> None:
    (folder / "cats" / "more").mkdir()
    for name in [*OTHERS, ".hidden.tif", "notes.txt", "Thumbs.db"]:
        (folder / "cats" / name).write_bytes(b"of no matter")


def test_pictures_of_other_formats_are_told_of(folder: Path) -> None:
    other_formats(folder)
    dataset = pictures(folder)
    splits = prepare(dataset, seed=0)
    (note,) = splits.notes
    assert len(splits.train) == 8
    message = "4 pictures are left out, of a format that nncli does not read, such as `cats/a.tif`"
    assert note == Problem("NN502", message, "save them as PNG or JPEG", Where(file=str(folder)), "warning")
    assert note in load_evaluation(str(folder), splits.preparation, dataset)[1]
    for path, example in (
        (str(folder), "cats/a.tif"),
        (str(folder / "cats"), "a.tif"),
        (f"{folder}/*", str(folder / "cats" / "a.tif")),
    ):
        told: list[Problem] = []
        assert find_pictures(path, told) == [
            file for file in map(str, sorted(folder.rglob("[0-9].*"))) if file.startswith(path.rstrip("*"))
        ]
        assert [problem.message for problem in told] == [message.replace("cats/a.tif", example)]
    (folder / "dogs" / "b.ico").write_bytes(b"")
    assert prepare(pictures(folder, test_path=str(folder)), seed=0).notes[0].message.startswith("5 pictures are left out")


def test_a_folder_of_other_formats_alone_says_so(folder: Path, refused: Refused) -> None:
    other_formats(folder)
    for file in folder.rglob("[0-9].*"):
        file.unlink()
    for problem in (refused(prepare, pictures(folder, size=[4, 4]), seed=0), refused(find_pictures, str(folder), [])):
        assert problem.hint is not None
        assert problem.hint.startswith("4 pictures are left out, of a format that nncli does not read, such as `cats/a.tif`; ")
    # One that is named by itself is asked about, whatever it is called.
    assert find_pictures(str(folder / "cats" / "a.tif"), []) == [str(folder / "cats" / "a.tif")]


def test_a_file_that_a_table_names_with_two_labels_is_a_problem(folder: Path) -> None:
    table = folder / "table.csv"
    table.write_text("file,label\ncats/0.png,a\ncats/1.png,b\ncats/0.png,a\n./cats/0.png,b\ncats//1.png,a\n")
    with pytest.raises(NncliError) as caught:
        prepare(pictures(folder, table=str(table)), seed=0)
    assert [(problem.code, problem.message, problem.where) for problem in caught.value.problems] == [
        ("NN502", "row 4: `./cats/0.png` is `b` here, and `a` in row 1", Where(file=str(table))),
        ("NN502", "row 5: `cats//1.png` is `a` here, and `b` in row 2", Where(file=str(table))),
    ]


@pytest.mark.parametrize(("rows", "more"), [("cats/0.png,a\n", ""), ("cats/0.png,a\ncats/1.png,b\n", " (2 such rows in all)")])
def test_a_file_that_a_table_names_twice_is_told_of(rows: str, more: str, folder: Path) -> None:
    table = folder / "table.csv"
    table.write_text(f"file,label\ncats/0.png,a\ncats/1.png,b\n{rows}")
    splits = prepare(pictures(folder, table=str(table)), seed=0)
    message = f"row 3: `cats/0.png` is named in row 1 already: it counts twice{more}"
    assert splits.notes == (Problem("NN502", message, "name each once", Where(file=str(table)), "warning"),)
    assert len(splits.train) == 2 + rows.count("a\n") + rows.count("b\n")
