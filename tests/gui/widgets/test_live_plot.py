"""The live plot, as a person uses it."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_card import PlotCard
from workbench.gui.widgets.plot_series import Mark

_STEPS = np.arange(1.0, 1001)
_FALLING = 2 * np.exp(-_STEPS / 200)


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> PlotCard:
    """A plot of 1,000 steps on the screen, with points, a level and a mark."""
    plot = LivePlot(theme, "Loss", unit="nats")
    plot.curve("total", "student", smooths=True)
    plot.points("held-out", "good")
    plot.level("teacher", "teacher", 0.4, dash="dash")
    plot.set("total", _STEPS, _FALLING)
    plot.set("held-out", np.array([250.0, 500.0]), np.array([0.6, 0.3]))
    plot.set_marks([Mark(401, "T 4 → 8")])
    card = PlotCard(plot)
    qtbot.addWidget(card)
    card.resize(700, 400)
    card.show()
    qtbot.waitExposed(card)
    plot.redraw()
    return card


@pytest.fixture
def plot(card: PlotCard) -> LivePlot:
    return card.plot


def _at(plot: LivePlot, x: float, share_down: float = 0.5) -> QPoint:
    area = plot.state.area
    return QPoint(round(plot.state.x_pixel(x)), round(area.top() + share_down * area.height()))


def _drag(qtbot: QtBot, plot: LivePlot, start: QPoint, end: QPoint, modifier: Qt.KeyboardModifier) -> None:
    surface, left = plot.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(surface, left, modifier, start)
    qtbot.mouseMove(surface, (start + end) / 2)
    qtbot.mouseMove(surface, end)
    qtbot.mouseRelease(surface, left, modifier, end)


def _wheel(plot: LivePlot, position: QPoint, notches: int, modifier: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(position),
        QPointF(plot.viewport().mapToGlobal(position)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), event)


_NONE, _SHIFT, _CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def test_curves_points_and_levels_leave_ink_of_their_colours(plot: LivePlot, theme: Theme) -> None:
    image = plot.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    for name in ("teacher", "good", "mark", "student"):
        assert theme.colour(name).name() in colours, name


def test_a_hidden_series_leaves_no_ink(plot: LivePlot) -> None:
    before = plot.grab().toImage()
    plot.show_series("total", shown=False)
    hidden = plot.grab().toImage()
    assert hidden != before
    plot.show_series("total", shown=True)
    assert plot.grab().toImage() == before


def test_dragging_a_box_zooms_into_it_and_a_double_click_shows_everything_again(plot: LivePlot, qtbot: QtBot) -> None:
    _drag(qtbot, plot, _at(plot, 200, 0.2), _at(plot, 600, 0.8), _NONE)
    assert plot.span.low == pytest.approx(200, abs=3)
    assert plot.span.high == pytest.approx(600, abs=3)
    assert plot.state.holds_height
    assert not plot.span.follows
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, _NONE, _at(plot, 400))
    assert plot.span.follows
    assert plot.span.high > 1000
    assert not plot.state.holds_height


def test_a_flat_box_zooms_along_x_only_and_the_height_fits_itself(plot: LivePlot, qtbot: QtBot) -> None:
    _drag(qtbot, plot, _at(plot, 600), _at(plot, 900), _NONE)
    assert plot.span.low == pytest.approx(600, abs=3)
    assert not plot.state.holds_height
    assert plot.state.heights.high < 0.5


def test_dragging_with_shift_moves_the_plot(plot: LivePlot, qtbot: QtBot) -> None:
    plot.span.set(300, 500)
    _drag(qtbot, plot, _at(plot, 450), _at(plot, 350), _SHIFT)
    assert plot.span.low == pytest.approx(400, abs=2)
    assert plot.span.high == pytest.approx(600, abs=2)


def test_the_wheel_zooms_around_the_pointer_and_with_control_along_y(plot: LivePlot) -> None:
    _wheel(plot, _at(plot, 500), 4, _NONE)
    assert plot.span.high - plot.span.low < 500
    assert plot.span.low < 500 < plot.span.high
    height = plot.state.heights.high - plot.state.heights.low
    _wheel(plot, _at(plot, 500), 2, _CONTROL)
    assert plot.state.heights.high - plot.state.heights.low < height
    assert plot.state.holds_height


def test_among_other_plots_the_wheel_scrolls_until_the_plot_was_clicked(plot: LivePlot) -> None:
    plot.wheel_needs_focus = True
    plot.clearFocus()
    edges = plot.span.low, plot.span.high
    _wheel(plot, _at(plot, 500), 4, _NONE)
    assert (plot.span.low, plot.span.high) == edges


def test_new_values_do_not_move_what_a_person_zoomed_to(plot: LivePlot) -> None:
    plot.span.set(300, 500)
    steps = np.arange(1.0, 3001)
    plot.set("total", steps, 2 * np.exp(-steps / 200))
    plot.redraw()
    assert (plot.span.low, plot.span.high) == (300, 500)
    plot.fit()
    assert plot.span.high > 3000


def test_the_pointer_reads_the_values_of_the_nearest_step(plot: LivePlot, qtbot: QtBot) -> None:
    qtbot.mouseMove(plot.viewport(), _at(plot, 250))
    assert plot.span.crosshair is not None
    assert plot.span.crosshair == pytest.approx(250, abs=2)
    values = {series.name: value for series, value in plot.state.readout(plot.span.crosshair)}
    assert values["total"] == pytest.approx(2 * np.exp(-250 / 200), rel=0.02)
    assert values["held-out"] == 0.6
    assert values["teacher"] == 0.4


def test_arrow_keys_move_the_crosshair_and_say_the_values(plot: LivePlot, qtbot: QtBot) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.span.crosshair == 1000
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Left, _SHIFT)
    assert plot.span.crosshair == 989
    assert plot.accessibleDescription().startswith("step 989: total 0.01424")
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert plot.span.crosshair == 1
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.span.crosshair is None


def test_a_crosshair_moved_out_of_sight_takes_the_plot_along(plot: LivePlot, qtbot: QtBot) -> None:
    plot.span.set(300, 500)
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert plot.span.low < 1000 < plot.span.high


def test_keys_zoom_move_and_fit(plot: LivePlot, qtbot: QtBot) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    width = plot.span.high - plot.span.low
    assert width < 900
    low = plot.span.low
    qtbot.keyClick(plot, Qt.Key.Key_Right, _CONTROL)
    assert plot.span.low > low
    qtbot.keyClick(plot, Qt.Key.Key_Minus)
    assert plot.span.high - plot.span.low > width
    qtbot.keyClick(plot, Qt.Key.Key_F)
    assert plot.span.follows


def test_plots_that_share_a_span_move_together(plot: LivePlot, theme: Theme, qtbot: QtBot) -> None:
    other = LivePlot(theme, "Rate", span=plot.span)
    qtbot.addWidget(other)
    other.curve("rate", "student")
    other.set("rate", _STEPS, _STEPS)
    other.resize(400, 200)
    other.show()
    other.redraw()
    plot.span.set(100, 200)
    assert other.state.heights.high < 300


def test_spikes_are_left_out_and_a_press_on_the_hint_brings_them_back(plot: LivePlot, qtbot: QtBot) -> None:
    values = np.concatenate(([900.0], np.full(999, 0.5) + 0.01 * np.sin(_STEPS[1:])))
    plot.set("total", _STEPS, values)
    plot.fit()
    assert plot.state.heights.high < 5
    plot.grab()
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, _NONE, plot.hint_rect.center().toPoint())
    assert not plot.leaves_out_spikes
    assert plot.state.heights.high >= 900


def test_a_logarithmic_axis_draws_powers_of_ten_and_leaves_out_what_is_not_above_zero(plot: LivePlot) -> None:
    plot.set("total", _STEPS, np.where(_STEPS < 500, 100.0, np.where(_STEPS < 700, 0.0, 0.01)))
    plot.log_y = True
    assert plot.state.heights.low == pytest.approx(-2, abs=0.4)
    assert plot.state.heights.high == pytest.approx(2, abs=0.4)


def test_smoothing_draws_an_average_and_keeps_the_values_behind_it(plot: LivePlot) -> None:
    noise = np.random.default_rng(0).standard_normal(1000)
    plot.set("total", _STEPS, 5 + noise)
    plot.smoothing = 100
    main, raw = plot.state.outlines()["total"]
    assert np.std(main[1][-300:]) < 0.3
    assert np.std(raw[1]) > 0.8
    assert "average over 100" in plot.state.caption


def test_the_plot_tells_its_newest_numbers_and_marks_in_words(plot: LivePlot) -> None:
    words = plot.accessibleDescription()
    assert plot.accessibleName() == "Loss"
    assert "At step 1,000: total 0.01348" in words
    assert "T 4 → 8 at step 401" in words


def test_epochs_on_the_x_axis_are_steps_in_another_unit(plot: LivePlot) -> None:
    plot.set_x_axis("epoch", 100.0)
    assert plot.state.x_words(250) == "epoch 2.50"


def test_another_theme_recolours_the_plot(plot: LivePlot, theme: Theme) -> None:
    theme.mode = "dark"
    image = plot.grab().toImage()
    assert image.pixelColor(2, image.height() - 2) == theme.colour("raised")
    theme.mode = "light"


def test_a_plot_without_values_says_so(qtbot: QtBot, theme: Theme) -> None:
    plot = LivePlot(theme, "Loss")
    qtbot.addWidget(plot)
    plot.redraw()
    assert plot.accessibleDescription() == "No numbers yet."


@pytest.mark.parametrize("act", [LivePlot.redraw, LivePlot.fit])
def test_a_destroyed_plot_leaves_nothing_behind(qtbot: QtBot, theme: Theme, act: Callable[[LivePlot], None]) -> None:
    plot = LivePlot(theme, "Loss")
    plot.curve("total", "student")
    plot.set("total", _STEPS, _FALLING)
    plot.show()
    act(plot)
    scene, box = weakref.ref(plot.scene()), weakref.ref(plot.scene().items()[0])
    plot.deleteLater()
    del plot

    def is_gone() -> bool:
        gc.collect()
        return scene() is None and box() is None

    qtbot.waitUntil(is_gone)
    assert not [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, LivePlot)]
    theme.changed.emit()
