"""The knobs: one number each, turned by slider or field; they write the recipe, or turn the run that trains."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.events import ControlChanged
from workbench.gui.document import RecipeDocument
from workbench.gui.widgets.knob import Knob, Scale
from workbench.gui.widgets.knobs import Knobs
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus


@pytest.fixture
def knobs(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot) -> Iterator[Knobs]:
    knobs = Knobs(workspace)
    qtbot.addWidget(knobs)
    knobs.show()
    yield knobs
    # Before the workspace it listens to.
    knobs.close()


def _type(qtbot: QtBot, knob: Knob, words: str) -> None:
    knob.field.setFocus()
    knob.field.selectAll()
    qtbot.keyClicks(knob.field, words)
    qtbot.keyClick(knob.field, Qt.Key.Key_Return)


@pytest.mark.parametrize("words", ["nan", "inf", "-1e999"])
def test_what_python_takes_for_a_number_but_nobody_else_is_marked_too(
    knobs: Knobs, open_tiny: RecipeDocument, qtbot: QtBot, words: str
) -> None:
    _type(qtbot, knobs.knobs["temperature"], words)
    assert knobs.knobs["temperature"].field.property("invalid")
    assert open_tiny.value(("stages", 0, "objective", "temperature")) == 2.0


@pytest.mark.parametrize("value", [0.5, 1.0, 4.0, 20.0, 50.0])
def test_a_logarithmic_scale_finds_a_number_again(value: float) -> None:
    scale = Scale(0.5, 50, is_log=True)
    assert scale.value(scale.tick(value)) == pytest.approx(value, rel=0.02)


def test_a_scale_ends_where_it_says() -> None:
    scale = Scale(0, 1)
    assert (scale.value(0), scale.value(1000)) == (0, 1)
    assert (scale.tick(-3), scale.tick(7)) == (0, 1000)


def test_knobs_show_the_recipe_and_write_it(knobs: Knobs, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    temperature = knobs.knobs["temperature"]
    assert temperature.field.text() == "2"
    _type(qtbot, temperature, "8")
    assert open_tiny.value(("stages", 0, "objective", "temperature")) == 8.0
    open_tiny.undo_stack.undo()
    assert temperature.field.text() == "2"


def test_a_slider_that_comes_to_rest_writes_once(knobs: Knobs, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    alpha = knobs.knobs["alpha"]
    with qtbot.waitSignals([alpha.turned], timeout=5000):
        for _ in range(5):
            qtbot.keyClick(alpha.slider, Qt.Key.Key_Right)
    assert open_tiny.value(("stages", 0, "objective", "alpha")) == pytest.approx(0.55)
    assert open_tiny.undo_stack.count() == 1


def test_a_text_that_is_no_number_is_marked_and_changes_nothing(
    knobs: Knobs, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    temperature = knobs.knobs["temperature"]
    _type(qtbot, temperature, "warm")
    assert temperature.field.property("invalid")
    assert open_tiny.value(("stages", 0, "objective", "temperature")) == 2.0


def test_hard_labels_have_no_temperature_to_turn(knobs: Knobs, open_tiny: RecipeDocument) -> None:
    open_tiny.set(("stages", 0, "objective"), {"kind": "hard_labels"})
    assert not knobs.knobs["temperature"].isEnabled()
    assert not knobs.knobs["alpha"].isEnabled()
    assert knobs.knobs["learning_rate"].isEnabled()


def test_during_a_run_a_knob_turns_the_run_and_leaves_the_recipe_alone(
    knobs: Knobs, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    workspace.train()
    qtbot.waitUntil(lambda: knobs.target.text() == "Live", timeout=30_000)
    assert knobs.back.isVisible()
    assert not knobs.back.isEnabled()
    _type(qtbot, knobs.knobs["temperature"], "8")
    run = workspace.watched
    assert run is not None
    qtbot.waitUntil(lambda: run.own.latest(ControlChanged) is not None, timeout=10_000)
    assert open_tiny.value(("stages", 0, "objective", "temperature")) == 2.0
    assert knobs.knobs["temperature"].field.text() == "8"
    qtbot.waitUntil(knobs.back.isEnabled)
    qtbot.mouseClick(knobs.back, Qt.MouseButton.LeftButton)
    assert knobs.knobs["temperature"].field.text() == "2"
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=30_000)
    qtbot.waitUntil(lambda: knobs.target.text() == "Recipe")


def test_the_baseline_cannot_be_turned_since_it_goes_the_way_the_run_went(
    knobs: Knobs, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("stages", 0, "optimisation", "steps"), 3000)
    live: set[bool] = set()

    def note() -> None:
        run = workspace.active
        if run is not None and run.own.has_ended and workspace.status is RunStatus.RUNNING:
            live.add(knobs.is_live or knobs.target.text() == "Live" or knobs.knobs["temperature"].isEnabled())

    workspace.pump.ticked.connect(note)
    workspace.train(baseline=True)
    qtbot.waitUntil(lambda: knobs.target.text() == "Live")
    qtbot.waitUntil(lambda: bool(live), timeout=60_000)
    assert live == {False}
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE)
    workspace.pump.ticked.disconnect(note)


def test_in_a_later_stage_the_knobs_show_the_values_of_that_stage(
    knobs: Knobs, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    first = open_tiny.value(("stages", 0))
    hot = {**first, "objective": {**first["objective"], "temperature": 9.0}}
    endless = {**hot, "optimisation": {**hot["optimisation"], "steps": 1_000_000}}
    open_tiny.set(("stages",), [first, endless])
    workspace.train()
    qtbot.waitUntil(lambda: workspace.active is not None and workspace.active.stage is not None)
    qtbot.waitUntil(lambda: knobs.knobs["temperature"].field.text() == "9")
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE)
