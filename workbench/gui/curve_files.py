"""Curves as a table of their own: one row a step, with what was evaluated there."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.events import Evaluated
from workbench.gui.series import Numbers
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.run_database import COLUMNS

_SCORES = ("errors", "examples", "cross_entropy", "agreement", "kl_to_teacher", "calibration_error")


@dataclass(frozen=True)
class Numbered:
    """What a training said so far, safe to read while it goes on.

    Attributes:
        name: Such as "baseline".
        columns: Its log, by column.
        scores: Its evaluations.
    """

    name: str
    columns: dict[str, Numbers]
    scores: tuple[Evaluated, ...]


def numbered(name: str, history: History) -> Numbered:
    """What there is now; nothing is copied."""
    steps = history.log.column("step")
    columns = {column: history.log.column(column)[: len(steps)] for column in COLUMNS}
    return Numbered(name, columns, tuple(history.all(Evaluated)))


def as_csv(trainings: Sequence[Numbered], job: Job[Any]) -> bytes:
    """All trainings below each other, named in the first column; what was not measured at a step is left empty."""
    import polars as pl

    tables = []
    for place, training in enumerate(trainings):
        job.say(f"Writing {training.name}", place / len(trainings))
        steps = pl.DataFrame(training.columns).with_columns(pl.col("step", "stage").cast(pl.Int64))
        for subject in ("student", "teacher"):
            steps = steps.join(_scores(training.scores, subject), on="step", how="full", coalesce=True)
        tables.append(steps.sort("step").select(pl.lit(training.name).alias("training"), pl.all()))
    content = io.BytesIO()
    pl.concat(tables, how="vertical").write_csv(content)
    return content.getvalue()


def _scores(scores: Sequence[Evaluated], subject: str) -> Any:
    import polars as pl

    # A step that was evaluated twice, as after a correction, tells what came last.
    last = {score.step: score for score in scores if score.subject == subject}
    columns: dict[str, Any] = {"step": pl.Series(list(last), dtype=pl.Int64)}
    for name in _SCORES:
        kind = pl.Int64 if name in {"errors", "examples"} else pl.Float64
        columns[f"{subject}_{name}"] = pl.Series([getattr(score, name) for score in last.values()], dtype=kind)
    return pl.DataFrame(columns)
