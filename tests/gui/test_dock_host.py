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
