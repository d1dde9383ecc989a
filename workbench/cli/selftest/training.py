"""Twenty steps of the example, by the same way as `run` goes."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.selftest.part import Facts, demand
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.events import Event
    from workbench.session.reins import Reins
    from workbench.session.run_folder import RunFolder

NAME = "training"

STEPS = 20


def check(folder: Path) -> Facts:
    """Train and export. Raises WorkbenchError where it does not learn, or leaves nothing behind."""
    from workbench.events import Evaluated
    from workbench.session.library import list_runs
    from workbench.session.places import runs_folder
    from workbench.session.reins import Reins
    from workbench.session.trials import new_run_of

    runs = runs_folder()
    demand(runs.is_relative_to(folder), f"Runs would be kept in {runs} and not in {folder}.")
    run = new_run_of(short_recipe(), runs)
    reins = Reins(device="cpu")
    events = driven(run, reins)
    losses = [float(loss) for loss in reins.log.column("total")]
    demand(len(losses) == STEPS, f"{len(losses)} steps were taken, not {STEPS}.")
    demand(all(map(math.isfinite, losses)), f"The loss is no number any more: {losses}.")
    first, last = sum(losses[:5]) / 5, sum(losses[-5:]) / 5
    demand(last < first, f"The loss does not fall: {first:.3f} in the first steps, {last:.3f} in the last.")
    demand(run.student_file.is_file(), f"There is no student at {run.student_file}.")
    listed = [summary for summary in list_runs(runs) if summary.path == run.path]
    demand(bool(listed) and listed[0].status == "complete", f"The library does not list {run.path.name} as complete.")
    score = next(event for event in reversed(events) if isinstance(event, Evaluated) and event.subject == "student")
    return {
        "steps": len(losses),
        "loss_first": round(first, 4),
        "loss_last": round(last, 4),
        "errors": score.errors,
        "of": score.examples,
        "agreement": score.agreement,
        "seconds_training": round(float(reins.log.column("seconds")[-1]), 2),
        "kept": sorted(path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()),
    }


def short_recipe(*changes: str) -> str:
    """The example's text with its file names in full, for a few steps only, with these changes."""
    from workbench.recipe import absolute_recipe
    from workbench.session.places import resources_folder

    path = resources_folder() / "examples" / "hinton-mnist" / "student.toml"
    return absolute_recipe(path, (f"stages.0.optimisation.steps={STEPS}", *changes))


def trained(folder: Path) -> "RunFolder":
    """The run that this part left in its folder. Raises WorkbenchError where there is none."""
    from workbench.session.run_folder import RunFolder

    found = [RunFolder(path) for path in sorted((folder / "runs").glob("*_hinton-mnist"))]
    done = [run for run in found if run.student_file.is_file()]
    demand(bool(done), "There is no trained student to go on with.", f"See why the part “{NAME}” failed.")
    return done[-1]


def driven(run: "RunFolder", reins: "Reins") -> "list[Event]":
    """Everything a run says, to its end. Raises WorkbenchError where it fails."""
    from workbench.events import Failed, Finished
    from workbench.session.trials import drive_trials

    events = [event for _, event in drive_trials(run, reins)]
    for event in events:
        if isinstance(event, Failed):
            raise WorkbenchError(event.title, event.hint, event.details)
    ended = events[-1]
    demand(isinstance(ended, Finished) and ended.reason == "complete", f"The run ended with {ended}.")
    return events
