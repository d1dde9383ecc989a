"""All runs on disk: what each is, how far it came, what came out, and what a person noted about it."""

import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from send2trash import send2trash

from workbench.errors import WorkbenchError
from workbench.events import Failed
from workbench.session.database_files import database_problem, folder_problem, unreadable
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
# A list does not wait for a program that has locked a run's database.
_WAIT = 0.2


@dataclass(frozen=True)
class RunSummary:
    """One run as a row of a list.

    Attributes:
        status: "new", "complete", "early stop", "stopped", "failed", "running", "interrupted" or "damaged".
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
        damage: What of it cannot be read, a sentence each that names the file; the rest of the row is what can be.
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
    damage: tuple[str, ...] = ()

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to train."""
        return self.status in ("stopped", "failed", "interrupted", "new")

    @property
    def can_train_baseline(self) -> bool:
        """Whether it learned from a teacher to the end, and nothing says yet whether that helped."""
        return self.status in FINISHED and self.teacher_errors is not None and self.verdict is None


def list_runs(runs_folder: Path) -> list[RunSummary]:
    """Every run, newest first, damaged ones too; folders that are no runs are passed over.

    What did not change since it was last listed is taken from an index; the folders are what counts.
    """
    if not runs_folder.is_dir():
        return []
    index = LibraryIndex(runs_folder)
    known = index.read()
    folders = [RunFolder(runs_folder / name, must_be_whole=False) for name in _runs_in(runs_folder)]
    signatures = {folder.path.name: signature_of(folder.database_file) for folder in folders}
    # One that may still change without another signature has none.
    changed = [
        folder
        for folder in folders
        if not signatures[folder.path.name] or known.get(folder.path.name, ("", {}))[0] != signatures[folder.path.name]
    ]
    read = {folder.path.name: _record_of(folder) for folder in changed}
    found = [_summary(folder, read.get(folder.path.name) or known[folder.path.name][1]) for folder in folders]
    # Damage may be of the disk or of another program, and then it is over without another signature.
    kept = {name: (signatures[name], record) for name, record in read.items() if not record["damage"]}
    index.keep(kept, gone=known.keys() - signatures.keys())
    return sorted(found, key=lambda run: (run.created, run.path.name), reverse=True)


def summary_of(folder: RunFolder) -> RunSummary:
    """One run in brief."""
    return _summary(folder, _record_of(folder))


def damage_error(path: Path, damage: Sequence[str]) -> WorkbenchError:
    """What is wrong with a run that was opened all the same."""
    return WorkbenchError(
        f"{path.name} is damaged; what can be read of it is shown. {damage[0]}",
        "Restore the file from a backup, or delete the run. A student or checkpoints in its folder may be whole.",
        "\n".join(damage) if len(damage) > 1 else "",
    )


def annotate(path: Path, *, tags: Iterable[str], notes: str) -> None:
    """Keep what a person noted about a run, also while it is going. Raises WorkbenchError."""
    with RunDatabase(RunFolder(path).database_file) as database:
        database.know(tags=list(tags), notes=notes)


def move_to_trash(path: Path) -> None:
    """Put a run where a person can get it back from.

    Raises:
        WorkbenchError: It is going on, or the system's trash does not take it; the run is untouched then.
    """
    folder = RunFolder(path, must_be_whole=False)
    # Not the status: while a run is prepared, and between the run and its baseline, that says something else.
    if any(own.is_running for own in (folder, *_companions(folder))):
        raise WorkbenchError(f"{path.name} is being run right now.", "Stop it first, then delete it.")
    try:
        send2trash(path)
    except OSError as error:
        raise WorkbenchError(
            f"The trash does not take {path}: {error}.",
            "Delete the folder in the file manager if it is to go for good.",
        ) from error


def _companions(folder: RunFolder) -> list[RunFolder]:
    return [RunFolder(path, must_be_whole=False) for path in folder.companions()]


def _runs_in(runs_folder: Path) -> list[str]:
    """The folders that hold a file of a run, or may not be looked into."""
    with os.scandir(runs_folder) as entries:
        return [entry.name for entry in entries if not entry.name.startswith(".") and _is_run(entry)]


def _is_run(entry: os.DirEntry[str]) -> bool:
    try:
        # As it is listed, not as it is found: a link that leads nowhere is a part of a damaged run.
        if not entry.is_dir():
            return entry.is_symlink() and not Path(entry.path).exists()
        return not {"run.sqlite", "recipe.toml"}.isdisjoint(path.name for path in Path(entry.path).iterdir())
    except OSError:
        return True


def _record_of(folder: RunFolder) -> Record:
    """What a run's own files hold; nothing in it depends on anything else."""
    record: Record = {"sparkline": [], "damage": []}
    if problem := folder_problem(folder.path):
        record["damage"].append(f"{folder.path} {problem}.")
        return record
    if problem := _recipe_problem(folder.recipe_file):
        record["damage"].append(f"{folder.recipe_file} {problem}.")
    try:
        _read_database(folder.database_file, record)
    except WorkbenchError as error:
        record["damage"].append(error.title)
    return record


def _read_database(path: Path, record: Record) -> None:
    if problem := database_problem(path):
        raise WorkbenchError(f"{path} {problem}.")
    with RunDatabase(path, read_only=True, wait=_WAIT) as database:
        facts = database.facts()
        record.update({name: facts[name] for name in _FACTS if name in facts})
        record["damage"] += [f"{path} is damaged. {problem}" for problem in facts.damage.values()]
        record["sparkline"] = [float(f"{mean:.4g}") for mean in database.loss_curve(_SPARKLINE_POINTS)]
        # Kept at the end of a sitting only: a run that was cut off has trained for longer.
        record["seconds"] = max(float(record.get("seconds", 0.0)), database.seconds())
        if record.get("status") == "failed":
            record["failure"] = "".join(
                event.title for event in database.typed_events("Failed")[-1:] if isinstance(event, Failed)
            )
        record["damage"] += [f"{path} is damaged. {problem}" for problem in database.damage]


def _recipe_problem(path: Path) -> str:
    """What is wrong with a recipe file as far as a list must know; whether its values fit is seen when it is opened."""
    try:
        tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        return unreadable(path, error)
    except RecursionError:
        return "is nested too deeply to be a recipe"
    except ValueError as error:
        return f"is no TOML: {error}"
    return ""


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
        damage=tuple(record["damage"]),
    )


def _status(folder: RunFolder, record: Record) -> str:
    """As the run wrote it, unless the process that wrote it is gone: killed, or the power was cut."""
    if record["damage"]:
        return "damaged"
    status = str(record.get("status", "new"))
    if status == "running" and not folder.is_running:
        return "interrupted"
    if status in FINISHED and record.get("companions") and not record.get("companions_done"):
        # The run itself is done, but not the baseline or the seeds that were asked for with it.
        return (
            "running"
            if any(RunFolder(path, must_be_whole=False).is_running for path in folder.companions())
            else "interrupted"
        )
    return status
