"""`python -m bench [NAME...]`: measures all workloads, or those that are named, and writes what it found."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench import commands, report
from bench.measure import Failed, Run
from bench.own_data import OWN_DATA
from bench.workloads import WORKLOADS, Workload

ALL = {**WORKLOADS, **OWN_DATA}


def measure(workload: Workload, rounds: int, folder: Path, console: Console) -> dict[str, object]:
    """Run the contenders of a workload in turn, round by round; who fails once is left out."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in workload.contenders}
    failures: dict[str, str] = {}
    for number in range(rounds):
        for contender in workload.contenders:
            if contender.name in failures:
                continue
            console.print(f"  round {number + 1}/{rounds}: {contender.name}", highlight=False)
            try:
                runs[contender.name].append(contender.run(number, folder))
            except Failed as failure:
                if contender is workload.contenders[0]:
                    sys.exit(f"{contender.name}: {failure}")
                failures[contender.name] = str(failure)
    complete = {name: own for name, own in runs.items() if name not in failures}
    return report.summarize(workload, complete, failures)


def main() -> None:
    """Measure."""
    names = [*commands.COMMANDS, *ALL]
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", help=f"what to measure, out of {', '.join(names)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender runs (default: 5)")
    parser.add_argument("--page", action="store_true", help="only write the page anew, from the results there are")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    results, console = report.load(), Console()
    if arguments.page:
        report.PAGE.write_text(report.page(results))
        return
    for name in arguments.names or names:
        console.print(f"[bold]{name}")
        with tempfile.TemporaryDirectory() as folder:
            if name in ALL:
                figures = measure(ALL[name], arguments.rounds, Path(folder), console)
            else:
                pairs = [commands.COMMANDS[name][1](Path(folder)) for _ in range(2 * arguments.rounds)]
                figures = commands.figures(name, pairs)
        report.show(figures, console)
        results = report.save(results, name, figures)


main()
