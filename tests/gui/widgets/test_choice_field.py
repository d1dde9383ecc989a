"""Choices leave the wheel to the form around them until a person is in them."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.widgets.choice_field import CalmCombo
from workbench.gui.widgets.scale_slider import ScaleSlider


def combo() -> CalmCombo:
    box = CalmCombo()
    box.addItems(["a", "b", "c"])
    box.setCurrentIndex(1)
    return box


def slider() -> ScaleSlider:
    slider = ScaleSlider(0.0, 1.0)
    slider.setValue(50)
    return slider


def turn_wheel(widget: QWidget) -> bool:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def place_of(widget: QWidget) -> int:
    if isinstance(widget, QComboBox):
        return widget.currentIndex()
    assert isinstance(widget, QSlider)
    return widget.value()


@pytest.mark.parametrize("make", [combo, slider])
def test_the_wheel_changes_nothing_that_has_no_focus(qtbot: QtBot, make: type[QWidget]) -> None:
    widget = make()
    qtbot.addWidget(widget)
    before = place_of(widget)
    assert not turn_wheel(widget)
    assert place_of(widget) == before


@pytest.mark.parametrize("make", [combo, slider])
def test_the_wheel_turns_what_has_the_focus(qtbot: QtBot, make: type[QWidget]) -> None:
    widget = make()
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    before = place_of(widget)
    turn_wheel(widget)
    assert place_of(widget) != before
