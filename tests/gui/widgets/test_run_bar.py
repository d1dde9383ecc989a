"""The run bar: what may be pressed in each state, how far the run is, and why Train is off."""

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.actions import ACTIONS, Actions
from workbench.gui.document import RecipeDocument
from workbench.gui.widgets.run_bar import RunBar, Speed
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture
def bar(workspace: Workspace, qtbot: QtBot) -> Iterator[RunBar]:
    owner = QWidget()
    qtbot.addWidget(owner)
    actions = Actions(owner, workspace.theme)
    actions.named("train").triggered.connect(workspace.train)
    bar = RunBar(workspace, actions)
    bar.setParent(owner)
    owner.show()
    yield bar
    owner.close()


def test_train_is_off_and_says_why_while_the_recipe_is_not_whole(bar: RunBar) -> None:
    assert not bar.train.isEnabled()
    assert "missing" in bar.numbers.text()
    assert "missing" in bar.train.toolTip()


def test_each_state_allows_what_makes_sense_in_it(
    bar: RunBar, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    assert (bar.train.isEnabled(), bar.pause.isEnabled(), bar.stop.isEnabled()) == (True, False, False)
    workspace.train()
    assert bar.state.text() == "Preparing…"
    assert not bar.train.isEnabled()
    qtbot.waitUntil(lambda: bar.state.text() == "Training", timeout=30_000)
    assert (bar.train.isEnabled(), bar.pause.isEnabled(), bar.stop.isEnabled()) == (False, True, True)
    workspace.pause()
    qtbot.waitUntil(lambda: bar.state.text() == "Paused", timeout=10_000)
    assert bar.pause.text() == "Resume"
    workspace.stop()
    qtbot.waitUntil(lambda: bar.state.text() == "Ready", timeout=30_000)
    assert bar.train.isEnabled()


def test_a_going_run_shows_its_steps_and_speed(
    bar: RunBar, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: "steps/s" in bar.numbers.text(), timeout=30_000)
    assert "of 1,000,000" in bar.numbers.text()
    assert "left" in bar.numbers.text()
    assert bar.progress.maximum() == 1_000_000
    assert bar.progress.value() > 0


def test_a_done_run_shows_what_came_out(bar: RunBar, train_tiny: Callable[..., RunFolder]) -> None:
    train_tiny(baseline=True)
    assert "errors of 15" in bar.numbers.text()
    assert "teacher" in bar.numbers.text()
    assert re.search(r"(beats|does not beat|inconclusive beside) the baseline$", bar.numbers.text())


def test_the_run_that_trains_is_one_click_away_while_another_is_on_the_screen(
    bar: RunBar,
    workspace: Workspace,
    open_tiny: RecipeDocument,
    train_tiny: Callable[..., RunFolder],
    qtbot: QtBot,
) -> None:
    earlier = train_tiny()
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    with qtbot.waitSignal(workspace.watched_changed):
        workspace.watch(earlier.path)
    assert bar.back.isVisible()
    qtbot.mouseClick(bar.back, Qt.MouseButton.LeftButton)
    assert workspace.watched is workspace.active
    assert not bar.back.isVisible()


def test_no_two_actions_share_a_shortcut(bar: RunBar) -> None:
    seen: dict[str, str] = {}
    for spec in ACTIONS:
        for key in bar._actions.named(spec.name).shortcuts():
            assert key.toString() not in seen, (spec.name, seen[key.toString()])
            seen[key.toString()] = spec.name


def test_the_speed_begins_anew_when_another_training_counts_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("workbench.gui.widgets.run_bar.time.monotonic", lambda: now)
    speed = Speed()
    for now in (0.0, 1.0, 2.0):
        told = speed.at(round(100 * now))
    assert told == pytest.approx(100)
    for now in (2.1, 3.1):
        told = speed.at(round(50 * (now - 2.1)))
    assert told == pytest.approx(50)


def test_editing_the_recipe_while_a_run_trains_does_not_take_the_time_left_away(
    bar: RunBar, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: "left" in bar.numbers.text())
    open_tiny.set(("name",), "another")
    bar._count()
    assert "left" in bar.numbers.text()
    workspace.stop()
    qtbot.waitUntil(lambda: not workspace.is_training)


def test_epochs_of_several_stages_say_of_which(
    bar: RunBar, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    first = open_tiny.value(("stages", 0))
    endless = {**first, "optimisation": {**first["optimisation"], "steps": 1_000_000}}
    open_tiny.set(("stages",), [first, endless])
    workspace.train()
    qtbot.waitUntil(lambda: "of stage 2 of 2" in bar.numbers.text())
    workspace.stop()
    qtbot.waitUntil(lambda: not workspace.is_training)
