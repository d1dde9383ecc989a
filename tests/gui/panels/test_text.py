"""The text panel over runs of language models, driven as a person does; what they say is put in by the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.text_runs import go_live, look, make_folder, prepared, rolled_out, stage, whole_story
from workbench.events import RolledOut, TextProbed
from workbench.gui.panels.text import TextPanel
from workbench.gui.widgets.token_scale import DIVERGENCE, SURPRISE
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> TextPanel:
    panel = TextPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def finished(panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot) -> TextPanel:
    """The panel with a finished run in it."""
    workspace.watch(make_folder(tmp_path, "spoken", *whole_story()).path)
    qtbot.waitUntil(lambda: panel.watching.before is not None and bool(panel.text.text.tokens))
    return panel


def press(qtbot: QtBot, panel: TextPanel, view: str) -> None:
    qtbot.mouseClick(panel.views.button(view), Qt.MouseButton.LeftButton)


def empty_words(panel: TextPanel) -> str:
    return panel._empty.text() if panel._empty.isVisible() else ""


def test_without_a_run_it_says_how_to_get_one(panel: TextPanel) -> None:
    assert "Train a language model" in empty_words(panel)
    assert not panel._header.isVisible()


def test_a_run_of_a_classifier_is_told_of_in_words(
    panel: TextPanel, train_tiny: Callable[..., RunFolder], qtbot: QtBot
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: "Probabilities panel" in empty_words(panel))
    assert not panel._header.isVisible()
    assert not panel.scrubber.isVisible()


def test_the_newest_look_of_a_finished_run_is_read_back_from_its_folder(finished: TextPanel) -> None:
    assert finished.watching.look == look(400)
    assert finished.watching.before == look(350)
    assert finished.watching.steps == list(range(50, 401, 50))
    assert finished.scrubber.words.text() == "Step 400"
    assert finished.text.text.tokens == look(400).tokens


def test_a_finished_run_cannot_be_asked_about_another_text_and_says_why(finished: TextPanel) -> None:
    assert finished.picked.text() == "Text 1 of 12"
    assert not finished.picked.isEnabled()
    assert "while the run trains" in finished.picked.toolTip()


def test_the_slider_goes_back_through_the_looks_and_newest_comes_back(finished: TextPanel, qtbot: QtBot) -> None:
    finished.scrubber.slider.setFocus()
    qtbot.keyClick(finished.scrubber.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: finished.scrubber.words.text() == "Step 50")
    assert finished.text.text.tokens == look(50).tokens
    qtbot.keyClick(finished.scrubber.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: finished.scrubber.words.text() == "Step 100")
    qtbot.waitUntil(lambda: finished.watching.before == look(50))
    qtbot.mouseClick(finished.scrubber.newest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: finished.text.text.tokens == look(400).tokens)
    qtbot.waitUntil(lambda: not finished.scrubber.newest.isEnabled())


def test_a_live_run_is_followed_unless_an_earlier_step_is_looked_at(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    qtbot.waitUntil(lambda: "after 50 steps" in empty_words(panel))
    run.say(prepared(), look(50), look(100))
    qtbot.waitUntil(lambda: panel.scrubber.words.text() == "Step 100")
    panel.scrubber.slider.setFocus()
    qtbot.keyClick(panel.scrubber.slider, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: panel.text.text.tokens == look(50).tokens)
    run.say(look(150))
    qtbot.waitUntil(lambda: panel.scrubber.slider.maximum() == 2)
    assert panel.scrubber.words.text() == "Step 50"
    qtbot.mouseClick(panel.scrubber.newest, Qt.MouseButton.LeftButton)
    run.say(look(200))
    qtbot.waitUntil(lambda: panel.scrubber.words.text() == "Step 200")
    assert panel.watching.before == look(150)


def test_a_resumed_run_takes_back_the_looks_after_its_checkpoint(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50), look(100), look(150))
    qtbot.waitUntil(lambda: panel.watching.steps == [50, 100, 150])
    run.say(prepared(100))
    qtbot.waitUntil(lambda: panel.watching.steps == [50, 100])
    assert panel.watching.look == look(100)


def test_another_held_out_text_is_picked_by_turning_the_probe_of_the_run(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50))
    qtbot.waitUntil(panel.picked.isEnabled)
    panel.picked.setFocus()
    qtbot.keyClick(panel.picked, Qt.Key.Key_Up)
    assert run.controls.wanted.probe == (1,)
    qtbot.waitUntil(lambda: "every 50 steps" in panel._note.text())
    # One that was on its way already is not the one that is waited for.
    run.say(look(100))
    qtbot.waitUntil(lambda: panel.scrubber.words.text() == "Step 100")
    assert panel.picked.value() == 2
    run.say(look(150, example=1))
    qtbot.waitUntil(lambda: panel.scrubber.words.text() == "Step 150")
    assert panel._note.text() == ""
    assert panel.picked.text() == "Text 2 of 12"


def test_a_typed_number_of_a_text_is_picked_with_enter(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50))
    qtbot.waitUntil(panel.picked.isEnabled)
    panel.picked.setFocus()
    panel.picked.selectAll()
    qtbot.keyClicks(panel.picked, "7")
    run.say(look(100))
    qtbot.waitUntil(lambda: panel.scrubber.words.text() == "Step 100")
    qtbot.keyClick(panel.picked, Qt.Key.Key_Return)
    assert run.controls.wanted.probe == (6,)


def test_picking_while_a_run_pauses_says_when_it_will_be_seen(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50))
    qtbot.waitUntil(panel.picked.isEnabled)
    workspace.pause()
    assert workspace.status is RunStatus.PAUSED
    panel.picked.setFocus()
    qtbot.keyClick(panel.picked, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: "goes on" in panel._note.text())


def test_the_text_can_be_coloured_by_divergence_or_by_surprise(finished: TextPanel, qtbot: QtBot) -> None:
    assert finished.text.text.scale is DIVERGENCE
    qtbot.mouseClick(finished.text.colouring.button("surprise"), Qt.MouseButton.LeftButton)
    assert finished.text.text.scale is SURPRISE
    assert finished.text.legend.scale is SURPRISE


def test_without_a_teacher_the_text_is_coloured_by_surprise_and_the_student_stands_alone(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50, teacher=False))
    qtbot.waitUntil(lambda: bool(panel.text.text.tokens))
    assert panel.text.text.scale is SURPRISE
    assert not panel.text.colouring.isVisible()
    press(qtbot, panel, "prompts")
    qtbot.waitUntil(panel.prompts.isVisible)
    assert not panel.prompts.cards[0].teacher.isVisible()
    assert panel.prompts.cards[0].student.isVisible()


def test_prompts_are_continued_side_by_side_and_what_is_new_is_underlined(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), look(50, said="It is 12."), look(100, said="It is 46."))
    press(qtbot, panel, "prompts")
    qtbot.waitUntil(lambda: len(panel.prompts.cards) == 2 and panel.prompts.isVisible())
    card = panel.prompts.cards[0]
    assert card.prompt.text() == "12 + 34 ="
    assert "It is 46." in card.teacher.text()
    assert "underline" in card.student.text()
    assert card.student.text().count("<span") == 1
    assert "underline" not in panel.prompts.cards[1].student.text()
    assert panel._note.text() == "Underlined: new since step 50"
    assert card.student.accessibleDescription() == "It is 46."
    assert card.student.x() > card.teacher.x()
    assert card.student.y() == card.teacher.y()
    kept = [*panel.prompts.cards]
    run.say(look(150, said="It is 47."))
    qtbot.waitUntil(lambda: "47" in card.student.text())
    assert panel.prompts.cards == kept


def test_rollouts_are_plotted_over_steps_with_the_border_between_stages(finished: TextPanel, qtbot: QtBot) -> None:
    press(qtbot, finished, "rollouts")
    qtbot.waitUntil(lambda: finished._rollouts is not None and finished.rollouts.isVisible())
    plots = finished.rollouts.plots
    expected = [rolled_out(step) for step in range(250, 401, 50)]
    for plot, numbers in (
        (plots.liked, [each.teacher_log_p for each in expected]),
        (plots.length, [each.mean_length for each in expected]),
        (plots.repeated, [100 * each.repeated for each in expected]),
    ):
        trace = plot.state.series["student"].trace
        assert trace.x.tolist() == [250, 300, 350, 400]
        assert trace.y.tolist() == pytest.approx(numbers)
        assert [(mark.x, mark.text) for mark in plot.state.marks] == [(0, "off-policy"), (200, "on-policy")]
    assert not finished.scrubber.isVisible()


def test_rollouts_grow_while_the_run_trains(
    panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    run = go_live(workspace, make_folder(tmp_path, "live"))
    run.say(prepared(), stage(0, 0, "on-policy"), rolled_out(50))
    press(qtbot, panel, "rollouts")
    qtbot.waitUntil(lambda: panel._rollouts is not None and "student" in panel.rollouts.plots.liked.state.series)
    run.say(rolled_out(100))
    qtbot.waitUntil(lambda: len(panel.rollouts.plots.liked.state.series["student"].trace) == 2)


def test_an_overlay_of_rollouts_comes_and_goes(
    finished: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    other = make_folder(tmp_path, "other", prepared(), rolled_out(300))
    press(qtbot, finished, "rollouts")
    workspace.overlay(other.path)
    qtbot.waitUntil(lambda: "other" in finished.rollouts.plots.length.state.series)
    workspace.clear_overlays()
    qtbot.waitUntil(lambda: "other" not in finished.rollouts.plots.length.state.series)
    assert "student" in finished.rollouts.plots.length.state.series


def test_a_run_without_rollouts_says_so(panel: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot) -> None:
    from gui.text_runs import RECIPE

    off_policy = RECIPE.split('[[stages]]\nname = "on-policy"')[0]
    workspace.watch(make_folder(tmp_path, "given", prepared(), look(50), recipe=off_policy).path)
    qtbot.waitUntil(panel._header.isVisible)
    press(qtbot, panel, "rollouts")
    qtbot.waitUntil(lambda: "learns from given text" in empty_words(panel))


def test_another_run_on_the_screen_leaves_nothing_of_the_first(
    finished: TextPanel, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.watch(make_folder(tmp_path, "silent", prepared()).path)
    qtbot.waitUntil(lambda: "No text was looked at" in empty_words(finished))
    assert finished.watching.steps == []
    assert not finished.scrubber.isVisible()


def test_of_many_looks_only_the_newest_is_kept_in_memory_and_all_rollouts(
    finished: TextPanel, workspace: Workspace
) -> None:
    assert workspace.watched is not None
    own = workspace.watched.own
    assert [each.step for each in own.all(TextProbed)] == [400]
    assert [each.step for each in own.all(RolledOut)] == [250, 300, 350, 400]


@pytest.mark.parametrize("size", [(440, 260), (1280, 800)])
def test_legend_text_and_slider_are_whole_at_any_size(finished: TextPanel, size: tuple[int, int], qtbot: QtBot) -> None:
    finished.resize(*size)
    qtbot.waitUntil(lambda: finished.size().toTuple() == size)
    for widget in (finished.views, finished.picked, finished.text.legend, finished.scrubber):
        assert widget.isVisible()
        corner = widget.mapTo(finished, widget.rect().bottomRight())
        assert finished.rect().contains(corner)
