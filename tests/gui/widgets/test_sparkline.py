"""The sparkline: the shape of many values in few pixels."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.sparkline import Sparkline, paint_sparkline

_WIDTH, _HEIGHT = 60, 20


def _drawn(values: list[float] | np.ndarray) -> np.ndarray:
    """Which pixels are inked, a row a line of pixels."""
    image = QImage(_WIDTH, _HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_sparkline(painter, QRectF(0, 0, _WIDTH, _HEIGHT), values, QColor("black"))
    painter.end()
    grey = [[image.pixelColor(x, y).value() for x in range(_WIDTH)] for y in range(_HEIGHT)]
    return np.array(grey) < 200


def test_a_falling_curve_goes_from_the_upper_left_to_the_lower_right() -> None:
    ink = _drawn(np.linspace(1.0, 0.0, 30))
    assert ink[:6, :10].any()
    assert ink[-6:, -10:].any()
    assert not ink[:6, -10:].any()


def test_a_single_spike_among_a_million_values_is_still_drawn() -> None:
    values = np.zeros(1_000_000)
    values[500_000] = 1.0
    ink = _drawn(values)
    assert ink[:5, 25:35].any()


def test_values_that_are_not_finite_are_left_out_and_nothing_at_all_leaves_the_cell_empty() -> None:
    assert _drawn([1.0, float("nan"), 0.5, float("inf"), 0.0]).any()
    assert not _drawn([]).any()
    assert not _drawn([float("nan")]).any()


def test_equal_values_are_a_level_line_in_the_middle() -> None:
    ink = _drawn([2.0] * 10)
    rows = np.flatnonzero(ink[:, 5:-8].any(axis=1))
    assert rows.min() >= _HEIGHT // 2 - 2
    assert rows.max() <= _HEIGHT // 2 + 1


def test_the_widget_draws_what_it_was_given_and_says_it_in_words(qtbot: QtBot, theme: Theme) -> None:
    sparkline = Sparkline(theme)
    qtbot.addWidget(sparkline)
    empty = sparkline.grab().toImage()
    sparkline.set([3.0, 2.0, 1.0], "loss, from 3 to 1")
    assert sparkline.grab().toImage() != empty
    assert sparkline.accessibleName() == "loss, from 3 to 1"
