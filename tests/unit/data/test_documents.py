"""Texts in the documents of checkpoints."""

from __future__ import annotations

import json

import pytest

from nncli.data.documents import MAX_TEXT, text, texts
from tests.unit.data.conftest import Refused


@pytest.mark.parametrize("data", ["", "caf\u00e9", json.loads('"\\ud83d\\ude00"'), "x" * MAX_TEXT])
def test_a_text_is_taken_as_it_is(data: str) -> None:
    assert text(data, "name") == data


def test_half_a_character_is_refused(refused: Refused) -> None:
    told = refused(texts, ["a", json.loads('"\\ud800"')], 2, "categories")
    assert (told.code, told.message.rpartition(": ")[2]) == ("NN603", "`categories[1]` holds half a character")
