"""A run and its companions: the same student on hard labels, the same again from other seeds, and the verdict."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engine.answers import read_answers
from workbench.engine.evidence import Verdict, judge
from workbench.errors import WorkbenchError
from workbench.events import Event, Failed, Finished, Judged
from workbench.recipe import Recipe, absolute_recipe, parse_recipe, write_recipe
from workbench.session.controls import JournalEntry, LiveControls
from workbench.session.metric_log import MetricLog
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import FINISHED, RunFolder, new_run_path
from workbench.writing import write_atomically

VERDICT_FILE = "verdict.json"
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Trial:
    """One training among those a person asked for together.

    Attributes:
        name: Such as "distilled, seed 0".
        folder: Its own run folder.
        is_baseline: Whether it learns from hard labels.
        log: Its metrics, filled while it is driven.
    """

    name: str
    folder: RunFolder
    is_baseline: bool
    log: MetricLog = field(default_factory=MetricLog, compare=False)

    @property
    def is_done(self) -> bool:
        """Whether its student is finished."""
        return self.folder.facts().get("status") in FINISHED

    @property
    def is_whole(self) -> bool:
        """Whether the files of its student are all there, as they were written."""
        try:
            self.folder.refuse_damaged_student()
        except WorkbenchError:
            return False
        return True


def new_run(
    recipe_file: Path,
    runs_folder: Path,
    *,
    changes: tuple[str, ...] = (),
    baseline: bool = False,
    seeds: int = 1,
    journal: tuple[JournalEntry, ...] = (),
) -> RunFolder:
    """A new run folder for a recipe; nothing is trained yet.

    Args:
        recipe_file: The recipe as a person wrote it; it is copied, comments and all, with absolute file names.
        runs_folder: Where to put it.
        changes: Such as "student.seed=1".
        baseline: Whether to train the same student on hard labels too.
        seeds: How many seeds to train each from.
        journal: Control changes to replay.

    Raises:
        WorkbenchError: The recipe is refused, or the disk refuses.
    """
    text = absolute_recipe(recipe_file, changes)
    return new_run_of(text, runs_folder, name=str(recipe_file), baseline=baseline, seeds=seeds, journal=journal)


def new_run_of(
    text: str,
    runs_folder: Path,
    *,
    name: str = "recipe",
    baseline: bool = False,
    seeds: int = 1,
    journal: tuple[JournalEntry, ...] = (),
) -> RunFolder:
    """A new run folder for a recipe's text, its file names absolute; as `new_run`."""
    recipe = parse_recipe(text, name)
    if baseline and not recipe.has_baseline:
        raise WorkbenchError(
            f"“{recipe.name}” learns from hard labels only: it is its own baseline.", "Leave out --baseline."
        )
    if seeds > MOST_SEEDS:
        raise WorkbenchError(f"{seeds:,} seeds are more than a run takes: at most {MOST_SEEDS:,}.")
    last_seed = recipe.student.seed + seeds - 1
    if last_seed >= 2**31:
        raise WorkbenchError(
            f"{seeds} seeds from {recipe.student.seed} on end at {last_seed}; the largest is {2**31 - 1}."
        )
    # A journal with an impossible value is refused before anything is written.
    LiveControls(journal)
    folder = _new_folder(runs_folder, text, plan={"baseline": baseline, "seeds": seeds}, recipe=recipe.name)
    with RunDatabase(folder.database_file) as database:
        database.plan_journal(journal)
    return folder


def add_baseline(folder: RunFolder) -> None:
    """Ask for the same student on hard labels too, in a run that may be done already.

    Raises:
        WorkbenchError: The run learns from hard labels only.
    """
    recipe = folder.recipe
    if not recipe.has_baseline:
        raise WorkbenchError(f"“{recipe.name}” learns from hard labels only: it is its own baseline.")
    _, seeds = _plan_of(folder)
    with RunDatabase(folder.database_file) as database:
        plan = {"seeds": seeds, "baseline": True}
        database.know(plan=plan, companions_done=False, companions=2 * seeds - 1)


def trials_of(folder: RunFolder, log: MetricLog | None = None) -> list[Trial]:
    """All trainings of a run in order; the folders of companions are made where they are missing.

    Args:
        folder: The run a person asked for.
        log: Takes the metrics of that run's own training; None makes a new one.

    Raises:
        WorkbenchError: The run asks for what no run is made of, or a folder cannot be made or read.
    """
    folder.refuse_links()
    baseline, seeds = _plan_of(folder)
    recipe, text = folder.recipe, folder.recipe_file.read_text(encoding="utf-8")
    first = recipe.student.seed
    trials = []
    for seed in range(first, first + seeds):
        own = folder if seed == first else _companion(folder, f"distilled-seed-{seed}", recipe.with_seed(seed), text)
        kept = log if own is folder and log is not None else MetricLog()
        trials.append(Trial(f"distilled, seed {seed}", own, is_baseline=False, log=kept))
        if baseline:
            own = _companion(folder, f"baseline-seed-{seed}", recipe.as_baseline().with_seed(seed), text)
            trials.append(Trial(f"hard labels, seed {seed}", own, is_baseline=True))
    return trials


def drive_trials(folder: RunFolder, reins: Reins) -> Iterator[tuple[Trial, Event]]:
    """Everything the trainings of a run say, one after the other; those already done are passed over.

    Ends after the first that fails or is stopped, else with Judged where there is a baseline. Raises WorkbenchError
    as `drive` does.
    """
    # Loads torch, which nothing else here needs.
    from workbench.session.driving import drive

    trials = trials_of(folder, reins.log)
    with RunDatabase(folder.database_file) as database:
        database.know(companions=len(trials) - 1, companions_done=False)
    for trial in trials:
        # A student that is missing or damaged is trained again from the last checkpoint.
        if trial.is_done and trial.is_whole:
            with trial.folder.claimed():
                # A process that was killed just after the end may have left files, which claiming removes.
                continue
        if trial.folder is not folder:
            _share_journal(folder, trial.folder)
        own = reins if trial.folder is folder else replace(reins, controls=None, log=trial.log)
        for event in drive(trial.folder, own):
            yield trial, event
            if isinstance(event, Failed) or (isinstance(event, Finished) and event.reason == "stopped"):
                return
    with folder.claimed():
        with RunDatabase(folder.database_file) as database:
            database.know(companions_done=True)
        verdict = verdict_of(folder)
    if verdict is not None:
        yield (
            trials[0],
            Judged(step=folder.step, word=verdict.word, sentence=verdict.sentence, record=verdict.as_record()),
        )


def verdict_of(folder: RunFolder) -> Verdict | None:
    """Judge a run whose trainings are all done, and keep the verdict; None where there is no baseline.

    Raises:
        WorkbenchError: An answers file is missing or broken.
    """
    trials = trials_of(folder)
    if not any(trial.is_baseline for trial in trials) or not all(trial.is_done for trial in trials):
        return None
    answers = [(trial.is_baseline, read_answers(trial.folder.answers_file)) for trial in trials]
    first = answers[0][1]
    verdict = judge(
        first["labels"],
        first.get("teacher"),
        np.stack([own["student"] for is_baseline, own in answers if is_baseline]),
        np.stack([own["student"] for is_baseline, own in answers if not is_baseline]),
        first.get("group"),
    )
    record = verdict.as_record()
    write_atomically(folder.path / VERDICT_FILE, json.dumps(record, indent=2, ensure_ascii=False).encode())
    with RunDatabase(folder.database_file) as database:
        database.know(verdict=record)
    return verdict


def journal_of(path: Path) -> tuple[JournalEntry, ...]:
    """The control changes of a finished run folder, for a replay. Raises WorkbenchError."""
    with RunDatabase(RunFolder(path).database_file, read_only=True) as database:
        return tuple(database.journal())


def _new_folder(runs_folder: Path, text: str, *, recipe: str, plan: dict[str, Any]) -> RunFolder:
    """Under the first name that is free; another run that takes it meanwhile leaves the next one."""
    while True:
        path = new_run_path(runs_folder, recipe)
        try:
            return RunFolder.create(path, text, plan=plan, recipe=recipe)
        except WorkbenchError:
            if not path.exists():
                raise


def _companion(folder: RunFolder, name: str, recipe: Recipe, text: str) -> RunFolder:
    path = folder.path / "trials" / name
    if path.exists():
        return RunFolder(path)
    # Only the run a person asked for is exported.
    quiet = recipe.model_copy(update={"export": recipe.export.model_copy(update={"onnx": False})})
    return RunFolder.create(path, write_recipe(quiet, text), recipe=recipe.name)


def _share_journal(folder: RunFolder, companion: RunFolder) -> None:
    """What was turned during the run is turned for its companions too: same budget, same rates."""
    with RunDatabase(folder.database_file) as own, RunDatabase(companion.database_file) as other:
        other.plan_journal(own.journal())


def _plan_of(folder: RunFolder) -> tuple[bool, int]:
    """Whether a run has a baseline, and how many seeds. Raises WorkbenchError where its database says nonsense."""
    plan = folder.facts().get("plan") or {}
    baseline, seeds = (plan.get("baseline", False), plan.get("seeds", 1)) if isinstance(plan, dict) else (None, plan)
    if type(baseline) is not bool or type(seeds) is not int or not 1 <= seeds <= MOST_SEEDS:
        raise WorkbenchError(
            f"{folder.database_file} is damaged: its plan is {str(plan)[:80]}; a run has 1 to {MOST_SEEDS:,} seeds.",
            "Copy the run folder again, or start a new run with its recipe.toml.",
        )
    if folder.recipe.student.seed + seeds > 2**31:
        raise WorkbenchError(f"{seeds} seeds from {folder.recipe.student.seed} on are beyond {2**31 - 1}.")
    return baseline, seeds
