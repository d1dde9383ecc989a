"""Panels in their docks."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.text_runs import make_folder, whole_story
from workbench.gui.main_window import MainWindow
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder


def test_a_panel_that_comes_to_the_front_of_its_tabs_is_drawn_though_nothing_else_happens(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.show_docks("softening")
    playground = window.docks.panels["playground"]
    qtbot.waitUntil(lambda: playground.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: not window.workspace.pump._wanted and window.workspace.jobs.is_idle)
    drawn = []
    playground.refresh = lambda: drawn.append(True)
    playground._is_stale = True
    window.docks.docks["playground"].raise_()
    qtbot.waitUntil(lambda: bool(drawn))


def test_a_panel_that_is_wanted_from_the_first_page_stays_in_front_of_the_first_arrangement(
    window: MainWindow, qtbot: QtBot
) -> None:
    assert not window.docks.isVisible()
    # Its turn comes after that of the arrangement, which begins when the panels are seen first.
    arranged = []
    arrange = window.docks._arrange
    window.docks._arrange = lambda: (arrange(), arranged.append(True))
    window.show_docks("data")
    qtbot.waitUntil(lambda: bool(arranged))
    qtbot.waitUntil(lambda: window.docks.is_in_front("data"))


def test_the_action_of_a_panel_brings_it_to_the_front_and_closes_it_only_when_it_is_there(
    window: MainWindow, qtbot: QtBot
) -> None:
    action = next(action for action in window.menus["&View"].actions() if action.text() == "Runs")
    dock, docks = window.docks.docks["runs"], window.docks
    action.trigger()
    qtbot.waitUntil(lambda: window.shows_docks and docks.is_in_front("runs"))
    window.show_docks("curves")
    qtbot.waitUntil(lambda: docks.is_in_front("curves"))
    assert not docks.is_in_front("runs")
    action.trigger()
    qtbot.waitUntil(lambda: docks.is_in_front("runs"))
    assert action.isChecked()
    action.trigger()
    assert dock.isHidden()
    assert not action.isChecked()
    action.trigger()
    qtbot.waitUntil(lambda: docks.is_in_front("runs"))
    dock.close()
    assert not action.isChecked()


def test_a_wider_window_leaves_the_recipe_as_wide_as_a_person_made_it(window: MainWindow, qtbot: QtBot) -> None:
    window.show_docks("recipe")
    recipe, docks = window.docks.docks["recipe"], window.docks
    qtbot.waitUntil(lambda: docks.is_in_front("recipe") and 340 <= recipe.width() <= 360)
    docks.resizeDocks([recipe, docks.docks["curves"]], [420, 854], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: recipe.width() in range(415, 426))
    window.resize(1700, 900)
    qtbot.waitUntil(lambda: docks.width() > 1600)
    qtbot.waitUntil(lambda: recipe.width() in range(415, 426))
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: docks.width() < 1300)
    qtbot.waitUntil(lambda: recipe.width() in range(415, 426))


def test_the_panel_that_has_something_to_say_of_the_run_on_the_screen_is_in_front(
    window: MainWindow, workspace: Workspace, train_tiny: Callable[..., RunFolder], tmp_path: Path, qtbot: QtBot
) -> None:
    docks = window.docks
    window.show_docks("probabilities")
    qtbot.waitUntil(lambda: docks.is_in_front("probabilities"))
    workspace.watch(make_folder(tmp_path, "spoken", *whole_story()).path)
    qtbot.waitUntil(lambda: docks.is_in_front("text"))
    train_tiny()
    qtbot.waitUntil(lambda: docks.is_in_front("probabilities"))
    window.show_docks("softening")
    qtbot.waitUntil(lambda: docks.is_in_front("softening"))
    workspace.watch(tmp_path / "spoken")
    qtbot.waitUntil(lambda: workspace.watched is not None and workspace.watched.recipe.writes_text)
    assert docks.is_in_front("softening")
