"""The playground: a person draws, drops, pastes or chooses, and the models of the run answer."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from strokes import stopped_run, write_strokes

from gui.panels.playing import bar, dash, drag, says, watch
from workbench.events import Probed
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder

Key = Qt.Key


def test_without_a_run_the_panel_says_what_to_do(playground: PlaygroundPanel) -> None:
    assert "open a run" in playground.view.currentWidget().text()
    assert playground.talk.answer is None


def test_what_is_drawn_is_answered_live_by_teacher_student_and_baseline(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    pad = ready.view.pad
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pad.rect().center())
    # The button is still down: answers come while a person draws.
    qtbot.waitUntil(lambda: ready.talk.answer is not None)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pad.rect().center())
    QTest.keyClick(pad, Key.Key_Delete)
    bar(ready)
    qtbot.waitUntil(says(ready, "bar"))
    columns = ready.view.answers.bars.accessibleDescription()
    assert "Teacher: bar" in columns
    assert "ms · ONNX Runtime" in columns
    assert "Baseline: " in columns
    QTest.keyClick(pad, Key.Key_Delete)
    dash(ready)
    qtbot.waitUntil(says(ready, "dash"))


def test_the_models_see_the_drawing_as_mnist_has_its_digits(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    drag(ready, (0.1, 0.1), (0.1, 0.4))
    qtbot.waitUntil(lambda: ready.talk.answer is not None)
    fitted = ready.talk.answer.seen[0]
    assert (fitted > 0).any(1).sum() == 20
    assert 12 <= np.flatnonzero(fitted.any(0)).mean() <= 15
    assert ready.view.seen.toolTip() == "28 × 28 pixels"
    ready.view.tools.like_mnist.click()
    qtbot.waitUntil(lambda: bool(ready.talk.answer.seen[0][:14, :6].any()))
    assert not ready.talk.answer.seen[0][:, 10:].any()


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Escape, Key.Key_Backspace])
def test_clearing_takes_the_answers_away(ready: PlaygroundPanel, qtbot: QtBot, key: Qt.Key) -> None:
    bar(ready)
    qtbot.waitUntil(says(ready, "bar"))
    QTest.keyClick(ready.view.pad, key)
    qtbot.waitUntil(lambda: "Draw a digit" in ready.view.answers.hint.text() and ready.talk.answer is None)
    assert ready.view.pad.is_empty
    assert ready.view.answers.sentence.text() == ""


def test_ctrl_z_takes_a_stroke_back_and_leaves_the_recipe_alone(
    ready: PlaygroundPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    bar(ready)
    qtbot.waitUntil(says(ready, "bar"))
    dash(ready)
    QTest.keyClick(ready.view.pad, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(says(ready, "bar"))
    assert ready.view.pad.has_strokes
    ready.view.tools.undo.click()
    assert ready.view.pad.is_empty


def test_an_example_is_chosen_with_the_keyboard_and_fed_as_it_is(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    samples = ready.view.samples
    samples.setFocus()
    assert ready.talk.answer is None
    QTest.keyClick(samples, Key.Key_Right)
    qtbot.waitUntil(says(ready, "bar"))
    examples = ready.talk.examples
    place = int(np.flatnonzero(examples.labels == 1)[0])
    assert np.array_equal(ready.talk.answer.seen, examples.inputs[place])
    QTest.keyClick(samples, Key.Key_Left)
    qtbot.waitUntil(says(ready, "dash"))


def test_drawing_over_an_example_asks_about_the_drawing(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    ready.view.samples.item(0).setSelected(True)
    qtbot.waitUntil(says(ready, "dash"))
    before = ready.talk.answer
    bar(ready)
    qtbot.waitUntil(lambda: ready.talk.answer is not before)
    assert ready.view.samples.selectedItems() == []
    assert not np.array_equal(ready.talk.answer.seen, before.seen)


def test_at_the_runs_temperature_the_same_picture_is_answered_more_softly(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    bar(ready)
    qtbot.waitUntil(says(ready, "bar"))
    sure = max(ready.talk.answer.sayings[0].probabilities)
    button = ready.view.temperatures.button("t")
    assert button.text() == "T = 3"
    button.click()
    qtbot.waitUntil(lambda: ready.talk.answer.temperature == 3.0)
    assert max(ready.talk.answer.sayings[0].probabilities) < sure


def test_models_of_numbers_offer_examples_and_nothing_to_draw(
    playground: PlaygroundPanel, workspace: Workspace, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: playground.talk.briefing.is_ready and playground.view.samples.count() > 0, timeout=20_000)
    qtbot.waitUntil(lambda: "take 4 numbers, not pictures" in playground.view.answers.hint.text())
    assert not playground.view.pad.isVisible()
    playground.view.samples.item(0).setSelected(True)
    qtbot.waitUntil(lambda: playground.talk.answer is not None and playground.view.answers.sentence.text() != "")
    assert playground.talk.answer.seen.shape == (4,)


def test_without_an_export_the_student_answers_through_pytorch_and_it_is_said(
    playground: PlaygroundPanel, workspace: Workspace, strokes_run: RunFolder, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = RunFolder(Path(shutil.copytree(strokes_run.path, tmp_path / "run")))
    shutil.rmtree(folder.path / "export")
    watch(playground, workspace, folder, qtbot)
    qtbot.waitUntil(lambda: "Export the student" in playground.view.answers.note.text())
    # Somebody exports it: the playground hears of it and asks the file.
    shutil.copytree(strokes_run.path / "export", folder.path / "export")
    workspace.runs_changed.emit()
    qtbot.waitUntil(lambda: playground.talk.briefing.models[1][1] == "ONNX Runtime")
    qtbot.waitUntil(lambda: playground.view.answers.note.text() == "")


def test_a_stopped_run_answers_with_its_checkpoint_and_says_the_step(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    watch(playground, workspace, stopped_run(tmp_path), qtbot)
    qtbot.waitUntil(lambda: "student after step" in playground.view.answers.note.text())
    bar(playground)
    qtbot.waitUntil(lambda: playground.talk.answer is not None and len(playground.talk.answer.sayings) == 2)


def test_the_student_takes_its_seat_when_the_training_on_the_screen_is_done(
    playground: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.document.open_file(write_strokes(tmp_path))
    workspace.train()
    qtbot.waitUntil(
        lambda: [who for who, _, _ in playground.talk.briefing.models] == ["teacher", "student"], timeout=30_000
    )
    qtbot.waitUntil(lambda: not workspace.is_training, timeout=30_000)


def test_another_run_on_the_screen_ends_the_conversation_with_the_first(
    ready: PlaygroundPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    bar(ready)
    qtbot.waitUntil(says(ready, "bar"))
    other = stopped_run(tmp_path)
    with qtbot.waitSignal(workspace.watched_changed):
        workspace.watch(other.path)
    assert ready.talk.answer is None
    assert ready.view.pad.is_empty
    qtbot.waitUntil(lambda: "student after step" in ready.view.answers.note.text(), timeout=20_000)


def test_a_panel_that_is_not_seen_loads_no_models(workspace: Workspace, strokes_run: RunFolder, qtbot: QtBot) -> None:
    playground = PlaygroundPanel(workspace)
    qtbot.addWidget(playground)
    with qtbot.waitSignal(workspace.watched_changed):
        workspace.watch(strokes_run.path)
    with qtbot.waitSignal(workspace.pump.redraw):
        workspace.pump.want_redraw()
    assert not playground.talk.is_open


def test_the_thread_ends_with_the_panel_also_when_nobody_closed_it(
    workspace: Workspace, strokes_run: RunFolder, qtbot: QtBot
) -> None:
    def answering() -> bool:
        return any("answering" in thread.name for thread in threading.enumerate())

    playground = PlaygroundPanel(workspace)
    playground.resize(600, 300)
    playground.show()
    watch(playground, workspace, strokes_run, qtbot)
    assert answering()
    playground.deleteLater()
    qtbot.waitUntil(lambda: not answering())


def test_everything_in_the_panel_that_takes_the_keyboard_has_a_name(ready: PlaygroundPanel) -> None:
    parts = [part for part in ready.findChildren(object) if getattr(part, "focusPolicy", None)]
    nameless = [
        part
        for part in parts
        if part.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not part.accessibleName()
        and not part.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_a_temperature_that_was_turned_is_asked_for_anew(
    ready: PlaygroundPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    bar(ready)
    ready.view.temperatures.button("t").click()
    qtbot.waitUntil(lambda: ready.talk.answer is not None and ready.talk.answer.temperature == 3.0)
    run = workspace.watched
    assert run is not None
    looked = run.own.latest(Probed)
    assert looked is not None
    run.own.hear(replace(looked, temperature=9.0))
    workspace.heard.emit(run.own, run.own.latest(Probed))
    qtbot.waitUntil(lambda: ready.view.temperatures.button("t").text() == "T = 9")
    qtbot.waitUntil(lambda: ready.talk.answer.temperature == 9.0)
