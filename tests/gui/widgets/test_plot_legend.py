"""The legend above a plot, as a person presses it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_card import PlotCard
from workbench.gui.widgets.plot_legend import LegendEntry

_STEPS = np.arange(1.0, 1001)
_FALLING = 2 * np.exp(-_STEPS / 200)


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> PlotCard:
    """A plot of 1,000 steps on the screen, with points and a level."""
    plot = LivePlot(theme, "Loss", unit="nats")
    plot.curve("total", "student", smooths=True)
    plot.points("held-out", "good")
    plot.level("teacher", "teacher", 0.4, dash="dash")
    plot.set("total", _STEPS, _FALLING)
    plot.set("held-out", np.array([250.0, 500.0]), np.array([0.6, 0.3]))
    card = PlotCard(plot)
    qtbot.addWidget(card)
    card.resize(700, 400)
    card.show()
    qtbot.waitExposed(card)
    plot.redraw()
    return card


def test_pressing_an_entry_of_the_legend_hides_its_series(card: PlotCard, qtbot: QtBot) -> None:
    entry = next(entry for entry in card.legend.entries if entry.series.name == "total")
    assert entry.accessibleName() == "total 0.01348"
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
    assert not card.plot.state.series["total"].shown
    entry.setFocus()
    qtbot.keyClick(entry, Qt.Key.Key_Space)
    assert card.plot.state.series["total"].shown


def test_a_legend_without_room_hides_entries_behind_more(card: PlotCard, qtbot: QtBot) -> None:
    plot = card.plot
    for number in range(12):
        plot.curve(f"another run {number}", "baseline")
        plot.set(f"another run {number}", _STEPS, _FALLING + number)
    plot.redraw()
    card.legend.fit_into(30)

    def seen() -> list[LegendEntry]:
        return [entry for entry in card.legend.entries if entry.isVisible()]

    assert 0 < len(seen()) < 15
    more = card.legend.more
    assert more.isVisible()
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert len(seen()) == 15


def test_a_removed_series_is_gone_from_plot_and_legend(card: PlotCard) -> None:
    card.plot.remove("held-out")
    card.plot.redraw()
    assert [entry.series.name for entry in card.legend.entries] == ["total", "teacher"]
