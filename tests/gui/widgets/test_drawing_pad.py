"""The drawing pad: mouse, pen, finger, eraser, undo, and a picture under the ink."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.drawing_pad import SIDE, DrawingPad


@pytest.fixture
def pad(qtbot: QtBot, theme: Theme) -> DrawingPad:
    """A pad of 200 × 200 pixels on the screen."""
    pad = DrawingPad(theme)
    qtbot.addWidget(pad)
    pad.resize(200, 200)
    pad.show()
    qtbot.waitExposed(pad)
    return pad


def drag(pad: DrawingPad, *points: tuple[int, int]) -> None:
    """Draw through points, with the left button."""
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*points[0]))
    for point in points[1:]:
        QTest.mouseMove(pad, QPoint(*point))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*points[-1]))


def pen(pad: DrawingPad, kind: QEvent.Type, at: tuple[int, int], pressure: float, *, eraser: bool = False) -> None:
    """What a graphics tablet sends."""
    pointer = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    device = QPointingDevice(
        "tablet", 1, QInputDevice.DeviceType.Stylus, pointer, QInputDevice.Capability.Pressure, 1, 1
    )
    position, button = QPointF(*at), Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    event = QTabletEvent(kind, device, position, position, pressure, 0, 0, 0, 0, 0, keys, button, button)
    pad.tabletEvent(event)
    assert event.isAccepted()


def test_a_drag_leaves_a_white_line_where_the_mouse_went(pad: DrawingPad, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pad.changed):
        drag(pad, (20, 100), (180, 100))
    ink = pad.ink()
    assert ink.shape == (SIDE, SIDE)
    assert ink[SIDE // 2, SIDE // 2] == 255
    assert ink[SIDE // 4, SIDE // 2] == 0
    assert ink[:, SIDE // 2].astype(bool).sum() == pytest.approx(pad.pen_width, abs=2)


def test_a_tap_is_a_dot(pad: DrawingPad) -> None:
    drag(pad, (100, 100))
    assert pad.ink()[SIDE // 2, SIDE // 2] == 255
    assert not pad.is_empty


def test_the_right_button_draws_nothing(pad: DrawingPad) -> None:
    QTest.mousePress(pad, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    QTest.mouseRelease(pad, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert pad.is_empty


def test_the_eraser_takes_ink_away(pad: DrawingPad) -> None:
    drag(pad, (20, 100), (180, 100))
    pad.is_erasing = True
    drag(pad, (100, 80), (100, 120))
    assert pad.ink()[SIDE // 2, SIDE // 2] == 0
    assert pad.ink()[SIDE // 2, SIDE // 5] == 255


def test_undo_takes_one_stroke_back_and_leaves_the_others(pad: DrawingPad) -> None:
    drag(pad, (20, 60), (180, 60))
    first = pad.ink()
    drag(pad, (20, 140), (180, 140))
    pad.undo()
    assert np.array_equal(pad.ink(), first)
    pad.undo()
    assert pad.is_empty
    pad.undo()
    assert pad.ink().sum() == 0


def test_a_pens_pressure_makes_the_stroke_thicker(pad: DrawingPad) -> None:
    thickness = []
    for pressure in (0.1, 1.0):
        pad.clear()
        pen(pad, QEvent.Type.TabletPress, (20, 100), pressure)
        pen(pad, QEvent.Type.TabletMove, (180, 100), pressure)
        pen(pad, QEvent.Type.TabletRelease, (180, 100), 0.0)
        thickness.append(int(pad.ink()[:, SIDE // 2].astype(bool).sum()))
    assert thickness[1] > 2 * thickness[0]


def test_a_pen_that_hovers_draws_nothing(pad: DrawingPad) -> None:
    pen(pad, QEvent.Type.TabletMove, (100, 100), 0.0)
    assert pad.is_empty


def test_the_other_end_of_a_pen_erases(pad: DrawingPad) -> None:
    drag(pad, (20, 100), (180, 100))
    pen(pad, QEvent.Type.TabletPress, (100, 100), 1.0, eraser=True)
    pen(pad, QEvent.Type.TabletRelease, (100, 100), 0.0, eraser=True)
    assert pad.ink()[SIDE // 2, SIDE // 2] == 0


def test_a_finger_draws(pad: DrawingPad) -> None:
    screen = QTest.createTouchDevice()
    QTest.touchEvent(pad, screen).press(0, QPoint(20, 100), pad).commit()
    QTest.touchEvent(pad, screen).move(0, QPoint(180, 100), pad).commit()
    QTest.touchEvent(pad, screen).release(0, QPoint(180, 100), pad).commit()
    assert pad.ink()[SIDE // 2, SIDE // 2] == 255
    drag(pad, (100, 20), (100, 40))
    assert pad.ink()[SIDE // 2, SIDE // 4] == 255


def test_a_small_picture_keeps_its_pixels_sharp_under_the_ink(pad: DrawingPad) -> None:
    picture = np.zeros((28, 28), np.uint8)
    picture[3, 5] = 77
    pad.show_picture(picture)
    assert (pad.ink()[30:40, 50:60] == 77).all()
    assert pad.ink().astype(int).sum() == 77 * 100
    drag(pad, (20, 180), (180, 180))
    assert pad.ink()[35, 55] == 77


def test_colours_under_the_ink_stay_colours(pad: DrawingPad) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[..., 0], picture[..., 2] = 200, 50
    pad.show_picture(picture)
    assert pad.ink()[10, 10].tolist() == [200, 0, 50]


def test_a_wide_picture_is_shown_whole(pad: DrawingPad) -> None:
    pad.show_picture(np.full((10, 20), 255, np.uint8))
    assert pad.ink()[SIDE // 2, :].min() == 255
    assert pad.ink()[5, :].max() == 0


def test_drawing_is_the_same_at_any_size_of_the_pad(pad: DrawingPad) -> None:
    drag(pad, (20, 100), (180, 100))
    small = pad.ink()
    pad.clear()
    pad.resize(400, 400)
    drag(pad, (40, 200), (360, 200))
    assert np.array_equal(pad.ink(), small)


def test_the_empty_pad_says_what_to_do_and_a_drawn_one_does_not(pad: DrawingPad) -> None:
    def grey() -> int:
        image = pad.grab().toImage()
        row = [QColor(image.pixel(x, 100)) for x in range(60, 140)]
        return sum(0 < colour.value() < 255 for colour in row)

    assert grey() > 0
    drag(pad, (20, 20), (30, 20))
    assert grey() == 0
