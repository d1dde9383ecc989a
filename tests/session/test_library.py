"""The list of all runs, and what became of those nobody finished."""

from collections.abc import Callable
from pathlib import Path

from workbench.events import Event
from workbench.session.driving import drive
from workbench.session.library import list_runs, summary_of
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

MakeRun = Callable[..., RunFolder]


def test_runs_are_listed_newest_first_and_other_folders_passed_over(
    make_run: MakeRun, run_to_end: Callable[..., list[Event]], tmp_path: Path
) -> None:
    first, second = make_run(), make_run()
    with RunDatabase(second.database_file) as database:
        database.know(created="2999-01-01T00:00:00+00:00")
    run_to_end(first)
    (tmp_path / "runs" / "something else").mkdir()
    (tmp_path / "runs" / "a file").touch()
    newest, oldest = list_runs(tmp_path / "runs")
    assert (newest.path, newest.status, newest.can_resume) == (second.path, "new", True)
    assert (oldest.path, oldest.status, oldest.can_resume) == (first.path, "complete", False)
    assert (oldest.step, oldest.total_steps, oldest.examples) == (20, 20, 15)
    assert oldest.student_errors is not None
    assert oldest.recipe == "tiny"


def test_a_run_whose_process_is_gone_is_interrupted(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    events = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
    next(events)
    assert summary_of(folder).status == "running"
    events.close()
    assert summary_of(folder).status == "interrupted"
    assert summary_of(folder).can_resume


def test_no_runs_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []
