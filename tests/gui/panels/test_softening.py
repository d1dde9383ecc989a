"""The softening explorer, driven as a person does."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from workbench.events import ControlChanged, Probed
from workbench.gui.document import RecipeDocument
from workbench.gui.panels.softening import SofteningPanel
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder

T = ("stages", 0, "objective", "temperature")


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> SofteningPanel:
    panel = SofteningPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(980, 300)
    panel.show()
    return panel


def type_temperature(panel: SofteningPanel, text: str, qtbot: QtBot) -> None:
    panel.temperature.field.selectAll()
    qtbot.keyClicks(panel.temperature.field, text)
    qtbot.keyClick(panel.temperature.field, Qt.Key.Key_Return)


def test_the_bmw_at_6_is_as_in_the_design(panel: SofteningPanel) -> None:
    assert panel.temperature.temperature == 6
    said = panel.bars.accessibleDescription()
    assert "BMW 99.7 %, garbage truck 0.292 %, carrot 0.007 %, sofa 0.003 %" in said
    assert "True class BMW" in said


def test_the_source_names_the_paper_and_calls_the_logits_ours(panel: SofteningPanel) -> None:
    assert "arXiv:1503.02531, §1" in panel.origin.text()
    assert "Sofa and logits (60, 25, 3, −3): our own" in panel.origin.text()


def test_a_typed_temperature_moves_the_slider_the_bars_and_the_mark(panel: SofteningPanel, qtbot: QtBot) -> None:
    before = panel.temperature.slider.value()
    type_temperature(panel, "25", qtbot)
    assert panel.temperature.temperature == 25
    assert panel.temperature.slider.value() > before
    assert "Teacher at T = 25" in panel.bars.accessibleDescription()
    assert "At T = 25:" in panel.chart.accessibleDescription()
    assert "At T = 25 the teacher, softened" in panel.words.text()


def test_the_slider_moves_by_keys_and_the_field_follows(panel: SofteningPanel, qtbot: QtBot) -> None:
    panel.temperature.slider.setFocus()
    qtbot.keyClick(panel.temperature.slider, Qt.Key.Key_End)
    assert panel.temperature.field.value() == 100
    assert "nearly alike" in panel.words.text()
    qtbot.keyClick(panel.temperature.slider, Qt.Key.Key_Home)
    assert panel.temperature.field.value() == 0.5


def test_pressing_in_the_chart_chooses_the_temperature_there(panel: SofteningPanel, qtbot: QtBot) -> None:
    chart = panel.chart
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(chart.width() - 2, chart.height() // 2))
    assert panel.temperature.temperature == 100
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(2, chart.height() // 2))
    assert panel.temperature.temperature == 0.5


def test_with_its_factor_the_gradient_reaches_the_limit_and_without_it_fades(
    panel: SofteningPanel, qtbot: QtBot
) -> None:
    type_temperature(panel, "100", qtbot)
    without, squared = panel.chart.here
    assert squared == pytest.approx(1e4 * without)
    assert squared == pytest.approx(panel.chart.limit, rel=0.1)
    # (60, 25, 3, −3) less their mean, over four classes, against a student that finds all alike.
    assert panel.chart.limit == pytest.approx((38.75**2 + 3.75**2 + 18.25**2 + 24.25**2) ** 0.5 / 4)


def test_a_watched_example_softens_as_its_run_saw_it(
    workspace: Workspace, panel: SofteningPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: panel.source.count() == 4)
    panel.source.setCurrentIndex(2)
    type_temperature(panel, "2", qtbot)
    assert workspace.watched is not None
    probed = workspace.watched.own.latest(Probed)
    assert probed is not None
    seen = panel.seen
    assert seen is not None
    assert seen.example == probed.examples[1]
    teacher, student = panel.bars._columns
    assert teacher.probabilities == pytest.approx(probed.teacher_at_t[1], abs=1e-6)
    assert student.probabilities == pytest.approx(probed.student_at_t[1], abs=1e-6)
    assert not panel.origin.isVisible()


def test_the_temperature_goes_into_the_recipe_and_can_be_undone(
    workspace: Workspace, panel: SofteningPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(panel.use.isEnabled)
    type_temperature(panel, "8", qtbot)
    with qtbot.waitSignal(workspace.noticed):
        qtbot.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    assert open_tiny.value(T) == 8
    open_tiny.undo_stack.undo()
    assert open_tiny.value(T) == 2


def test_a_recipe_without_a_temperature_has_no_use_for_one(
    panel: SofteningPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "objective"), {"kind": "hard_labels"})
    qtbot.waitUntil(lambda: not panel.use.isEnabled())
    assert "knows no T" in panel.use.toolTip()


def test_while_a_run_trains_its_temperature_is_turned_and_nothing_sweeps(
    workspace: Workspace, panel: SofteningPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.RUNNING, timeout=30_000)
    qtbot.waitUntil(lambda: not panel.temperature.play.isEnabled() and panel.use.isEnabled())
    type_temperature(panel, "11", qtbot)
    qtbot.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    run = workspace.watched
    assert run is not None
    qtbot.waitUntil(lambda: run.own.latest(ControlChanged) is not None)
    changed = run.own.latest(ControlChanged)
    assert changed is not None
    assert (changed.name, changed.new) == ("temperature", 11.0)
    assert open_tiny.value(T) == 2


def test_the_sweep_runs_to_the_end_and_can_be_stopped(
    panel: SofteningPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.gui.widgets.temperature_control._SWEEP_SECONDS", 0.3)
    qtbot.waitUntil(panel.temperature.play.isEnabled)
    qtbot.mouseClick(panel.temperature.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.temperature.temperature == 100)
    qtbot.waitUntil(lambda: not panel.temperature.play.isChecked())
    monkeypatch.setattr("workbench.gui.widgets.temperature_control._SWEEP_SECONDS", 1000.0)
    qtbot.mouseClick(panel.temperature.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.temperature.temperature < 1)
    qtbot.mouseClick(panel.temperature.play, Qt.MouseButton.LeftButton)
    assert not panel.temperature.play.isChecked()


def test_on_a_log_axis_the_small_ones_are_drawn_too(panel: SofteningPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.log, Qt.MouseButton.LeftButton)
    assert panel.bars.is_log


def test_every_control_can_be_reached_and_has_a_name(panel: SofteningPanel) -> None:
    control = panel.temperature
    for widget in (panel.source, panel.log, panel.use, control.slider, control.field, control.play, panel.bars):
        assert widget.accessibleName() or panel.use.text()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
