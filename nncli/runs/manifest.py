"""`manifest.json`: what a run depends on, and how far it is."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from nncli.problems import error
from nncli.runs.disk import disk_problems
from nncli.runs.records import read_json
from nncli.spec.values import NonNegativeInt

MANIFEST: Final = "manifest.json"
"""The file that makes a folder a run."""
State = Literal["running", "trained", "finished", "interrupted", "diverged", "failed"]
"""`trained`: the weights are there, the report and the pictures are not yet."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What makes one state of the weights better than another.

    Attributes:
        monitor: the metric.
        upwards: whether more of it is better.
    """

    monitor: str
    upwards: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run depends on besides its config, and how far it is.

    Attributes:
        schema: version of this document.
        name: the experiment's.
        state: how it is with the run; after a kill it is still `running`.
        created, changed: when the run began, and when this was written.
        step, total_steps: steps done by then, and planned.
        seed, order, threads, mode: what its bits depend on.
        versions: package -> version.
        fingerprint: SHA-256 of the data.
        machine: system, processor and CPU on which it began.
        moves: what of versions and machine was another one when the run went on, such as `cpu A -> B`.
        best: what makes its weights the best.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    schema: Literal[1] = 1
    name: str
    state: State
    created: str
    changed: str
    step: NonNegativeInt
    total_steps: NonNegativeInt
    seed: NonNegativeInt
    order: str
    threads: NonNegativeInt
    mode: str
    versions: dict[str, str]
    fingerprint: str
    machine: dict[str, str]
    moves: Annotated[tuple[str, ...], Field(strict=False)] = ()
    best: Watched


def has_manifest(folder: Path) -> bool:
    """Whether there is a manifest in a folder.

    Raises:
        NncliError: NN604, the disk refuses to tell.
    """
    with disk_problems(folder, "read"):
        return (folder / MANIFEST).is_file()


def read_manifest(run: Path) -> Manifest:
    """The manifest of a run folder.

    Raises:
        NncliError: NN603, it is missing or damaged; NN604, the disk refuses.
    """
    path = run / MANIFEST
    document = read_json(path)
    try:
        # By way of a text, as Pydantic's strict mode makes a dataclass of JSON but of no mapping.
        return _adapter().validate_json(json.dumps(document))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise error("NN603", f"this is no manifest of a run: `{where}`: {first['msg']}", file=path) from None


@functools.cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)  # which takes longer to make than a thousand manifests to read
