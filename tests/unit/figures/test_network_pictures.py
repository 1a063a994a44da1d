"""Pictures of networks: files of the right kind, the same each time, with everything in them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from nncli.figures.networks import MOST_IN_A_COLUMN, Box, draw_network


def boxes(count: int) -> list[Box]:
    return [Box("input", "input", "28 x 28 x 1", "", is_trained=False)] + [
        Box(f"layer_{number}", "dense", str(number), f"{number:,} parameters", is_trained=True) for number in range(1, count)
    ]


@pytest.mark.parametrize("count", [1, 2, MOST_IN_A_COLUMN, MOST_IN_A_COLUMN + 1, 41])
def test_every_layer_is_in_the_picture(count: int) -> None:
    picture = draw_network("network: 7 parameters", boxes(count), "svg").decode()
    assert picture.count(">dense<") == count - 1
    assert all(f">{box.name}<" in picture and f">{box.shape}<" in picture for box in boxes(count))
    assert ">network: 7 parameters<" in picture


def test_a_png_is_tall_for_a_few_layers_and_wide_for_many() -> None:
    few, many = (Image.open(io.BytesIO(draw_network("a", boxes(count), "png"))) for count in (8, 60))
    assert few.format == "PNG"
    assert few.height > few.width
    assert many.width > many.height


def test_the_same_network_gives_the_same_bytes() -> None:
    assert draw_network("a", boxes(3), "svg") == draw_network("a", boxes(3), "svg")
    assert draw_network("a", boxes(3), "png") == draw_network("a", boxes(3), "png")


def test_a_long_name_is_cut_and_marks_are_no_formula() -> None:
    box = Box("n" * 100, "global_average_pooling2d", "7 x 7 x 64", "$x$ parameters", is_trained=False)
    picture = draw_network("t" * 200, [box], "svg").decode()
    assert f">{'n' * 11}…<" in picture
    assert ">$x$ parameters<" in picture
