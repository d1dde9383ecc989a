"""The way through the window that shows every main view with the example's data."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QDialog

from workbench.errors import WorkbenchError
from workbench.gui.command_palette import CommandPalette
from workbench.gui.panels.curves import CurvesPanel
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.panels.probabilities import ProbabilitiesPanel
from workbench.gui.panels.softening import SofteningPanel
from workbench.gui.tour import Tour
from workbench.gui.widgets.drawing_pad import DrawingPad
from workbench.session.examples import list_examples
from workbench.session.run import RunStatus

if TYPE_CHECKING:
    from workbench.gui.photographer import Condition, Photographer

_STEP_OF_CHANGE, _STEP_OF_PICTURE, _STEP_OF_PAUSE = 300, 420, 250
_SEEN_TEMPERATURE = 8.0
_TEMPERATURE = ("stages", 0, "objective", "temperature")
_ERROR = WorkbenchError(
    "The checkpoint has 12 classes, the data 10.",
    "Choose a teacher that was trained on these classes, or data with the teacher's classes.",
    "teacher.safetensors: output.weight is [12, 1200]\nstudent.toml: 10 classes, 0 to 9",
)


def walk(photographer: "Photographer") -> Iterator["Condition"]:
    """From the welcome page over a run with its baseline to the dialogs.

    Args:
        photographer: Takes the pictures, and goes on when the condition that was yielded is true.
    """
    for chapter in CHAPTERS:
        yield from chapter(photographer)


def _at_once() -> bool:
    return True


def _beginning(photographer: "Photographer") -> Iterator["Condition"]:
    """What a person sees before the first run."""
    window, workspace = photographer.window, photographer.window.workspace
    photographer.take_both("welcome")
    window.welcome.example_wanted.emit(list_examples()[0].path, False)
    yield lambda: workspace.document.recipe is not None and not workspace.jobs.jobs
    photographer.take_both("before-training")
    workspace.document.set(_TEMPERATURE, -1)
    yield _at_once
    photographer.take_both("invalid-recipe")
    workspace.document.undo_stack.undo()
    yield _at_once


def _training(photographer: "Photographer") -> Iterator["Condition"]:
    workspace = photographer.window.workspace
    workspace.train(baseline=True)
    yield lambda: workspace.status is RunStatus.PREPARING
    photographer.take("preparing")
    yield lambda: photographer.steps >= _STEP_OF_CHANGE
    workspace.turn(temperature=_SEEN_TEMPERATURE)
    yield lambda: photographer.steps >= _STEP_OF_PICTURE
    photographer.take("training")
    yield lambda: not workspace.is_training
    yield _at_once


def _results(photographer: "Photographer") -> Iterator["Condition"]:
    window = photographer.window
    for main, lower, name in (
        ("curves", "probabilities", "result"),
        ("runs", "softening", "runs-and-softening"),
        ("compare", "playground", "compare-and-playground"),
    ):
        window.show_docks(main)
        window.show_docks(lower)
        yield _at_once
        photographer.take_both(name)
    curves, lens = window.docks.panels["curves"], window.docks.panels["probabilities"]
    softening = window.docks.panels["softening"]
    assert isinstance(curves, CurvesPanel), "named so"
    assert isinstance(lens, ProbabilitiesPanel), "named so"
    assert isinstance(softening, SofteningPanel), "named so"
    for lower, view in (("probabilities", "error"), ("softening", "rate"), ("probabilities", "all")):
        window.show_docks("curves")
        window.show_docks(lower)
        curves.body.tools.views.value = view
        lens.views.value = "dark" if view == "error" else "examples"
        yield _at_once
        photographer.take_both(f"curves-{view}")
    curves.body.tools.views.value = "loss"
    lens.views.value = "examples"


def _second_run(photographer: "Photographer") -> Iterator["Condition"]:
    """Another T, paused, stopped before its end, laid over the first."""
    window, workspace = photographer.window, photographer.window.workspace
    assert workspace.watched is not None, "it was trained just now"
    first = workspace.watched.path
    workspace.document.set(_TEMPERATURE, 1.0)
    workspace.train()
    yield lambda: photographer.window.workspace.status is RunStatus.RUNNING and photographer.steps >= _STEP_OF_PAUSE
    workspace.pause()
    window.show_docks("curves")
    window.show_docks("probabilities")
    yield lambda: workspace.status is RunStatus.PAUSED
    photographer.take_both("paused")
    workspace.stop()
    yield lambda: not workspace.is_training
    workspace.overlay(first)
    yield lambda: bool(workspace.overlays)
    photographer.take_both("overlay")
    for main in ("compare", "runs"):
        window.show_docks(main)
        yield _at_once
        photographer.take_both(f"{main}-two")
    window.show_welcome()
    yield _at_once
    photographer.take_both("welcome-unfinished")
    workspace.clear_overlays()
    workspace.watch(first)
    yield lambda: workspace.watched is not None and workspace.watched.path == first


def _playing(photographer: "Photographer") -> Iterator["Condition"]:
    window = photographer.window
    window.show_docks("curves")
    window.show_docks("playground")
    panel = window.docks.panels["playground"]
    assert isinstance(panel, PlaygroundPanel), "named so"
    yield lambda: panel.talk.briefing.is_ready
    _draw_three(panel.view.pad)
    yield lambda: panel.talk.answer is not None
    photographer.take_both("playground")


def _dialogs(photographer: "Photographer") -> Iterator["Condition"]:
    window = photographer.window
    for name in ("export", "preferences", "about"):
        window.actions_by_name.named(name).trigger()
        yield _at_once
        photographer.take_both(name)
        for dialog in window.findChildren(QDialog):
            dialog.close()
        yield _at_once
    window.actions_by_name.named("palette").trigger()
    yield _at_once
    photographer.take("palette")
    palette = window.findChild(CommandPalette)
    assert palette is not None, "opened just now"
    palette.dismiss()
    window.show_docks("curves")
    window.run_bar.train.setFocus()
    yield _at_once


def _news(photographer: "Photographer") -> Iterator["Condition"]:
    """An error, notices, a question, and the tour."""
    window, workspace = photographer.window, photographer.window.workspace
    workspace.failed.emit(_ERROR)
    workspace.noticed.emit("ok", "Saved student.toml.")
    yield _at_once
    photographer.take_both("error-and-notice")
    workspace.train()
    yield lambda: workspace.status is RunStatus.RUNNING
    window.close()
    yield _at_once
    photographer.take_both("closing")
    for dialog in window.findChildren(QDialog):
        dialog.close()
    workspace.stop()
    yield lambda: not workspace.is_training
    window.actions_by_name.named("tour").trigger()
    yield _at_once
    halt = 0
    while (tour := window.findChild(Tour)) is not None and tour.isVisible():
        halt += 1
        photographer.take(f"tour-{halt}")
        tour.go_on()
        yield _at_once


def _draw_three(pad: DrawingPad) -> None:
    """As a hand would: two bows from the top to the bottom."""
    side = min(pad.width(), pad.height())
    bows = [(0.5, 0.34, 0.16, turn) for turn in range(-150, 91, 10)]
    bows += [(0.5, 0.65, 0.17, turn) for turn in range(-80, 151, 10)]
    left = (pad.width() - side) / 2
    for place, (across, down, radius, turn) in enumerate(bows):
        angle = math.radians(turn)
        at = QPointF(left + side * (across + radius * math.cos(angle)), side * (down + radius * math.sin(angle)))
        kind = QEvent.Type.MouseMove if place else QEvent.Type.MouseButtonPress
        button = Qt.MouseButton.NoButton if place else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, at, pad.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pad, event)


CHAPTERS = (_beginning, _training, _results, _second_run, _playing, _dialogs, _news)
