"""Closing the window while a run trains."""

from PySide6.QtWidgets import QMessageBox

from gui.on_screen.screen import Screen
from workbench.gui.main_window import MainWindow
from workbench.gui.welcome import ExampleCard
from workbench.session.run import RunStatus


def test_closing_while_a_run_trains_asks_and_stop_and_save_keeps_a_checkpoint(
    window: MainWindow, screen: Screen
) -> None:
    workspace = window.workspace
    screen.click_button(window.welcome.findChildren(ExampleCard)[0], "Train now")
    screen.until(lambda: workspace.status is RunStatus.RUNNING, "the run does not begin", 60_000)
    watched = workspace.watched
    assert watched is not None
    screen.ask_to_close(window)
    screen.until(lambda: window.findChildren(QMessageBox), "nothing is asked")
    (question,) = window.findChildren(QMessageBox)
    screen.until(question.isActiveWindow, "the question does not get the keyboard")
    assert window.isVisible()
    assert workspace.status is RunStatus.RUNNING
    screen.click_button(question, "Stop and save")
    screen.until(lambda: not window.isVisible(), "the window does not close", 60_000)
    facts = watched.folder.facts()
    assert facts["status"] == "stopped"
    assert watched.folder.checkpoints()
    assert 0 < facts["step"] < facts["total_steps"]
