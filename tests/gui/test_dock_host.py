"""Panels in their docks."""

from pytestqt.qtbot import QtBot

from workbench.gui.main_window import MainWindow


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
