"""The pull of the soft term over T."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.gradient_chart import GradientChart

TEACHER, STUDENT = np.array([60.0, 25.0, 3.0, -3.0]), np.zeros(4)


@pytest.fixture
def chart(theme: Theme, qtbot: QtBot) -> GradientChart:
    chart = GradientChart(theme)
    qtbot.addWidget(chart)
    chart.resize(500, 240)
    chart.show_logits(TEACHER, STUDENT, 0)
    chart.set_temperature(6.0)
    chart.show()
    return chart


def test_its_numbers_are_said(chart: GradientChart) -> None:
    assert chart.accessibleDescription() == (
        "At T = 6: 0.144 without T², 5.18 with T². As T grows the second tends to 12.3. "
        "The hard label’s gradient is 0.866."
    )


def test_both_curves_and_the_mark_are_painted(chart: GradientChart, theme: Theme) -> None:
    image = chart.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert {theme.colour("accent").name(), theme.colour("mark").name()} <= colours


def test_dragging_walks_along_the_temperatures(chart: GradientChart, qtbot: QtBot) -> None:
    heard: list[float] = []
    chart.temperature_picked.connect(heard.append)
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    for x in (200, 300, 490):
        qtbot.mouseMove(chart, QPoint(x, 100))
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(490, 100))
    assert heard == sorted(heard)
    assert len(heard) >= 2
    assert heard[-1] == pytest.approx(100)


def test_a_student_like_its_teacher_is_not_pulled(chart: GradientChart) -> None:
    chart.show_logits(TEACHER, TEACHER - 7, 0)
    assert chart.is_still
    assert not chart.grab().isNull()


def test_an_extreme_pair_is_painted_within_eight_decades(chart: GradientChart) -> None:
    chart.show_logits(np.array([300.0, 0.0]), np.array([299.999, 0.0]), 0)
    chart.set_temperature(0.5)
    assert not chart.grab().isNull()
