"""All runs on disk: what each is, how far it came, what came out, and what a person noted about it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from send2trash import send2trash

from workbench.errors import WorkbenchError
from workbench.session.library_index import LibraryIndex, Record, signature_of
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import FINISHED, RunFolder

_SPARKLINE_POINTS = 60
_FACTS = (
    "recipe",
    "created",
    "status",
    "step",
    "total_steps",
    "student_errors",
    "teacher_errors",
    "examples",
    "counted",
    "seconds",
    "verdict",
    "tags",
    "notes",
    "seed",
    "digest",
    "device",
    "companions",
    "companions_done",
)


@dataclass(frozen=True)
class RunSummary:
    """One run as a row of a list.

    Attributes:
        status: "new", "complete", "early stop", "stopped", "failed", "running" or "interrupted".
        seconds: Training time.
        verdict: The word of the verdict, None before there is one.
        tags: Words a person gave it.
        notes: What a person wrote about it.
        sparkline: The course of the loss in a few dozen means, oldest first.
        baseline_errors: Of the same student on hard labels, one a seed; empty before the verdict.
        seed: None before the run was started.
        digest: Names the recipe's values; "" before the run was started.
        device: What it trained on; "" before the run was started.
        judged: Every number behind the verdict, None before there is one.
        failure: Why it failed, in a sentence; "" where it did not.
        counted: What errors are counted of: "examples", "problems" or "tokens".
    """

    path: Path
    recipe: str
    created: str
    status: str
    step: int
    total_steps: int
    student_errors: int | None
    teacher_errors: int | None
    examples: int | None
    seconds: float
    verdict: str | None
    tags: tuple[str, ...] = ()
    notes: str = ""
    sparkline: tuple[float, ...] = ()
    baseline_errors: tuple[int, ...] = ()
    seed: int | None = None
    digest: str = ""
    device: str = ""
    judged: dict[str, Any] | None = None
    failure: str = ""
    counted: str = "examples"

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to train."""
        return self.status in ("stopped", "failed", "interrupted", "new")

    @property
    def can_train_baseline(self) -> bool:
        """Whether it learned from a teacher to the end, and nothing says yet whether that helped."""
        return self.status in FINISHED and self.teacher_errors is not None and self.verdict is None


def list_runs(runs_folder: Path) -> list[RunSummary]:
    """Every readable run, newest first; folders that are no runs are passed over.

    What did not change since it was last listed is taken from an index; the folders are what counts.
    """
    if not runs_folder.is_dir():
        return []
    index = LibraryIndex(runs_folder)
    known, read, found = index.read(), {}, {}
    for name in _folders_in(runs_folder):
        try:
            folder = RunFolder(runs_folder / name)
            signature = signature_of(folder.database_file)
            before, record = known.get(name, ("", {}))
            if not signature or signature != before:
                record = _record_of(folder)
                read[name] = (signature, record)
            found[name] = _summary(folder, record)
        except WorkbenchError:
            continue
    index.keep(read, gone=known.keys() - found.keys())
    return sorted(found.values(), key=lambda run: (run.created, run.path.name), reverse=True)


def summary_of(folder: RunFolder) -> RunSummary:
    """One run in brief. Raises WorkbenchError."""
    return _summary(folder, _record_of(folder))


def annotate(path: Path, *, tags: Iterable[str], notes: str) -> None:
    """Keep what a person noted about a run, also while it is going. Raises WorkbenchError."""
    with RunDatabase(RunFolder(path).database_file) as database:
        database.know(tags=list(tags), notes=notes)


def move_to_trash(path: Path) -> None:
    """Put a run where a person can get it back from.

    Raises:
        WorkbenchError: It is going on, or the system's trash does not take it; the run is untouched then.
    """
    folder = RunFolder(path)
    # Not the status: while a run is prepared, and between the run and its baseline, that says something else.
    if any(own.is_running for own in (folder, *map(RunFolder, folder.companions()))):
        raise WorkbenchError(f"{path.name} is being run right now.", "Stop it first, then delete it.")
    try:
        send2trash(path)
    except OSError as error:
        raise WorkbenchError(
            f"The trash does not take {path}: {error}.",
            "Delete the folder in the file manager if it is to go for good.",
        ) from error


def _folders_in(runs_folder: Path) -> list[str]:
    with os.scandir(runs_folder) as entries:
        return [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]


def _record_of(folder: RunFolder) -> Record:
    """What a run's own database says; nothing in it depends on anything else."""
    with RunDatabase(folder.database_file, read_only=True) as database:
        facts = database.facts()
        record: Record = {name: facts[name] for name in _FACTS if name in facts}
        record["sparkline"] = [float(f"{mean:.4g}") for mean in database.loss_curve(_SPARKLINE_POINTS)]
        # Said at the end of a sitting only: a run that was cut off has trained for longer.
        record["seconds"] = max(float(facts.get("seconds", 0.0)), database.seconds())
        if facts.get("status") == "failed":
            record["failure"] = "".join(event["title"] for event in database.events("Failed")[-1:])
        return record


def _summary(folder: RunFolder, record: Record) -> RunSummary:
    verdict = record.get("verdict")
    return RunSummary(
        path=folder.path,
        recipe=str(record.get("recipe", "")),
        created=str(record.get("created", "")),
        status=_status(folder, record),
        step=int(record.get("step", 0)),
        total_steps=int(record.get("total_steps", 0)),
        student_errors=record.get("student_errors"),
        teacher_errors=record.get("teacher_errors"),
        examples=record.get("examples"),
        seconds=float(record.get("seconds", 0.0)),
        verdict=verdict["word"] if verdict else None,
        tags=tuple(record.get("tags", ())),
        notes=str(record.get("notes", "")),
        sparkline=tuple(record["sparkline"]),
        baseline_errors=tuple(verdict["baseline_errors"]) if verdict else (),
        seed=record.get("seed"),
        digest=str(record.get("digest", "")),
        device=str(record.get("device", "")),
        judged=verdict,
        failure=str(record.get("failure", "")),
        counted=str(record.get("counted", "examples")),
    )


def _status(folder: RunFolder, record: Record) -> str:
    """As the run said it, unless the process that said so is gone: killed, or the power was cut."""
    status = str(record.get("status", "new"))
    if status == "running" and not folder.is_running:
        return "interrupted"
    if status in FINISHED and record.get("companions") and not record.get("companions_done"):
        # The run itself is done, but not the baseline or the seeds that were asked for with it.
        return "running" if any(RunFolder(path).is_running for path in folder.companions()) else "interrupted"
    return status
