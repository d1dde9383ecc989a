"""A run on the screen: its numbers stay whatever becomes of a resume."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from workbench.events import Evaluated, Failed, Prepared
from workbench.gui.document import RecipeDocument
from workbench.gui.workspace import Workspace
from workbench.session.history import History
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


def _stopped(workspace: Workspace, document: RecipeDocument, qtbot: QtBot) -> RunFolder:
    document.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING)
    workspace.stop()
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched is not None
    return workspace.watched.folder


def test_a_resume_that_fails_leaves_the_curves_where_they_were(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, tiny_data: Path
) -> None:
    folder = _stopped(workspace, open_tiny, qtbot)
    assert workspace.watched is not None
    steps = len(workspace.watched.own.log)
    assert steps > 0
    tiny_data.unlink()
    with qtbot.waitSignal(workspace.failed):
        workspace.resume_run(folder.path)
    qtbot.waitUntil(lambda: not workspace.is_training)
    assert workspace.watched.own.latest(Failed) is not None
    assert len(workspace.watched.own.log) == steps
    assert workspace.watched.rows == steps


def test_a_resumed_run_goes_on_with_one_log_that_holds_every_step_once(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    folder = _stopped(workspace, open_tiny, qtbot)
    assert workspace.watched is not None
    before = len(workspace.watched.own.log)
    workspace.resume_run(folder.path)
    qtbot.waitUntil(lambda: workspace.active is not None and len(workspace.active.own.log) > before)
    workspace.stop()
    qtbot.waitUntil(lambda: not workspace.is_training)
    steps = workspace.watched.own.log.column("step")
    assert steps.tolist() == list(range(1, len(steps) + 1))


def test_only_the_student_of_the_run_itself_is_learning_and_only_while_it_trains(
    workspace: Workspace, train_tiny: Callable[..., RunFolder]
) -> None:
    learning: list[tuple[bool, bool]] = []

    def note(history: History, event: object) -> None:
        assert workspace.active is not None
        if isinstance(event, (Prepared, Evaluated)):
            learning.append((history.is_baseline, workspace.active.is_learning))

    workspace.heard.connect(note)
    train_tiny(baseline=True)
    assert set(learning) == {(False, True), (True, False)}
    assert workspace.watched is not None
    assert not workspace.watched.is_learning
