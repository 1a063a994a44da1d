"""What was exported, and what whoever uses it must know: the input, what has to be done to it first, the order of the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console

from nncli.render.problems import escape
from nncli.reports.runs import ExportReport

_MOST_NUMBERS: Final = 4
"""So many numbers of a step are printed; `--json` has them all."""
_MOST_CLASSES: Final = 20
"""So many classes are named; `--json` has them all."""


def _weight(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.1f} MB" if num_bytes >= 50_000 else f"{num_bytes / 1e3:.1f} kB"


def show_export(report: ExportReport, console: Console) -> None:
    """Print the file, and how to feed and read the network in it."""
    same = "equal to the bit" if report.largest_difference == 0 else f"within {report.largest_difference:.1g}"
    lines = [
        f"{report.output}  {_weight(report.bytes)}  predictions {same} ({report.compared} random inputs compared)",
        f"takes    {_size(report.input_shape)} a sample, {report.input_dtype}",
        *_encoded(report.encoding),
        *_prepared(report.preprocessing, is_raw=report.encoding is None),
    ]
    if report.class_names:
        lines.append(f"gives    {_outputs(report.class_names, report.num_outputs)}")
    if report.target_scale is not None:
        mean, deviation = report.target_scale
        lines.append(f"gives    numbers to be scaled to the data's own: y * {deviation:.9g} + {_number(mean)}")
    for line in lines:
        console.print(escape(line), highlight=False, soft_wrap=True)


def _size(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _encoded(encoding: Mapping[str, Any] | None) -> list[str]:
    """What raw samples are made of, where the data are no arrays."""
    if encoding is None:
        return []
    if encoding["type"] == "pictures":
        return [f"         a picture's values, 0 (dark) to 255 (bright), brought to this size: {encoding['fit']}"]
    if encoding["type"] == "texts":
        unit = "words" if encoding["words"] else "characters"
        said = f"         a text's first {encoding['length']:,} {unit} as numbers, 0 before them and for unknown ones"
        return [said, "         which number each has, `--json` has under `encoding`"]
    columns = [f"{column['name']} ({column['type']})" for column in encoding["columns"]]
    shown = ", ".join(columns[:_MOST_CLASSES]) + (
        f", ... and {len(columns) - _MOST_CLASSES} more" if len(columns) > _MOST_CLASSES else ""
    )
    return [
        f"         a row's columns as numbers, in this order: {shown}",
        "         how each becomes numbers, `--json` has under `encoding`",
    ]


def _prepared(steps: Sequence[Mapping[str, Any]] | None, *, is_raw: bool) -> list[str]:
    if steps is None:
        return ["         prepared as for the training of the network, which its file does not tell"]
    if not steps and not is_raw:
        return []
    if not steps:
        return ["         raw, as the data set stores it: there is no preprocessing"]
    said = ["         already prepared, as nncli does it before the network:"]
    return said + [f"           {number}. {_step(step)}" for number, step in enumerate(steps, 1)]


def _step(step: Mapping[str, Any]) -> str:
    if step["type"] in ("reshape", "flatten"):
        return f"{step['type']} to {_size(step['shape'])}"
    if step["type"] in ("channels_first", "channels_last"):
        return f"{step['type']}: the channels' axis moves to the {'front' if step['type'] == 'channels_first' else 'end'}"
    many = f" of shape {_size(step['shape'])}: `--json` has the numbers"
    numbers = [_number(step[name]) for name in ("shift", "scale", "offset")]
    if None in numbers:
        return f"{step['type']}: (x - shift) * scale + offset, shift and scale{many}"
    shift, scale, offset = numbers
    return f"{step['type']}: (x - {shift}) * {scale} + {offset}"


def _number(value: Any) -> str | None:
    """A number, or a list of a few; None for more."""
    if isinstance(value, float):
        return f"{value:.9g}" if value >= 0 else f"({value:.9g})"
    few = len(value) <= _MOST_NUMBERS and all(isinstance(entry, float) for entry in value)
    return f"[{', '.join(f'{entry:.9g}' for entry in value)}]" if few else None


def _outputs(names: Sequence[str], num_outputs: int) -> str:
    if num_outputs == 1 and len(names) == 2:
        return f"one number: how much speaks for class `{names[1]}`, and not for `{names[0]}`"
    shown = ", ".join(names[:_MOST_CLASSES])
    more = f", ... and {len(names) - _MOST_CLASSES:,} more" if len(names) > _MOST_CLASSES else ""
    return f"a number a class, in this order: {shown}{more}"
