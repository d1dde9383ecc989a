"""The run that trains as a row of the list: newer than what its folder says."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.gui.watched_run import WatchedRun
from workbench.session.library import RunSummary
from workbench.session.run import RunStatus

_POINTS = 60


def live_summary(listed: RunSummary, run: WatchedRun, status: RunStatus) -> RunSummary:
    """What is listed of a run, brought up to date from its memory.

    Args:
        listed: As its folder had it.
        run: The same run, while it trains.
        status: Where it is.
    """
    own, now = run.own, run.current
    word = "baseline" if status is RunStatus.RUNNING and now.is_baseline else status.value
    prepared, student, teacher = run.prepared, run.student_score, run.teacher_score
    steps, losses = now.log.column("step"), own.log.column("total")
    return replace(
        listed,
        status=word,
        step=int(steps[-1]) if len(steps) else listed.step if now is own else 0,
        total_steps=prepared.total_steps if prepared else listed.total_steps,
        student_errors=student.errors if student else listed.student_errors,
        teacher_errors=teacher.errors if teacher else listed.teacher_errors,
        examples=student.examples if student else teacher.examples if teacher else listed.examples,
        counted=student.counted if student else listed.counted,
        seconds=float(own.log.column("seconds")[-1]) if len(losses) else listed.seconds,
        sparkline=thinned(losses),
        seed=listed.seed if run.recipe is None else run.recipe.student.seed,
        device=prepared.device if prepared else listed.device,
    )


def thinned(values: NDArray[np.float64], points: int = _POINTS) -> tuple[float, ...]:
    """Values as at most so many means of neighbours, in one pass; what is not finite is left out."""
    values = values[np.isfinite(values)]
    if len(values) <= points:
        return tuple(values.tolist())
    starts = np.linspace(0, len(values), points, endpoint=False).astype(np.int64)
    sums = np.add.reduceat(values, starts)
    counts = np.diff(np.append(starts, len(values)))
    return tuple((sums / counts).tolist())
