"""The list of all runs, its index, what became of those nobody finished, remarks, and the trash."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from gui.shelf import VERDICT

from workbench.errors import WorkbenchError
from workbench.events import Event
from workbench.session import library
from workbench.session.driving import drive
from workbench.session.library import annotate, list_runs, move_to_trash, summary_of
from workbench.session.library_index import INDEX_FILE
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.trials import trials_of

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


def _settle(folder: RunFolder) -> None:
    """As if nobody had touched the run for a while."""
    then = time.time() - 60
    for path in folder.path.glob("*"):
        os.utime(path, (then, then))


def _refuse_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: RunFolder) -> None:
        raise AssertionError("a run that did not change was read again")

    monkeypatch.setattr(library, "_record_of", refuse)


def test_unchanged_runs_are_listed_the_same_without_opening_them(
    make_run: MakeRun, run_to_end: Callable[..., list[Event]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    run_to_end(folder)
    annotate(folder.path, tags=["best"], notes="seen")
    _settle(folder)
    before = list_runs(tmp_path / "runs")
    _refuse_to_read(monkeypatch)
    assert list_runs(tmp_path / "runs") == before


def test_a_run_that_was_written_a_moment_ago_is_read_again(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    list_runs(tmp_path / "runs")
    annotate(folder.path, tags=["new"], notes="")
    (listed,) = list_runs(tmp_path / "runs")
    assert listed.tags == ("new",)


def test_a_run_that_changed_after_a_while_is_read_again(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    _settle(folder)
    list_runs(tmp_path / "runs")
    annotate(folder.path, tags=[], notes="later")
    then = time.time() - 30
    os.utime(folder.database_file, (then, then))
    (listed,) = list_runs(tmp_path / "runs")
    assert listed.notes == "later"


def test_a_broken_index_is_made_anew_from_the_folders(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settle(make_run())
    before = list_runs(tmp_path / "runs")
    (tmp_path / "runs" / INDEX_FILE).write_bytes(b"not a database, but long enough to be taken for one " * 40)
    assert list_runs(tmp_path / "runs") == before
    _refuse_to_read(monkeypatch)
    assert list_runs(tmp_path / "runs") == before


def test_an_index_of_another_format_is_made_anew(make_run: MakeRun, tmp_path: Path) -> None:
    _settle(make_run())
    before = list_runs(tmp_path / "runs")
    with RunDatabase(tmp_path / "runs" / INDEX_FILE) as database:
        database._connection.execute("PRAGMA user_version = 999")
        database._connection.execute("UPDATE runs SET record = '{}'")
        database._connection.commit()
    assert list_runs(tmp_path / "runs") == before


def test_a_run_whose_folder_went_is_listed_no_longer(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    list_runs(tmp_path / "runs")
    folder.path.rename(tmp_path / "elsewhere")
    assert list_runs(tmp_path / "runs") == []


def test_a_listed_run_is_interrupted_once_its_process_is_gone_though_its_database_did_not_change(
    make_run: MakeRun, tmp_path: Path
) -> None:
    folder = make_run()
    with RunDatabase(folder.database_file) as database:
        database.know(status="running")
    _settle(folder)
    with folder.claimed():
        assert [run.status for run in list_runs(tmp_path / "runs")] == ["running"]
    assert [run.status for run in list_runs(tmp_path / "runs")] == ["interrupted"]


def test_a_summary_has_the_course_of_the_loss_in_at_most_sixty_means(make_run: MakeRun) -> None:
    folder = make_run()
    with RunDatabase(folder.database_file) as database:
        database.add_metrics([(step, 0, 0.0, 1000 - step, 0.0, 0.0, 0.1, step / 10) for step in range(1, 1000)])
    summary = summary_of(folder)
    assert len(summary.sparkline) == 60
    assert list(summary.sparkline) == sorted(summary.sparkline, reverse=True)
    assert summary.seconds == 99.9


def test_remarks_are_kept_while_the_run_is_going(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    events = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
    next(events)
    annotate(folder.path, tags=["live"], notes="looks good")
    list(events)
    summary = summary_of(folder)
    assert (summary.status, summary.tags, summary.notes) == ("complete", ("live",), "looks good")


def test_a_failed_run_says_why(make_run: MakeRun, run_to_end: Callable[..., list[Event]], tmp_path: Path) -> None:
    folder = make_run()
    (tmp_path / "data.npz").unlink()
    run_to_end(folder)
    assert summary_of(folder).status == "failed"
    assert "data.npz" in summary_of(folder).failure


def test_a_baseline_is_of_use_once_a_run_with_a_teacher_is_finished(
    make_run: MakeRun, run_to_end: Callable[..., list[Event]]
) -> None:
    folder = make_run()
    assert not summary_of(folder).can_train_baseline
    run_to_end(folder)
    assert summary_of(folder).can_train_baseline
    with RunDatabase(folder.database_file) as database:
        database.know(verdict=VERDICT)
    assert not summary_of(folder).can_train_baseline
    assert summary_of(folder).baseline_errors == (97,)


def test_a_deleted_run_goes_to_the_trash(make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "send2trash", lambda path: Path(path).rename(tmp_path / "trash"))
    folder = make_run()
    move_to_trash(folder.path)
    assert not folder.path.exists()
    assert (tmp_path / "trash" / "recipe.toml").exists()


def test_a_run_that_is_going_on_is_not_deleted(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "send2trash", lambda path: Path(path).rename(tmp_path / "trash"))
    folder = make_run()
    with RunDatabase(folder.database_file) as database:
        database.know(status="running")
    with folder.claimed(), pytest.raises(WorkbenchError, match="being run right now"):
        move_to_trash(folder.path)
    assert folder.path.exists()


def test_a_trash_that_takes_nothing_is_told_in_words(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError("no trash on this disk")

    monkeypatch.setattr(library, "send2trash", refuse)
    folder = make_run()
    with pytest.raises(WorkbenchError, match=r"trash does not take .* no trash on this disk"):
        move_to_trash(folder.path)
    assert folder.path.exists()


def test_a_run_that_is_only_being_prepared_or_whose_baseline_trains_is_not_deleted(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(baseline=True)
    monkeypatch.setattr("workbench.session.library.send2trash", lambda _: pytest.fail("it went to the trash"))
    with folder.claimed(), pytest.raises(WorkbenchError, match="is being run right now"):
        move_to_trash(folder.path)
    baseline = next(trial.folder for trial in trials_of(folder) if trial.is_baseline)
    with baseline.claimed(), pytest.raises(WorkbenchError, match="is being run right now"):
        move_to_trash(folder.path)
