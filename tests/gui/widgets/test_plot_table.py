"""The numbers of a plot as a table."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_table import PlotTable

_STEPS = np.arange(1.0, 1001)


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> LivePlot:
    """A plot of 1,000 steps, two evaluations and a level."""
    plot = LivePlot(theme, "Loss")
    qtbot.addWidget(plot)
    plot.curve("total", "student")
    plot.points("held-out", "good")
    plot.level("teacher", "teacher", 0.4)
    plot.set("total", _STEPS, 2 * np.exp(-_STEPS / 200))
    plot.set("held-out", np.array([250.0, 500.0]), np.array([0.6, 0.3]))
    plot.redraw()
    return plot


def test_the_table_shows_the_newest_numbers_and_a_row_for_each_evaluation(plot: LivePlot, qtbot: QtBot) -> None:
    table = PlotTable()
    qtbot.addWidget(table)
    table.show_numbers([plot.state])
    model = table.model()
    headings = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert headings == ["Step", "total", "held-out", "teacher"]
    rows = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
    assert rows[0][:2] == ["1,000", "0.01348"]
    assert rows[1] == ["500", "0.1642", "0.3000", "0.4000"]
    assert rows[2][0] == "250"


def test_a_new_evaluation_moves_no_selection_in_the_table_and_it_can_be_copied(plot: LivePlot, qtbot: QtBot) -> None:
    table = PlotTable()
    qtbot.addWidget(table)
    table.show_numbers([plot.state])
    table.selectRow(1)
    plot.set("held-out", np.array([250.0, 500.0, 750.0]), np.array([0.6, 0.3, 0.2]))
    plot.redraw()
    table.show_numbers([plot.state])
    table.copy_selected()
    assert QGuiApplication.clipboard().text() == "Step\ttotal\theld-out\tteacher\n500\t0.1642\t0.3000\t0.4000"
