"""All runs on disk: what each is, how far it came, and what came out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.session.run_folder import FINISHED, RunFolder


@dataclass(frozen=True)
class RunSummary:
    """One run as a row of a list.

    Attributes:
        status: "complete", "early stop", "stopped", "failed", "running" or "interrupted".
        seconds: Training time.
        verdict: The word of the verdict, None before there is one.
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

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to train."""
        return self.status in ("stopped", "failed", "interrupted", "new")


def list_runs(runs_folder: Path) -> list[RunSummary]:
    """Every readable run, newest first; folders that are no runs are passed over."""
    if not runs_folder.is_dir():
        return []
    found = []
    for path in runs_folder.iterdir():
        if path.is_dir() and not path.name.startswith("."):
            try:
                found.append(summary_of(RunFolder(path)))
            except WorkbenchError:
                continue
    return sorted(found, key=lambda run: (run.created, run.path.name), reverse=True)


def summary_of(folder: RunFolder) -> RunSummary:
    """One run in brief. Raises WorkbenchError."""
    facts: dict[str, Any] = folder.facts()
    status = str(facts.get("status", "new"))
    if status == "running" and not folder.is_running:
        # The process that said so is gone: killed, or the power was cut.
        status = "interrupted"
    if status in FINISHED and facts.get("companions") and not facts.get("companions_done"):
        # The run itself is done, but not the baseline or the seeds that were asked for with it.
        status = "running" if any(RunFolder(path).is_running for path in folder.companions()) else "interrupted"
    verdict = facts.get("verdict")
    return RunSummary(
        path=folder.path,
        recipe=str(facts.get("recipe", "")),
        created=str(facts.get("created", "")),
        status=status,
        step=int(facts.get("step", 0)),
        total_steps=int(facts.get("total_steps", 0)),
        student_errors=facts.get("student_errors"),
        teacher_errors=facts.get("teacher_errors"),
        examples=facts.get("examples"),
        seconds=float(facts.get("seconds", 0.0)),
        verdict=verdict["word"] if verdict else None,
    )
