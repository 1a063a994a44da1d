"""What the files of a run folder hold."""

from __future__ import annotations

import datetime
import platform
from dataclasses import asdict, replace
from pathlib import Path

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.commands.loading import Facts
from nncli.config.write import to_yaml
from nncli.engine.events import Snapshot
from nncli.engine.train import Trainer
from nncli.reports.base import plain
from nncli.runs.manifest import MANIFEST, Manifest, Watched
from nncli.runs.records import document_bytes
from nncli.spec.accuracy import improves_upwards


def first_files(trainer: Trainer, facts: Facts, first: Manifest) -> dict[str, bytes]:
    """The files that a run begins with: path in the folder -> content. It can be resumed from its first instant."""
    return {
        "config.yaml": to_yaml(trainer.experiment).encode(),
        "checkpoints/last.h5": checkpoint_image(trainer, facts, trainer.snapshot()),
        MANIFEST: document_bytes(plain(first)),
    }


def checkpoint_image(trainer: Trainer, facts: Facts, snapshot: Snapshot) -> bytes:
    """The h5 file of a snapshot."""
    return checkpoint_bytes(
        Checkpoint(
            weights=snapshot.weights,
            experiment=trainer.experiment.model_dump(mode="json"),
            preparation=trainer.splits.preparation.to_json(),
            run=asdict(replace(facts, step=snapshot.step)),
            state=snapshot.state,
            variables=snapshot.variables,
        )
    )


def first_manifest(trainer: Trainer, facts: Facts) -> Manifest:
    """The manifest of a run that begins: what it depends on.

    Args:
        trainer: the run.
        facts: what else its bits depend on.
    """
    experiment, began = trainer.experiment, now()
    best = experiment.training.best
    return Manifest(
        name=experiment.name,
        state="running",
        created=began,
        changed=began,
        step=trainer.state.step,
        total_steps=trainer.plan.total_steps,
        seed=experiment.seed,
        order=experiment.training.order,
        threads=facts.threads,
        mode=facts.mode,
        versions=facts.versions,
        fingerprint=facts.fingerprint,
        machine=machine(),
        best=Watched(best.monitor, bool(improves_upwards(experiment.metrics, best.monitor, best.mode))),
    )


def machine() -> dict[str, str]:
    """What of the machine the bits may depend on."""
    return {"system": platform.system(), "processor": platform.machine(), "cpu": _cpu_name()}


def now() -> str:
    """The time, to the second, with its zone."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())
