"""The curves panel with a run that trains, a baseline, overlays, and what leaves it as files."""

import csv
import gc
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from gui.text_runs import make_folder, whole_story
from workbench.events import ControlChanged, Evaluated
from workbench.gui.document import RecipeDocument
from workbench.gui.panels.curves import CurvesBody, CurvesPanel
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> CurvesPanel:
    """The panel on the screen."""
    panel = CurvesPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def trained(panel: CurvesPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot) -> CurvesBody:
    """The panel's inside once a tiny run and its baseline have been drawn."""
    train_tiny(baseline=True)
    body = panel.body
    qtbot.waitUntil(lambda: "baseline" in body.plots.loss.state.series)
    qtbot.waitUntil(lambda: len(body.plots.loss.state.series["baseline"].trace) == 20)
    return body


def _press(qtbot: QtBot, body: CurvesBody, view: str) -> None:
    qtbot.mouseClick(body.tools.views.button(view), Qt.MouseButton.LeftButton)


def _shown(body: CurvesBody) -> list[str]:
    return [card.plot.state.title for card in body.wall.shown if card.isVisible()]


def test_without_a_run_the_panel_says_what_to_do(panel: CurvesPanel) -> None:
    assert "Train a recipe" in panel.findChildren(QLabel)[0].text()
    assert not panel.findChildren(LivePlot)


def test_loss_terms_evaluations_and_levels_of_a_run_are_drawn(trained: CurvesBody, workspace: Workspace) -> None:
    state = trained.plots.loss.state
    run = workspace.watched
    assert run is not None
    assert state.series["total"].trace.y.tolist() == run.own.log.column("total").tolist()
    assert "soft: T² · KL(p_T ‖ p_S)" in state.series
    assert "hard" in state.series
    assert "ln 3 = 1.099, uniform guessing" in state.series
    scores = [score for score in run.own.all(Evaluated) if score.subject == "student"]
    assert state.series["held-out"].trace.y.tolist() == [score.cross_entropy for score in scores]
    assert run.teacher_score is not None
    assert state.series["teacher, held-out"].value == run.teacher_score.cross_entropy


def test_error_and_agreement_are_in_per_cent_beside_the_teacher_and_the_baseline(
    trained: CurvesBody, workspace: Workspace, qtbot: QtBot
) -> None:
    _press(qtbot, trained, "error")
    assert _shown(trained) == ["Error", "Agreement"]
    run = workspace.watched
    assert run is not None
    assert run.student_score is not None
    expected = 100 * run.student_score.errors / run.student_score.examples
    assert trained.plots.error.state.series["student"].latest == pytest.approx(expected)
    assert {"student", "teacher", "baseline"} <= set(trained.plots.error.state.series)
    assert "student" in trained.plots.agreement.state.series


def test_learning_rate_and_throughput_have_a_value_for_every_step(trained: CurvesBody, qtbot: QtBot) -> None:
    _press(qtbot, trained, "rate")
    assert len(trained.plots.rate.state.series["learning rate"].trace) == 20
    _press(qtbot, trained, "pace")
    rates = trained.plots.pace.state.series["steps/s"].trace.y
    assert (rates[np.isfinite(rates)] > 0).all()


def test_all_plots_are_shown_at_once_and_move_together(trained: CurvesBody, qtbot: QtBot) -> None:
    _press(qtbot, trained, "all")
    assert _shown(trained) == ["Loss", "Error", "Agreement", "Learning rate", "Throughput"]
    trained.plots.span.set(5, 10)
    assert all(plot.span.low == 5 for plot in trained.plots.all)


def test_a_control_turned_while_training_is_marked_with_its_old_and_new_value(
    panel: CurvesPanel, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "epochs"), 5_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    workspace.turn(temperature=7.0)
    qtbot.waitUntil(lambda: bool(panel.body.plots.loss.state.marks), timeout=30_000)
    run = workspace.watched
    assert run is not None
    changed = run.own.latest(ControlChanged)
    assert changed is not None
    mark = panel.body.plots.loss.state.marks[0]
    assert (mark.x, mark.text) == (changed.step, "T 2 → 7")
    assert panel.body.plots.span.grows


def test_an_earlier_run_is_drawn_behind_under_its_own_name_and_can_be_removed(
    trained: CurvesBody, workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    assert workspace.watched is not None
    first = workspace.watched.path
    train_tiny()
    workspace.overlay(first)
    state = trained.plots.loss.state
    qtbot.waitUntil(lambda: any(name.startswith("tiny, ") for name in state.series))
    overlay = next(series for name, series in state.series.items() if name.startswith("tiny, "))
    assert overlay.behind
    assert overlay.colour not in {"student", "baseline", "teacher"}
    assert "baseline" not in state.series
    trained.actions_by_name["clear"].trigger()
    qtbot.waitUntil(lambda: not any(name.startswith("tiny, ") for name in state.series))


def test_the_follow_button_lights_when_a_person_zooms_and_brings_everything_back(
    trained: CurvesBody, qtbot: QtBot
) -> None:
    follow = trained.tools.follow
    assert not follow.isVisible()
    trained.plots.span.set(5, 10)
    assert follow.isVisible()
    qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert not follow.isVisible()
    assert trained.plots.span.high > 20


def test_a_held_height_lights_the_follow_button_too(trained: CurvesBody, qtbot: QtBot) -> None:
    trained.plots.loss.hold_height(0.0, 0.1)
    assert trained.tools.follow.isVisible()
    qtbot.mouseClick(trained.tools.follow, Qt.MouseButton.LeftButton)
    assert not trained.plots.loss.state.holds_height
    assert not trained.tools.follow.isVisible()


def test_log_scale_and_smoothing_apply_to_the_loss(trained: CurvesBody, qtbot: QtBot) -> None:
    trained.actions_by_name["log"].trigger()
    assert trained.plots.loss.log_y
    qtbot.mouseClick(trained.tools.smooth, Qt.MouseButton.LeftButton)
    slider = trained.tools.slider.slider
    assert slider.isVisible()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert trained.plots.loss.smoothing == 5000
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert trained.plots.loss.smoothing == 1
    trained.tools.slider.close()


def test_a_right_click_on_a_plot_opens_the_panel_s_own_menu(trained: CurvesBody, qtbot: QtBot) -> None:
    plot = trained.plots.loss
    centre = plot.viewport().rect().center()
    QApplication.sendEvent(
        plot.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, centre, plot.mapToGlobal(centre))
    )
    menu = trained.tools.menu
    assert menu.isVisible()
    assert "Save numbers as CSV…" in [action.text() for action in menu.actions()]
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_when_a_run_has_ended_its_curves_fill_the_plot(trained: CurvesBody, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not trained.plots.span.grows)
    assert 20 < trained.plots.span.high < 21


def test_epochs_can_be_counted_instead_of_steps(trained: CurvesBody, workspace: Workspace) -> None:
    assert workspace.watched is not None
    assert workspace.watched.prepared is not None
    trained.actions_by_name["epochs"].trigger()
    epoch = workspace.watched.prepared.steps_per_epoch
    assert trained.plots.loss.state.x_words(2 * epoch) == "epoch 2"


def test_the_table_takes_the_place_of_the_plots_only_where_there_is_no_room_for_both(
    trained: CurvesBody, panel: CurvesPanel
) -> None:
    trained.actions_by_name["table"].trigger()
    assert trained.table.isVisible()
    assert trained.wall.isVisible()
    assert trained.table.model().rowCount() >= 2
    panel.resize(500, 300)
    assert trained.table.isVisible()
    assert not trained.wall.isVisible()
    trained.actions_by_name["table"].trigger()
    assert trained.wall.isVisible()


def test_a_narrow_panel_has_short_words_and_nothing_beyond_its_edge(trained: CurvesBody, panel: CurvesPanel) -> None:
    panel.resize(440, 260)
    tools = trained.tools
    assert tools.width() <= 440
    assert tools.views.button("error").text() == "Error"
    right = tools.more.mapTo(panel, QPoint(tools.more.width(), 0)).x()
    assert right <= 440
    assert not trained.wall.verticalScrollBar().isVisible()


def test_the_picture_goes_to_the_clipboard_as_it_is_seen(trained: CurvesBody) -> None:
    trained.actions_by_name["copy"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.width() >= 1600
    student = trained.plots.loss.theme.colour("student")
    row = [image.pixelColor(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)]
    assert any(colour == student for colour in row)


def _save(qtbot: QtBot, body: CurvesBody, action: str, path: Path) -> bytes:
    """Ask for a file, type its name, press Save, and wait for the file."""
    body.actions_by_name[action].trigger()
    dialog = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QFileDialog))
    qtbot.waitUntil(dialog.isVisible)
    dialog.findChild(QLineEdit).setText(str(path))
    dialog.accept()
    qtbot.waitUntil(path.exists)
    return path.read_bytes()


@pytest.fixture
def plain_dialogs() -> Iterator[None]:
    """Dialogs that can be typed into on every desktop."""
    QGuiApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    yield
    QGuiApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, on=False)


@pytest.mark.usefixtures("plain_dialogs")
def test_pictures_and_numbers_are_saved_without_blocking(trained: CurvesBody, qtbot: QtBot, tmp_path: Path) -> None:
    image = QImage.fromData(_save(qtbot, trained, "png", tmp_path / "curves.png"))
    assert image.width() >= 1600
    svg = _save(qtbot, trained, "svg", tmp_path / "curves.svg")
    assert b"uniform guessing" in svg
    assert svg.count(b"<polyline") + svg.count(b"<path") > 10
    rows = list(csv.DictReader(io.StringIO(_save(qtbot, trained, "csv", tmp_path / "curves.csv").decode())))
    own = [row for row in rows if row["training"] == "distilled" and row["total"]]
    assert [int(row["step"]) for row in own] == list(range(1, 21))
    total = trained.plots.loss.state.series["total"].trace.y
    assert [float(row["total"]) for row in own] == total.tolist()
    assert sum(bool(row["student_cross_entropy"]) for row in rows if row["training"] == "distilled") >= 2
    assert any(row["training"] == "baseline" for row in rows)
    assert any(row["teacher_errors"] for row in rows)


def test_opening_and_closing_the_panel_fifty_times_leaves_nothing_behind(
    trained: CurvesBody, workspace: Workspace, qtbot: QtBot
) -> None:
    del trained

    def count() -> tuple[int, int, int, int]:
        gc.collect()
        timers = sum(issubclass(type(thing), QTimer) for thing in gc.get_objects())
        plots = sum(issubclass(type(thing), LivePlot) for thing in gc.get_objects())
        return threading.active_count(), len(QApplication.topLevelWidgets()), timers, plots

    def cycle() -> None:
        panel = CurvesPanel(workspace)
        panel.resize(620, 330)
        panel.show()
        panel.refresh()
        panel.close()
        panel.deleteLater()
        del panel
        qtbot.wait(1)

    cycle()
    before = count()
    for _ in range(50):
        cycle()
    qtbot.waitUntil(lambda: count() == before)


def test_stages_whose_epochs_are_of_another_length_are_not_counted_as_if_they_were_alike(
    panel: CurvesPanel, workspace: Workspace, open_tiny: RecipeDocument, train_tiny: Callable[..., RunFolder]
) -> None:
    first = open_tiny.value(("stages", 0))
    open_tiny.set(("stages",), [first, first])
    train_tiny()
    panel.body.actions_by_name["epochs"].setChecked(True)
    state = panel.body.plots.loss.state
    assert state.x_label == "epoch"
    open_tiny.set(("stages",), [first, {**first, "inputs": {**first["inputs"], "batch_size": 4}}])
    train_tiny()
    panel.body.refresh()
    assert state.x_label == "epoch of stage 1"


@pytest.fixture
def writer(panel: CurvesPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot) -> CurvesBody:
    """The panel's inside with a finished run of a language model."""
    workspace.watch(make_folder(tmp_path, "spoken", *whole_story()).path)
    qtbot.waitUntil(lambda: "total" in panel.body.plots.loss.state.series)
    return panel.body


def test_the_loss_of_a_language_model_stands_against_guessing_among_its_vocabulary(writer: CurvesBody) -> None:
    level = writer.plots.loss.state.series["ln 101 = 4.615, uniform guessing"]
    assert level.value == pytest.approx(np.log(101))
    assert [(mark.x, mark.text) for mark in writer.plots.loss.state.marks] == [(0, "off-policy"), (200, "on-policy")]


def test_a_language_model_is_judged_by_perplexity_divergence_wrong_answers_and_agreement(
    writer: CurvesBody, qtbot: QtBot
) -> None:
    _press(qtbot, writer, "error")
    assert _shown(writer) == ["Perplexity", "KL to the teacher", "Error", "Agreement"]
    plots = writer.plots
    assert plots.perplexity.state.series["student"].latest == pytest.approx(np.exp(0.8))
    assert plots.perplexity.state.series["teacher"].value == pytest.approx(np.exp(0.32))
    assert plots.divergence.state.series["student"].latest == pytest.approx(0.4)
    assert plots.error.state.unit == "% of held-out problems"
    assert "Perplexity" in writer.tools.views.button("error").text()


def test_a_classifier_after_a_language_model_shows_no_perplexity(
    writer: CurvesBody, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    _press(qtbot, writer, "error")
    train_tiny()
    qtbot.waitUntil(lambda: _shown(writer) == ["Error", "Agreement"])
    assert writer.plots.error.state.unit == "% of held-out examples"
    assert not writer.plots.perplexity.state.series
    assert "agreement" in writer.tools.views.button("error").text()
