"""Predictions as text: whatever classes and files are called, neither a terminal nor a spreadsheet acts upon it."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from nncli.data.predictions import STREAMED, predictions_bytes, text_lines

ROWS = [{"input": "bad\udcff.csv[0]", "class": "\x1b[2J", "probability": 0.5, "probabilities": {"\x1b[2J": 0.5, "=1+1": 0.5}}]


def test_a_csv_file_is_harmless_in_its_header_too() -> None:
    header, row = csv.reader(io.StringIO("".join(text_lines(ROWS, "csv"))))
    assert header == ["input", "class", "probability", "probability_of_\\x1b[2J", "probability_of_=1+1"]
    assert row == ["bad\\udcff.csv[0]", "\\x1b[2J", "0.5", "0.5", "0.5"]


@pytest.mark.parametrize("file_format", [*STREAMED, "json", "parquet"])
def test_every_format_takes_names_that_are_no_utf_8(file_format: str) -> None:
    data = predictions_bytes(file_format, ROWS, np.zeros((1, 2), np.float32))
    assert b"\\udcff" in data


def test_json_lines_keep_every_name() -> None:
    (line,) = text_lines(ROWS, "jsonl")
    assert json.loads(line) == ROWS[0]
