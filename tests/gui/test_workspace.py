"""The workspace: trains, watches, pauses and tells, without a window."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.events import ControlChanged, Evaluated, Judged, Surveyed
from workbench.gui.document import RecipeDocument
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


def test_a_trained_recipe_is_on_the_screen_with_its_numbers_and_events(
    workspace: Workspace, train_tiny: Callable[..., RunFolder]
) -> None:
    train_tiny()
    run = workspace.watched
    assert run is not None
    assert len(run.own.log) == 20
    assert run.classes == ("0", "1", "2")
    assert run.student_score is not None
    assert run.own.latest(Surveyed) is not None
    assert workspace.status is RunStatus.IDLE


def test_a_baseline_trains_after_the_run_and_the_verdict_is_heard(
    workspace: Workspace, train_tiny: Callable[..., RunFolder]
) -> None:
    train_tiny(baseline=True)
    run = workspace.watched
    assert run is not None
    assert run.baseline is not None
    assert len(run.baseline.log) == 20
    assert isinstance(run.verdict, Judged)


def test_a_run_opened_from_disk_shows_what_it_showed_while_it_trained(
    workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    folder = train_tiny(baseline=True)
    live = workspace.watched
    assert live is not None
    with qtbot.waitSignal(workspace.watched_changed):
        workspace.watch(folder.path)
    opened = workspace.watched
    assert opened is not None
    assert opened is not live
    assert [history.name for history in opened.histories] == [history.name for history in live.histories]
    for before, after in zip(live.histories, opened.histories, strict=True):
        assert before.log.column("total").tolist() == after.log.column("total").tolist()
        assert list(before.all(Evaluated)) == list(after.all(Evaluated))
    assert opened.verdict == live.verdict


def test_an_invalid_recipe_does_not_train_and_says_why(workspace: Workspace, open_tiny: RecipeDocument) -> None:
    open_tiny.set(("stages", 0, "objective", "temperature"), -1.0)
    assert "greater than 0" in workspace.why_not_train()
    workspace.train()
    assert workspace.status is RunStatus.IDLE


def test_a_refused_knob_ends_in_an_error_and_changes_nothing(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 100_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    with qtbot.waitSignal(workspace.failed) as heard:
        workspace.turn(temperature=-3.0)
    assert isinstance(heard.args[0], WorkbenchError)
    assert workspace.status is RunStatus.RUNNING


def test_a_turned_knob_is_heard_as_a_change(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 100_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    workspace.turn(temperature=7.0)
    run = workspace.watched
    assert run is not None
    qtbot.waitUntil(lambda: run.own.latest(ControlChanged) is not None)
    changed = run.own.latest(ControlChanged)
    assert changed is not None
    assert (changed.name, changed.old, changed.new) == ("temperature", 2.0, 7.0)


def test_a_run_that_cannot_be_made_ends_in_an_error_card_and_not_in_preparing_for_ever(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, home: Path
) -> None:
    (home / "runs").write_text("a file where the folder should be")
    with qtbot.waitSignal(workspace.failed):
        workspace.train()
    assert workspace.status is RunStatus.IDLE
