"""`nncli plot`: the pictures of a run, drawn again."""

from __future__ import annotations

from pathlib import Path

from nncli.commands.datasets import load_splits
from nncli.commands.figures import draw_figures
from nncli.commands.loading import load_trained
from nncli.problems import error
from nncli.reports.runs import PlotReport
from nncli.runs.folder import RunFolder


def plot(run_dir: Path, *, which: str = "best") -> PlotReport:
    """Draw the pictures of a run into its folder; those of the same name are replaced.

    Args:
        run_dir: the run folder.
        which: the weights to look at, `best` or `last`.

    Raises:
        NncliError: NN603, it is no run, or its files are damaged; NN602, it is in use; NN501 to NN503, its data are not there.
    """
    with RunFolder.open(run_dir) as folder:
        trained = load_trained(run_dir, which)
        experiment = trained.experiment
        splits = load_splits(experiment)
        if splits.fingerprint != trained.facts.fingerprint:
            raise error("NN502", "the data are not those that this run was trained on: their fingerprint differs", file=run_dir)
        evaluator = trained.evaluator()
        drawings = draw_figures(experiment, splits, evaluator, trained.checkpoint.weights, folder.read_metrics())
        written = [folder.write_figure(drawing.name, drawing.png, drawing.csv) for drawing in drawings]
    return PlotReport(run_dir=str(run_dir), figures=tuple(map(str, written)))
