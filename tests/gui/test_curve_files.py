"""The table of all steps and evaluations."""

import csv
import io
from pathlib import Path

from workbench.events import Evaluated
from workbench.gui.curve_files import as_csv, numbered
from workbench.session.history import History
from workbench.session.jobs import Job


def _history(steps: list[int], scores: list[Evaluated]) -> History:
    history = History("run", Path("run"), events=list(scores))
    history.log.extend([(step, 0, step / 10, 1.5, 1.0, 0.5, 0.05, float(step)) for step in steps])
    return history


def _score(step: int, errors: int, subject: str = "student", agreement: float | None = 0.5) -> Evaluated:
    return Evaluated(
        step=step,
        subject=subject,
        errors=errors,
        examples=100,
        cross_entropy=0.25,
        calibration_error=0.0,
        agreement=agreement,
    )


def _rows(*histories: History) -> list[dict[str, str]]:
    named = [numbered(f"run {place}", history) for place, history in enumerate(histories)]
    job: Job[bytes] = Job("test", lambda _: b"")
    return list(csv.DictReader(io.StringIO(as_csv(named, job).decode())))


def test_each_step_is_a_row_with_what_was_evaluated_there() -> None:
    rows = _rows(_history([1, 2, 3], [_score(2, 7)]))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert [row["student_errors"] for row in rows] == ["", "7", ""]
    assert rows[0]["total"] == "1.5"


def test_an_evaluation_between_logged_steps_has_a_row_of_its_own() -> None:
    rows = _rows(_history([10, 20], [_score(0, 4, "teacher", None), _score(15, 7)]))
    assert [row["step"] for row in rows] == ["0", "10", "15", "20"]
    assert rows[0]["teacher_errors"] == "4"
    assert rows[2]["student_errors"] == "7"
    assert rows[2]["total"] == ""


def test_of_two_evaluations_at_a_step_the_later_one_counts() -> None:
    rows = _rows(_history([1], [_score(1, 9), _score(1, 6)]))
    assert [row["student_errors"] for row in rows] == ["6"]


def test_trainings_follow_each_other_under_their_names() -> None:
    rows = _rows(_history([1, 2], []), _history([1], []))
    assert [(row["training"], row["step"]) for row in rows] == [("run 0", "1"), ("run 0", "2"), ("run 1", "1")]
