"""The workspace with more than one run: earlier ones looked at, laid over, gone on with; and runs that fail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.events import ControlChanged
from workbench.gui.document import RecipeDocument
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


def test_a_run_whose_preparing_is_cancelled_is_no_longer_waited_for(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    workspace.train()
    assert workspace.status is RunStatus.PREPARING
    # As the Cancel button of the status bar does.
    with qtbot.waitSignal(workspace.status_changed):
        workspace.jobs.cancel_all()
    assert workspace.status is RunStatus.IDLE
    assert workspace.why_not_train() == ""
    workspace.train()
    qtbot.waitUntil(lambda: workspace.watched is not None and not workspace.is_training)


def test_a_second_run_is_refused_in_words_while_one_trains(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    earlier = train_tiny()
    _train_for_long(workspace, open_tiny, qtbot)
    going = workspace.active
    for begin in (workspace.train, lambda: workspace.resume_run(earlier.path)):
        with qtbot.waitSignal(workspace.noticed) as heard:
            begin()
        assert heard.args == ["warning", "A run is going on; stop it first."]
        assert workspace.active is going


def test_an_earlier_run_is_looked_at_while_another_trains_and_one_call_comes_back(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    earlier = train_tiny()
    _train_for_long(workspace, open_tiny, qtbot)
    going = workspace.active
    assert going is not None
    with qtbot.waitSignal(workspace.watched_changed):
        workspace.watch(earlier.path)
    assert workspace.watched is not None
    assert workspace.watched.path == earlier.path
    assert workspace.status is RunStatus.RUNNING
    heard: list[object] = []
    workspace.heard.connect(lambda history, _: heard.append(history))
    workspace.turn(temperature=7.0)
    # What the other run says is kept for it, and told to nobody who looks elsewhere.
    qtbot.waitUntil(lambda: going.own.latest(ControlChanged) is not None)
    assert not heard
    shown: list[bool] = []
    workspace.watch(going.path, lambda: shown.append(True))
    assert shown
    assert workspace.watched is going
    workspace.watch(earlier.path)
    workspace.watch_active()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert workspace.watched is going, "what was asked for last counts, not what came last"


def test_overlays_come_from_disk_each_once_and_go_with_their_run(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    first, second = train_tiny(), train_tiny()
    for path in (first.path, second.path, first.path):
        with qtbot.waitSignal(workspace.overlays_changed):
            workspace.overlay(path)
    assert [(history.path, history.name) for history in workspace.overlays] == [
        (second.path, second.path.name),
        (first.path, first.path.name),
    ]
    assert len(workspace.overlays[0].log) == 20
    workspace.hide_overlay(second.path)
    assert [history.path for history in workspace.overlays] == [first.path]
    workspace.overlay(second.path)
    qtbot.waitUntil(lambda: len(workspace.overlays) == 2)
    workspace.forget(second.path)
    assert workspace.watched is None
    assert [history.path for history in workspace.overlays] == [first.path]
    workspace.clear_overlays()
    assert not workspace.overlays


def test_a_run_that_is_gone_is_neither_shown_nor_laid_over_and_says_so(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot, tmp_path: Path
) -> None:
    train_tiny()
    shown = workspace.watched
    for ask in (workspace.watch, workspace.overlay):
        with qtbot.waitSignal(workspace.failed) as heard:
            ask(tmp_path / "gone")
        assert "There is no run in" in heard.args[0].title
    assert workspace.watched is shown
    assert not workspace.overlays


def test_a_stopped_run_goes_on_where_it_stopped(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1500)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING)
    workspace.stop()
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched is not None
    folder, done = workspace.watched.folder, len(workspace.watched.own.log)
    assert 0 < done < 1500
    assert not workspace.watched.is_finished
    workspace.resume_run(folder.path)
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING)
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched.path == folder.path
    assert workspace.watched.is_finished
    assert workspace.watched.own.log.column("step").tolist() == list(range(1, 1501))


def test_a_baseline_is_added_to_a_finished_run_which_keeps_its_student(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    folder = train_tiny()
    student = folder.student_file.read_bytes()
    assert workspace.watched is not None
    assert workspace.watched.verdict is None
    workspace.train_baseline(folder.path)
    qtbot.waitUntil(lambda: workspace.watched is not None and workspace.watched.verdict is not None)
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched.path == folder.path
    assert workspace.watched.baseline is not None
    assert len(workspace.watched.baseline.log) == 20
    assert folder.student_file.read_bytes() == student


def test_a_run_without_a_teacher_has_no_baseline_and_says_so(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "objective"), {"kind": "hard_labels"})
    folder = train_tiny()
    with qtbot.waitSignal(workspace.failed) as heard:
        workspace.train_baseline(folder.path)
    assert "its own baseline" in heard.args[0].title
    assert workspace.status is RunStatus.IDLE


def test_a_run_whose_data_went_away_fails_in_words_and_the_next_one_trains(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], open_tiny: RecipeDocument, tiny_data: Path, qtbot: QtBot
) -> None:
    content = tiny_data.read_bytes()
    tiny_data.unlink()
    errors: list[WorkbenchError] = []
    workspace.failed.connect(errors.append)
    train_tiny()
    assert ["There is no file at" in error.title for error in errors] == [True]
    assert workspace.watched is not None
    assert workspace.watched.folder.facts()["status"] == "failed"
    tiny_data.write_bytes(content)
    failed = workspace.watched.path
    train_tiny()
    assert workspace.watched.is_finished
    # And the failed one can be gone on with too.
    workspace.resume_run(failed)
    qtbot.waitUntil(lambda: workspace.active is not None)
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched.path == failed
    assert workspace.watched.is_finished
    assert len(errors) == 1


def test_an_error_of_the_program_before_a_run_begins_ends_in_words_and_leaves_a_usable_window(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[WorkbenchError] = []
    workspace.failed.connect(errors.append)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.session.driving.Recorder", broken)
        train_tiny()
    assert ["a defect" in error.title and "Traceback" in error.details for error in errors] == [True]
    assert workspace.why_not_train() == ""
    train_tiny()
    assert workspace.watched is not None
    assert workspace.watched.is_finished


def test_a_run_that_explodes_keeps_its_curves_on_the_screen_and_says_at_which_step(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], open_tiny: RecipeDocument
) -> None:
    # A linear student on a squared distance: the error grows by the same large factor at every step.
    open_tiny.set(("student", "architecture", "hidden"), [])
    open_tiny.set(("stages", 0, "objective"), {"kind": "logit_matching", "alpha": 1.0})
    open_tiny.set(("stages", 0, "optimisation", "learning_rate"), 100.0)
    errors: list[WorkbenchError] = []
    workspace.failed.connect(errors.append)
    train_tiny()
    assert len(errors) == 1
    assert "step" in errors[0].title
    assert workspace.watched is not None
    assert not workspace.watched.is_finished
    assert len(workspace.watched.own.log) > 0
    assert workspace.why_not_train() == ""


def test_a_run_whose_recipe_is_broken_on_disk_is_shown_and_not_trained_and_the_reason_is_given(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    folder = train_tiny()
    folder.recipe_file.write_text("name = 3\n")
    for ask in (workspace.resume_run, workspace.train_baseline, workspace.watch):
        with qtbot.waitSignal(workspace.failed) as failure:
            ask(folder.path)
        assert "recipe.toml" in str(failure.args[0])
        assert workspace.status is RunStatus.IDLE
    assert workspace.watched is not None
    assert workspace.watched.recipe is None
    assert len(workspace.watched.own.log) == 20
    with qtbot.waitSignal(workspace.overlays_changed):
        workspace.overlay(folder.path)
    assert [history.path for history in workspace.overlays] == [folder.path]


def _train_for_long(workspace: Workspace, document: RecipeDocument, qtbot: QtBot) -> None:
    document.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING)


def test_an_overlay_that_is_hidden_before_it_was_read_does_not_appear(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    path = train_tiny().path
    workspace.overlay(path)
    workspace.hide_overlay(path)
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert not workspace.overlays
