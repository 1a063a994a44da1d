"""What was measured, as a table in the terminal, as JSON and as a page of the documentation."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean, median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.measure import ROOT, Run
from bench.workloads import MEASURES, Workload

RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
NOTES = ROOT / "bench" / "notes.md"


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, cores, memory, versions."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    flags = next((line for line in lines if line.startswith("flags")), "")
    versions = {"python": platform.python_version()}
    for package in ("nncli", "tensorflow", "keras", "numpy", "torch", "lightning"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "bfloat16": [flag for flag in ("amx_bf16", "avx512_bf16") if flag in flags],
        "versions": versions,
    }


def summarize(workload: Workload, rounds: Mapping[str, Sequence[Run]], failures: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a workload: medians, and ratios taken round by round.

    Args:
        workload: which.
        rounds: the runs of each contender, by its name, one a round.
        failures: why contenders could not take part, by their names.
    """
    first = workload.contenders[0].name
    contenders = {}
    for name, runs in rounds.items():
        accuracies = [run.accuracy for run in runs if run.accuracy is not None]
        figures: dict[str, Any] = {measure: median(getattr(run, measure) for run in runs) for measure in MEASURES}
        figures |= {
            "samples_a_second": workload.batch_size / figures["step"] * 1000,
            "accuracy": mean(accuracies) if accuracies else None,
            "ratio": median(a.step / b.step for a, b in zip(rounds[first], runs, strict=True)),
        }
        contenders[name] = figures
    asked = []
    for wish in workload.asked:
        if wish.contender in rounds and (wish.against is None or wish.against in rounds):
            own = [getattr(each, wish.measure) for each in rounds[wish.contender]]
            others = [1.0] * len(own) if wish.against is None else [getattr(each, wish.measure) for each in rounds[wish.against]]
            ratio = median(a / b for a, b in zip(own, others, strict=True))
            asked.append(
                {"what": wish.contender, "measure": wish.measure, "against": wish.against, "ratio": ratio, "most": wish.most}
            )
    digests = {run.told.get("digest") for runs in rounds.values() for run in runs}
    same_bits = len(digests) == max(len(runs) for runs in rounds.values()) if None not in digests and len(rounds) > 1 else None
    return {
        "title": workload.title,
        "rounds": max(len(runs) for runs in rounds.values()),
        "contenders": contenders,
        "asked": asked,
        "same_bits": same_bits,
        "failures": dict(failures),
    }


def save(results: Mapping[str, Any], name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Add the figures of a workload to the file of results, and write the page anew."""
    merged = {**results, name: {**figures, "machine": machine()}}
    RESULTS.write_text(json.dumps(merged, indent=1) + "\n")
    PAGE.write_text(page(merged))
    return merged


def load() -> dict[str, Any]:
    """The figures measured so far."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def asked_rows(results: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Work, against, ratio, most, whether it is met: a row for each thing that nncli is held to."""
    rows = []
    for figures in results.values():
        for wish in figures["asked"]:
            met = "yes" if wish["ratio"] <= wish["most"] else "no"
            what = figures["title"] if wish["what"] == "nncli" else f"{figures['title']} ({wish['what']})"
            measure = MEASURES.get(wish["measure"], wish["measure"])
            numbers = [f"{number:,.2f}" if number < 100 else f"{number:,.0f}" for number in (wish["ratio"], wish["most"])]
            rows.append((f"{what}: {measure}", wish["against"] or "", *numbers, met))
    return rows


def contender_rows(figures: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each contender of a workload."""
    rows = []
    for name, own in figures["contenders"].items():
        accuracy = "" if own["accuracy"] is None else f"{own['accuracy']:.3f}"
        numbers = [f"{own['step']:.3g}", f"{own['samples_a_second']:,.0f}", f"{own['training']:.2f}", f"{own['wall']:.1f}"]
        rows.append((name, *numbers, f"{own['peak']:,.0f}", accuracy, f"{own['ratio']:.2f}"))
    return rows


CONTENDER_HEAD = (
    "",
    "ms a step",
    "samples/s",
    "training, s",
    "process, s",
    "peak, MiB",
    "test accuracy",
    "nncli's step / this step",
)
ASKED_HEAD = ("work", "against", "ratio, or figure", "asked: at most", "met")


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the tables of a workload."""
    for head, rows in ((CONTENDER_HEAD, contender_rows(figures)), (ASKED_HEAD, asked_rows({"": figures}))):
        if rows:
            table = Table(*head, title=figures["title"])
            for row in rows:
                table.add_row(*row)
            console.print(table)
    for name, why in figures["failures"].items():
        console.print(f"{name}: {why}")


def page(results: Mapping[str, Any]) -> str:
    """The page of the documentation: what is asked, then each workload, then what was tried."""
    machines = {json.dumps(figures["machine"], sort_keys=True): figures["machine"] for figures in results.values()}
    parts = [
        "# Benchmarks",
        "",
        "`make bench` writes this page: each contender is a process of its own, all run in turn, round by round.",
    ]
    parts += ["A ratio is the median of the rounds' ratios: below 1 nncli takes less. Times are medians.", ""]
    for own in machines.values():
        versions = ", ".join(f"{package} {number}" for package, number in own["versions"].items())
        kinds = f" ({', '.join(own['bfloat16'])})" if own["bfloat16"] else ""
        parts.append(f"Measured on {own['cpu']}, {own['cores']} cores{kinds}; {versions}.")
    parts += ["", "## What nncli is held to", "", *markdown(ASKED_HEAD, asked_rows(results))]
    for figures in results.values():
        if not figures["contenders"]:
            continue  # commands, of which all is said above
        rounds = figures["rounds"]
        parts += ["", f"## {figures['title']}", "", f"{rounds} round{'s'[: rounds != 1]}.", ""]
        parts += markdown(CONTENDER_HEAD, contender_rows(figures))
        if figures["same_bits"] is not None:
            parts += ["", "All ended with the same bits." if figures["same_bits"] else "They did not end with the same bits."]
        for name, why in figures["failures"].items():
            parts += ["", f"{name} could not take part: {why}"]
    return "\n".join([*parts, "", NOTES.read_text()])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
