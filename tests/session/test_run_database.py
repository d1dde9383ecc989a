"""The database of a run: what goes in comes out, also while another connection reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.events import ControlChanged, Evaluated, Failed, Finished
from workbench.session.run_database import RunDatabase


def _evaluated(step: int, subject: str = "student") -> Evaluated:
    return Evaluated(step=step, subject=subject, errors=1, examples=10, cross_entropy=0.5, calibration_error=0.1)


def _row(step: int) -> tuple[float, ...]:
    return (float(step), 0.0, 0.1, 1.0, 0.5, 0.5, 0.05, 2.0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[RunDatabase]:
    """A database whose name has the characters that mean something in a URI."""
    with RunDatabase(tmp_path / "r#u?n%.sqlite") as database:
        yield database


def test_facts_come_back_as_plain_values(database: RunDatabase) -> None:
    database.know(status="running", plan={"baseline": True, "seeds": 3}, step=7)
    database.know(step=8)
    assert database.facts() == {"status": "running", "plan": {"baseline": True, "seeds": 3}, "step": 8}


def test_an_event_said_again_after_a_resume_is_kept_once(database: RunDatabase) -> None:
    for event in (_evaluated(5), _evaluated(5), _evaluated(5, "teacher")):
        database.add_event(event)
    assert [event["subject"] for event in database.events("Evaluated")] == ["student", "teacher"]


def test_forgetting_drops_what_came_later_and_the_end_but_not_the_journal(database: RunDatabase) -> None:
    database.add_metrics([_row(step) for step in range(1, 11)])
    for event in (
        _evaluated(3),
        _evaluated(9),
        ControlChanged(step=8, name="alpha", old=0.9, new=0.5),
        Failed(step=2, title="x"),
        Finished(step=4, reason="stopped"),
    ):
        database.add_event(event)
    database.forget_after(5)
    assert [row[0] for row in database.metrics()] == [1, 2, 3, 4, 5]
    assert [(event["event"], event["step"]) for event in database.events()] == [("Evaluated", 3)]
    assert database.journal() == [(8, "alpha", 0.5)]


def test_a_journalled_probe_comes_back_as_a_tuple(database: RunDatabase) -> None:
    database.add_event(ControlChanged(step=2, name="probe", old=(1, 2), new=(3, 4)))
    assert database.journal() == [(2, "probe", (3, 4))]


def test_a_reader_sees_committed_rows_while_the_writer_goes_on(database: RunDatabase) -> None:
    database.add_metrics([_row(1)])
    with RunDatabase(database.path, read_only=True) as reader:
        assert len(reader.metrics()) == 1
        database.add_metrics([_row(2)])
        assert len(reader.metrics()) == 2


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(
        WorkbenchError, match=r"run\.sqlite is not a SQLite database: its 2,100 bytes begin with b'not a"
    ):
        RunDatabase(path, read_only=True)


def test_the_loss_curve_leaves_out_what_is_not_a_number_and_is_empty_before_the_first_step(tmp_path: Path) -> None:
    with RunDatabase(tmp_path / "run.sqlite") as database:
        assert database.loss_curve(4) == []
        assert database.seconds() == 0.0
        losses = [4.0, 2.0, float("inf"), 3.0, float("nan"), float("nan"), 1.0, 0.0]
        database.add_metrics([(step, 0, 0.0, loss, 0.0, 0.0, 0.1, step) for step, loss in enumerate(losses, start=1)])
        assert database.loss_curve(4) == [3.0, 0.5]
        assert database.seconds() == 8.0
