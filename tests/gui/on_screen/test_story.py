"""A person's first hour: from an example to a student that reads what they draw."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit, QSlider, QStyle, QStyleOptionSlider, QWidget

from gui.on_screen.screen import Screen
from workbench.events import ControlChanged
from workbench.gui.export_dialog import ExportDialog
from workbench.gui.main_window import MainWindow
from workbench.gui.panels.curves import CurvesPanel
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.panels.runs import RunsPanel
from workbench.gui.welcome import ExampleCard
from workbench.session.metric_log import COLUMNS
from workbench.session.run import RunStatus

# Enough steps to do something meanwhile on a fast machine, few enough to wait for on a slow one.
_EPOCHS = "8"
_TRAINING_MS = 60_000


def test_from_an_example_to_a_student_that_reads_what_is_drawn(window: MainWindow, screen: Screen) -> None:
    _open_the_first_example(window, screen)
    _ask_for_few_epochs(window, screen)
    path = _train_and_turn_the_temperature(window, screen)
    _pause_resume_and_stop(window, screen)
    _resume_from_the_welcome_page(window, screen, path)
    _export(window, screen)
    _draw_a_one(window, screen)
    _reopen_the_run(window, screen, path)


def _open_the_first_example(window: MainWindow, screen: Screen) -> None:
    card = window.welcome.findChildren(ExampleCard)[0]
    screen.click_button(card, "Open")
    screen.until(lambda: window.shows_docks)
    screen.until(lambda: window.workspace.document.recipe is not None)
    panel = window.docks.panels["recipe"]
    screen.until(lambda: "hinton-mnist" in [line.text() for line in _lines(panel, "Name")], "the form is not filled in")


def _ask_for_few_epochs(window: MainWindow, screen: Screen) -> None:
    panel = window.docks.panels["recipe"]
    (epochs,) = _lines(panel, "Epochs")
    screen.enter(epochs, _EPOCHS)
    recipe = window.workspace.document.recipe
    assert recipe is not None
    assert recipe.stages[0].optimisation.epochs == int(_EPOCHS)


def _train_and_turn_the_temperature(window: MainWindow, screen: Screen) -> Path:
    workspace = window.workspace
    screen.click_button(window.run_bar, "Train")
    screen.until(lambda: window.run_bar.state.text() == "Training", "the run does not begin", _TRAINING_MS)
    slider = window.run_bar.knobs.knobs["temperature"].slider
    start = _handle(slider)
    screen.drag(slider, [start, start + QPoint(slider.width() // 6, 0)])
    watched = workspace.watched
    assert watched is not None
    screen.until(lambda: watched.own.latest(ControlChanged) is not None, "the run is not turned")
    change = watched.own.latest(ControlChanged)
    assert change is not None
    assert change.name == "temperature"
    assert change.old == 4.0
    assert change.new is not None
    assert change.new > 5
    return watched.path


def _pause_resume_and_stop(window: MainWindow, screen: Screen) -> None:
    workspace = window.workspace
    screen.click_button(window.run_bar, "Pause")
    screen.until(lambda: workspace.status is RunStatus.PAUSED, "the run does not pause")
    screen.until(lambda: window.run_bar.state.text() == "Paused")
    watched = workspace.watched
    assert watched is not None
    steps = watched.rows
    assert steps > 0
    # Ten beats of the pump later nothing has grown.
    beats: list[None] = []
    workspace.pump.ticked.connect(lambda: beats.append(None))
    screen.until(lambda: len(beats) > 10)
    assert watched.rows == steps, "it goes on while it is paused"
    screen.click_button(window.run_bar, "Resume")
    screen.until(lambda: watched.rows > steps, "the run does not go on")
    screen.click_button(window.run_bar, "Stop")
    screen.until(lambda: workspace.status is RunStatus.IDLE, "the run does not stop")
    facts = watched.folder.facts()
    assert facts["status"] == "stopped"
    assert facts["step"] < facts["total_steps"], "the run was over before it was stopped: give it more epochs"


def _resume_from_the_welcome_page(window: MainWindow, screen: Screen, path: Path) -> None:
    workspace = window.workspace
    screen.press("Control_L+0")
    screen.click_button(window.welcome, "Resume")
    screen.until(lambda: workspace.status is RunStatus.RUNNING, "the run does not go on", _TRAINING_MS)
    assert window.shows_docks
    assert workspace.watched is not None
    assert workspace.watched.path == path
    screen.until(lambda: workspace.status is RunStatus.IDLE, "the run does not end", _TRAINING_MS)
    assert workspace.watched.is_finished


def _export(window: MainWindow, screen: Screen) -> None:
    screen.press("Control_L+e")
    screen.until(lambda: window.findChildren(ExportDialog), "the dialog does not open")
    (dialog,) = window.findChildren(ExportDialog)
    screen.click_button(dialog, "Export")
    screen.until(lambda: dialog.is_exporting)
    screen.until(lambda: not dialog.is_exporting, "the export does not end", _TRAINING_MS)
    assert dialog.report.cards
    assert [card.verdict.text() for card in dialog.report.cards] == ["PASS"] * len(dialog.report.cards)
    screen.press("Escape")
    screen.until(lambda: not window.findChildren(ExportDialog), "the dialog does not close")
    screen.until(window.isActiveWindow, "the window does not get the keyboard back")


def _draw_a_one(window: MainWindow, screen: Screen) -> None:
    panel = window.docks.panels["playground"]
    assert isinstance(panel, PlaygroundPanel)
    screen.click_tab(window.docks, "Playground")
    screen.until(lambda: panel.talk.briefing.is_ready, "the models are not read", _TRAINING_MS)
    pad = panel.view.pad
    middle, half = pad.rect().center(), min(pad.width(), pad.height()) // 3
    screen.drag(pad, [middle - QPoint(0, half), middle + QPoint(0, half)])
    screen.until(lambda: panel.talk.answer is not None and panel.view.answers.sentence.text(), "nobody answers")
    screen.until(lambda: panel.view.answers.sentence.text() == "Both say 1.", "they do not say 1")
    answer = panel.talk.answer
    assert answer is not None
    assert [(saying.who, saying.through) for saying in answer.sayings] == [
        ("teacher", "PyTorch"),
        ("student", "ONNX Runtime"),
    ]


def _reopen_the_run(window: MainWindow, screen: Screen, path: Path) -> None:
    workspace = window.workspace
    live = workspace.watched
    assert live is not None
    panel = window.docks.panels["runs"]
    assert isinstance(panel, RunsPanel)
    screen.click_tab(window.docks, "Runs")
    screen.until(lambda: panel.order.rowCount() == 1, "the run is not listed")
    cell = panel.table.visualRect(panel.order.index(0, 0)).center()
    screen.click(panel.table.viewport(), cell, times=2)
    screen.until(lambda: workspace.watched is not live, "the run is not opened")
    watched = workspace.watched
    assert watched is not None
    assert watched.path == path
    for name in COLUMNS:
        assert np.array_equal(watched.own.log.column(name), live.own.log.column(name), equal_nan=True)
    curves = window.docks.panels["curves"]
    assert isinstance(curves, CurvesPanel)
    screen.until(lambda: curves.body.plots.trainings and curves.body.plots.trainings[0].history is watched.own)
    loss = curves.body.plots.loss
    screen.until(lambda: not loss.visibleRegion().isEmpty(), "the curves do not come to the front")
    assert np.array_equal(loss.state.series["total"].trace.y, live.own.log.column("total"))
    assert any(mark.text.startswith("T 4 →") for mark in loss.state.marks), "the change of T is not marked"


def _lines(owner: QWidget, name: str) -> list[QLineEdit]:
    """The lines of text that a screen reader calls so."""
    return [line for line in owner.findChildren(QLineEdit) if line.accessibleName() == name and line.isVisible()]


def _handle(slider: QSlider) -> QPoint:
    """The middle of what a hand takes hold of."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style, whole = slider.style(), QStyle.ComplexControl.CC_Slider
    return style.subControlRect(whole, option, QStyle.SubControl.SC_SliderHandle, slider).center()
