"""Examples as pictures, and as bars where they are none."""

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.picture_view import PictureView, draw_example, picture_of, with_text
from workbench.session.looking import HeldOutExamples

BARS = QColor("#ff0000")


def examples(inputs: np.ndarray) -> HeldOutExamples:
    return HeldOutExamples(inputs, np.zeros(len(inputs), np.int64), ("a", "b"))


def drawn(shown: HeldOutExamples, side: int) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw_example(painter, QRect(0, 0, side, side), shown, 0, BARS)
    painter.end()
    return image


def test_grey_and_colour_pictures_keep_their_pixels() -> None:
    grey = picture_of(examples(np.arange(15, dtype=np.uint8).reshape(1, 1, 3, 5)), 0)
    assert grey is not None
    assert (grey.width(), grey.height(), grey.pixelColor(4, 1).red()) == (5, 3, 9)
    colour = picture_of(examples(np.arange(45, dtype=np.uint8).reshape(1, 3, 3, 5)), 0)
    assert colour is not None
    assert colour.pixelColor(4, 1).getRgb()[:3] == (9, 24, 39)


def test_an_enlarged_picture_has_sharp_pixels_of_the_same_size() -> None:
    pixels = np.array([[[[0, 255], [255, 0]]]], np.uint8)
    image = drawn(examples(pixels), 41)
    row = [image.pixelColor(x, 10).red() for x in range(41)]
    assert sorted(set(row)) == [0, 255]
    assert row.count(0) == 20


def test_a_picture_keeps_its_proportions() -> None:
    image = drawn(examples(np.zeros((1, 1, 4, 8), np.uint8)), 64)
    assert image.pixelColor(32, 32).red() == 0
    assert image.pixelColor(32, 4).red() == 255


def test_numbers_become_bars_up_and_down() -> None:
    image = drawn(examples(np.array([[1.0, -1.0]], np.float32)), 40)
    assert image.pixelColor(8, 8) == BARS
    assert image.pixelColor(30, 8) != BARS
    assert image.pixelColor(30, 30) == BARS
    assert image.pixelColor(8, 30) != BARS


def test_a_row_of_a_table_is_read_with_the_names_of_its_columns(theme: Theme, qtbot: QtBot) -> None:
    inputs = np.array([[1.5, -1.0]], np.float32)
    table = HeldOutExamples(inputs, np.zeros(1, np.int64), ("a",), columns=("length", "width"))
    view = PictureView(theme)
    qtbot.addWidget(view)
    view.show_example(table, 0)
    assert view.toolTip() == "length: 1.5\nwidth: -1"
    assert with_text("Example 0", table, 0) == "Example 0\nlength: 1.5\nwidth: -1"
    # No bar where there is room for words: a bar would be solid.
    assert drawn(table, 160).pixelColor(40, 110) == Qt.GlobalColor.white
    assert drawn(table, 160) != drawn(examples(inputs), 160)
    assert drawn(table, 36) == drawn(examples(inputs), 36)


def test_numbers_that_are_all_0_draw_no_bar() -> None:
    image = drawn(examples(np.zeros((1, 3), np.float32)), 40)
    assert image.pixelColor(8, 8) != BARS


def test_the_view_shows_another_example_when_told(theme: Theme, qtbot: QtBot) -> None:
    view = PictureView(theme)
    qtbot.addWidget(view)
    view.resize(60, 60)
    shown = examples(np.stack([np.zeros((1, 4, 4), np.uint8), np.full((1, 4, 4), 200, np.uint8)]))
    view.show()
    view.show_example(shown, 0)
    assert view.grab().toImage().pixelColor(30, 30).red() == 0
    view.show_example(shown, 1)
    assert view.grab().toImage().pixelColor(30, 30).red() == 200
    view.show_example(shown, 9)
    assert view.grab().toImage().pixelColor(30, 30) == theme.colour("raised")
