"""The recipe panel driven as a person drives it: typing, choosing, dropping, undoing, reading what is wrong."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.document import RecipeDocument
from workbench.gui.panels.recipe import RecipePanel
from workbench.gui.widgets.checkpoint_card import CheckpointCard, DataCard
from workbench.gui.widgets.field_row import FieldRow
from workbench.gui.widgets.form_part import FormPart
from workbench.gui.widgets.formula_label import FormulaLabel
from workbench.gui.widgets.kind_form import KindForm
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.section_box import SectionBox
from workbench.gui.widgets.section_list import SectionList
from workbench.gui.widgets.stage_deck import StageDeck
from workbench.gui.widgets.student_form import StudentForm
from workbench.gui.workspace import Workspace
from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh
from workbench.session.inspecting import Inspector, Score
from workbench.session.jobs import Cancelled, Job

_T = ("stages", 0, "objective", "temperature")
_ALPHA = ("stages", 0, "objective", "alpha")
_RATE = ("stages", 0, "optimisation", "learning_rate")
_Part = TypeVar("_Part", bound=QWidget)


@pytest.fixture
def panel(qtbot: QtBot, workspace: Workspace, open_tiny: RecipeDocument) -> RecipePanel:
    panel = RecipePanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def parts(panel: RecipePanel, kind: type[_Part]) -> list[_Part]:
    """Those that are shown, in the order of their places."""
    found = [part for part in panel.findChildren(kind) if part.isVisibleTo(panel)]
    return sorted(found, key=lambda part: str(getattr(part, "location", "")))


def row(panel: RecipePanel, location: tuple[Any, ...]) -> FieldRow:
    return next(part for part in panel.findChildren(FieldRow) if part.location == location)


def shown(panel: RecipePanel, location: tuple[Any, ...]) -> bool:
    return any(part.location == location and part.isVisibleTo(panel) for part in panel.findChildren(FieldRow))


def box(panel: RecipePanel, title: str) -> SectionBox:
    return next(part for part in panel.findChildren(SectionBox) if part.title == title)


def type_over(qtbot: QtBot, panel: RecipePanel, location: tuple[Any, ...], text: str) -> None:
    entry: Any = row(panel, location).field.entry
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, text)


def test_the_boxes_stand_in_the_order_of_the_work(panel: RecipePanel) -> None:
    titles = sorted(parts(panel, SectionBox), key=lambda part: part.mapTo(panel, part.rect().topLeft()).y())
    assert [part.title for part in titles] == [
        "Recipe", "Teacher", "Student", "Data", "Objective", "Training", "More",
    ]  # fmt: skip


def test_a_typed_number_is_in_the_recipe_at_once(panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    type_over(qtbot, panel, _RATE, "0.125")
    assert open_tiny.recipe is not None
    assert open_tiny.recipe.stages[0].optimisation.learning_rate == 0.125


def test_a_visit_to_a_field_is_undone_at_once_and_the_field_shows_it(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    type_over(qtbot, panel, _RATE, "0.125")
    qtbot.keyClick(row(panel, _RATE).field.entry, Qt.Key.Key_Return)
    type_over(qtbot, panel, _RATE, "7")
    open_tiny.undo_stack.undo()
    line: Any = row(panel, _RATE).field.entry
    assert line.text() == "0.125"
    open_tiny.undo_stack.undo()
    assert line.text() == "0.05"
    open_tiny.undo_stack.redo()
    assert line.text() == "0.125"


def test_the_undo_key_reaches_the_window_from_inside_a_field(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    window = QMainWindow()
    panel = RecipePanel(workspace)
    window.setCentralWidget(panel)
    action = open_tiny.undo_stack.createUndoAction(window)
    action.setShortcut(QKeySequence.StandardKey.Undo)
    window.addAction(action)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    type_over(qtbot, panel, _RATE, "0.125")
    type_over(qtbot, panel, _ALPHA, "0.75")
    qtbot.keyClick(row(panel, _ALPHA).field.entry, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert open_tiny.value(_ALPHA) == 0.5
    qtbot.keyClick(row(panel, _ALPHA).field.entry, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert open_tiny.value(_RATE) == 0.05


def test_a_value_out_of_range_stays_is_marked_with_its_range_and_stops_training(
    panel: RecipePanel, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    type_over(qtbot, panel, _T, "5000")
    qtbot.keyClick(row(panel, _T).field.entry, Qt.Key.Key_Return)
    line: Any = row(panel, _T).field.entry
    assert line.text() == "5000"
    assert line.property("invalid") is True
    assert row(panel, _T).refusal.text() == open_tiny.problems[_T]
    assert "greater than 0, at most 1000" in row(panel, _T).refusal.text()
    assert row(panel, _T).refusal.isVisible()
    assert workspace.why_not_train()
    open_tiny.undo_stack.undo()
    assert not row(panel, _T).refusal.isVisible()
    assert not workspace.why_not_train()


def test_the_formula_has_the_numbers_as_they_are_typed_and_keeps_the_last_good_ones(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    (formula,) = parts(panel, FormulaLabel)
    assert open_tiny.recipe is not None
    assert formula.formula == "L = 0.5 · 2² · KL(p_T ‖ p_S) at T = 2 + 0.5 · CE(hard label, p_S at T = 1)"
    type_over(qtbot, panel, _T, "8")
    assert "8² · KL(p_T ‖ p_S) at T = 8" in formula.formula
    assert "p<sub>T</sub>" in formula.label.text()
    type_over(qtbot, panel, _T, "-3")
    assert "8² · KL" in formula.formula
    assert "color" in formula.label.text()
    assert "refused" in formula.label.accessibleName()
    type_over(qtbot, panel, _T, "3")
    assert "color" not in formula.label.text()


def test_another_objective_keeps_temperature_and_alpha_and_is_one_step_to_undo(
    panel: RecipePanel, open_tiny: RecipeDocument
) -> None:
    before = open_tiny.undo_stack.count()
    objective = next(part for part in parts(panel, KindForm) if part.location == ("stages", 0, "objective"))
    objective.combo.activated.emit(objective.combo.findData("jensen_shannon"))
    assert open_tiny.value(("stages", 0, "objective")) == {
        "kind": "jensen_shannon", "temperature": 2.0, "alpha": 0.5, "beta": 0.5,
    }  # fmt: skip
    assert open_tiny.undo_stack.count() == before + 1
    assert "JSD_β" in parts(panel, FormulaLabel)[0].formula
    open_tiny.undo_stack.undo()
    assert objective.combo.currentData() == "soft_targets"
    assert objective.combo.currentText() == "Soft targets"


def test_the_sliders_turn_temperature_and_alpha(panel: RecipePanel, open_tiny: RecipeDocument) -> None:
    for location in (_T, _ALPHA):
        field = row(panel, location).field
        assert isinstance(field, NumberField)
        assert field.slider is not None
        field.slider.setValue(field.slider.maximum())
    assert (open_tiny.value(_T), open_tiny.value(_ALPHA)) == (50.0, 1.0)


def test_averaging_is_shown_from_the_second_teacher_on(panel: RecipePanel, open_tiny: RecipeDocument) -> None:
    teachers = parts(panel, SectionList)[0]
    assert not shown(panel, ("averaging",))
    teachers.add.click()
    assert len(open_tiny.value(("teachers",))) == 2
    assert shown(panel, ("averaging",))
    open_tiny.undo_stack.undo()
    assert not shown(panel, ("averaging",))
    assert not shown(panel, ("teachers", 1, "checkpoint"))


def test_teachers_are_moved_and_removed(panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    parts(panel, SectionList)[0].add.click()
    type_over(qtbot, panel, ("teachers", 1, "checkpoint"), "b.safetensors")

    def press(words: str) -> None:
        button = next(b for b in panel.findChildren(QWidget) if b.accessibleName() == words and b.isVisibleTo(panel))
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    press("Move up: Teacher 2")
    assert [item["checkpoint"] for item in open_tiny.value(("teachers",))] == ["b.safetensors", "teacher.safetensors"]
    line: Any = row(panel, ("teachers", 0, "checkpoint")).field.entry
    assert line.text() == "b.safetensors"
    press("Remove teacher 1")
    assert [item["checkpoint"] for item in open_tiny.value(("teachers",))] == ["teacher.safetensors"]
    open_tiny.undo_stack.undo()
    open_tiny.undo_stack.undo()
    assert [item["checkpoint"] for item in open_tiny.value(("teachers",))] == ["teacher.safetensors", "b.safetensors"]


def test_the_students_other_origin_keeps_what_was_typed(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    (student,) = parts(panel, StudentForm)
    student.old.click()
    assert open_tiny.value(("student", "architecture")) is None
    assert shown(panel, ("student", "checkpoint"))
    assert open_tiny.problems
    type_over(qtbot, panel, ("student", "checkpoint"), "teacher.safetensors")
    assert not open_tiny.problems
    student.new.click()
    assert open_tiny.value(("student", "architecture"))["hidden"] == [8]
    assert open_tiny.value(("student", "checkpoint")) == ""
    student.old.click()
    assert open_tiny.value(("student", "checkpoint")) == "teacher.safetensors"


def test_a_second_stage_lies_behind_a_tab_and_can_be_moved(panel: RecipePanel, open_tiny: RecipeDocument) -> None:
    (deck,) = parts(panel, StageDeck)
    assert not deck.tabs.isVisibleTo(panel)
    deck.add.click()
    assert [deck.tabs.tabText(place) for place in range(deck.tabs.count())] == ["Stage 1", "Stage 2"]
    assert shown(panel, ("stages", 1, "optimisation", "learning_rate"))
    assert not shown(panel, _RATE)
    open_tiny.set(("stages", 1, "optimisation", "epochs"), 99)
    deck.up.click()
    assert open_tiny.value(("stages", 0, "optimisation", "epochs")) == 99
    assert deck.tabs.currentIndex() == 0
    line: Any = row(panel, ("stages", 0, "optimisation", "epochs")).field.entry
    assert line.text() == "99"
    deck.remove.click()
    assert len(open_tiny.value(("stages",))) == 1
    assert line.text() == "4"
    assert not deck.tabs.isVisibleTo(panel)


def test_a_click_on_a_problem_goes_to_its_field_through_closed_boxes_and_other_stages(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    (deck,) = parts(panel, StageDeck)
    deck.add.click()
    place = ("stages", 1, "inputs", "augmentation", "shift")
    open_tiny.set(place, -2)
    open_tiny.set(("monitoring", "log_every"), -1)
    deck.tabs.setCurrentIndex(0)
    panel.activateWindow()
    assert panel.problems.isVisible()
    for number, location in enumerate((place, ("monitoring", "log_every"))):
        qtbot.mouseClick(panel.problems.lines[number], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(row(panel, location).field.entry.hasFocus)
        assert not row(panel, location).field.entry.visibleRegion().isEmpty()


def test_a_closed_box_says_that_something_in_it_is_refused(panel: RecipePanel, open_tiny: RecipeDocument) -> None:
    more = box(panel, "More")
    open_tiny.set(("autosave", "seconds"), -1.0)
    assert not shown(panel, ("autosave", "seconds"))
    assert any(label.toolTip() == open_tiny.problems[("autosave", "seconds")] for label in more.findChildren(QWidget))


def test_a_problem_of_the_whole_recipe_stands_at_the_top(panel: RecipePanel, open_tiny: RecipeDocument) -> None:
    open_tiny.set(("teachers",), [])
    texts = [
        label.text() for label in panel.findChildren(QWidget) if hasattr(label, "text") and label.isVisibleTo(panel)
    ]
    assert texts.count(open_tiny.problems[()]) == 2


def test_what_is_off_waits_behind_more_and_a_click_shows_it(panel: RecipePanel, qtbot: QtBot) -> None:
    training = box(panel, "Training")
    assert not shown(panel, ("stages", 0, "optimisation", "weight_decay"))
    assert shown(panel, _RATE)
    assert training.more.text().endswith("more settings")
    qtbot.mouseClick(training.more, Qt.MouseButton.LeftButton)
    assert shown(panel, ("stages", 0, "optimisation", "weight_decay"))
    qtbot.mouseClick(training.more, Qt.MouseButton.LeftButton)
    assert not shown(panel, ("stages", 0, "optimisation", "weight_decay"))


def test_more_holds_every_field_of_the_recipe_that_has_no_box_of_its_own(panel: RecipePanel) -> None:
    box(panel, "More").toggle.click()
    for location in (("monitoring", "probe_every"), ("autosave", "seconds"), ("export", "onnx")):
        assert shown(panel, location)


def test_editing_elsewhere_leaves_focus_cursor_and_scrolling_alone(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    panel.resize(330, 400)
    panel.activateWindow()
    panel.show_problem(_RATE)
    line: Any = row(panel, _RATE).field.entry
    qtbot.waitUntil(line.hasFocus)
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    line.setCursorPosition(2)
    before = bar.value()
    assert before > 0
    open_tiny.set(("student", "architecture", "hidden"), [30, 30])
    assert line.hasFocus()
    assert (line.cursorPosition(), bar.value()) == (2, before)
    hidden: Any = row(panel, ("student", "architecture", "hidden")).field.entry
    assert hidden.text() == "30, 30"


def test_a_hidden_panel_catches_up_when_it_is_shown(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    panel.hide()
    open_tiny.set(_RATE, 0.5)
    line: Any = row(panel, _RATE).field.entry
    assert line.text() == "0.05"
    panel.show()
    qtbot.waitUntil(lambda: line.text() == "0.5")


def test_another_recipe_takes_the_place_of_the_old_one(
    panel: RecipePanel, workspace: Workspace, recipe_file: Path, recipe_text: Callable[..., str]
) -> None:
    panel.findChild(QScrollArea).verticalScrollBar().setValue(200)
    text = recipe_text(teachers="", objective='kind = "hard_labels"')
    workspace.document.open_text(text, recipe_file.parent)
    assert panel.findChild(QScrollArea).verticalScrollBar().value() == 0
    assert not shown(panel, ("teachers", 0, "checkpoint"))
    assert not shown(panel, _T)
    assert parts(panel, FormulaLabel)[0].formula == "L = CE(hard label, p_S at T = 1)"


def card(panel: RecipePanel, location: tuple[Any, ...]) -> CheckpointCard:
    return next(part for part in panel.findChildren(CheckpointCard) if part.location == location)


def test_the_teachers_card_tells_what_it_is_and_how_often_it_errs(panel: RecipePanel, qtbot: QtBot) -> None:
    teacher = card(panel, ("teachers", 0))
    qtbot.waitUntil(lambda: "%" in teacher.text_of("error") and "of 15" in teacher.text_of("error"), timeout=30_000)
    assert teacher.text_of("architecture") == "MLP"
    assert teacher.text_of("parameters").startswith("131 (")
    assert teacher.text_of("input") == "4 features"
    assert teacher.text_of("classes") == "3: 0, 1, 2"


def test_a_new_students_card_tells_its_size_and_how_much_smaller_it_is(panel: RecipePanel, qtbot: QtBot) -> None:
    student = card(panel, ("student",))
    qtbot.waitUntil(lambda: student.text_of("compression") != "", timeout=30_000)
    assert student.text_of("parameters").startswith("67 (")
    assert student.text_of("compression") == "2.0 × smaller"
    type_over(qtbot, panel, ("student", "architecture", "hidden"), "100")
    qtbot.waitUntil(lambda: student.text_of("compression") == "6.1 × larger", timeout=30_000)


def test_a_missing_checkpoint_is_refused_in_the_cards_place(panel: RecipePanel, qtbot: QtBot) -> None:
    teacher = card(panel, ("teachers", 0))
    type_over(qtbot, panel, ("teachers", 0, "checkpoint"), "nowhere.safetensors")
    qtbot.waitUntil(lambda: "There is no checkpoint at" in teacher.refusal.text(), timeout=30_000)
    assert teacher.text_of("architecture") == ""
    type_over(qtbot, panel, ("teachers", 0, "checkpoint"), "teacher.safetensors")
    qtbot.waitUntil(lambda: teacher.text_of("architecture") == "MLP", timeout=30_000)
    assert teacher.refusal.isHidden()


def test_a_teacher_that_does_not_fit_the_data_says_so_and_still_tells_what_it_is(
    panel: RecipePanel, qtbot: QtBot, recipe_file: Path, clustered_arrays: Callable[..., dict[str, np.ndarray]]
) -> None:
    np.savez(recipe_file.parent / "wide.npz", **clustered_arrays(features=7))
    type_over(qtbot, panel, ("data", "file"), "wide.npz")
    teacher = card(panel, ("teachers", 0))
    words = "It reads inputs of 4, but the data has 7."
    qtbot.waitUntil(lambda: teacher.text_of("error") == words, timeout=30_000)
    assert teacher.text_of("architecture") == "MLP"


def test_an_evaluation_is_seen_and_called_off_when_another_checkpoint_is_named(
    panel: RecipePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, recipe_file: Path
) -> None:
    ended: list[str] = []

    def slow(_: Inspector, job: Job[Any], path: Path, *_others: Any, **_more: Any) -> Score:
        try:
            while path.name == "slow.safetensors":
                job.say("Evaluating…", 0.25)
                time.sleep(0.005)
        except Cancelled:
            ended.append(path.name)
            raise
        return Score(1, 8)

    monkeypatch.setattr(Inspector, "score", slow)
    teacher = card(panel, ("teachers", 0))
    for name in ("slow.safetensors", "other.safetensors"):
        shutil.copy(recipe_file.parent / "teacher.safetensors", recipe_file.parent / name)
    type_over(qtbot, panel, ("teachers", 0, "checkpoint"), "slow.safetensors")
    qtbot.waitUntil(lambda: teacher.text_of("error") == "Evaluating… 25 %", timeout=30_000)
    type_over(qtbot, panel, ("teachers", 0, "checkpoint"), "other.safetensors")
    qtbot.waitUntil(lambda: teacher.text_of("error") == "12.50 % (1 of 8)", timeout=30_000)
    assert ended == ["slow.safetensors"]


def test_a_new_recipe_has_a_card_for_the_student_and_none_for_what_is_not_chosen(
    panel: RecipePanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.document.new()
    student = card(panel, ("student",))
    qtbot.waitUntil(lambda: student.text_of("parameters") == "known once the data is chosen")
    assert not parts(panel, DataCard)


def test_a_card_is_hidden_while_no_checkpoint_is_named(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(("teachers", 0, "checkpoint"), "")
    assert card(panel, ("teachers", 0)).isHidden()
    open_tiny.undo_stack.undo()
    assert not card(panel, ("teachers", 0)).isHidden()


def test_the_datas_card_tells_what_it_holds(panel: RecipePanel, qtbot: QtBot) -> None:
    (data,) = parts(panel, DataCard)
    qtbot.waitUntil(lambda: data.text_of("training") == "45 examples", timeout=30_000)
    assert data.text_of("held out") == "15 examples"


def test_the_card_of_conversations_tells_of_responses_and_answers_instead_of_classes(
    panel: RecipePanel, open_tiny: RecipeDocument, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "chats.jsonl").write_text(
        "\n".join(f'{{"prompt": "{n} + 1 =", "answer": {n + 1}}}' for n in range(20)), encoding="utf-8"
    )
    (data,) = parts(panel, DataCard)
    qtbot.waitUntil(lambda: data.text_of("classes") != "", timeout=30_000)
    open_tiny.set(("data",), {**fresh(Conversations), "file": str(tmp_path / "chats.jsonl")})
    qtbot.waitUntil(lambda: any(card.text_of("responses") == "all" for card in parts(panel, DataCard)), timeout=30_000)
    (data,) = parts(panel, DataCard)
    assert {name: data.text_of(name) for name in ("training", "held out", "input", "classes", "known answers")} == {
        "training": "18 examples", "held out": "2 examples", "input": "", "classes": "", "known answers": "all",
    }  # fmt: skip
    assert data.refusal.isHidden()


def test_an_edit_of_something_else_asks_for_no_card_again(
    panel: RecipePanel, workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    teacher, student, (data,) = card(panel, ("teachers", 0)), card(panel, ("student",)), parts(panel, DataCard)
    # Each card asks on a timer of its own: idleness counts only once all of them have been told.
    told = ((teacher, "error"), (student, "parameters"), (data, "held out"))
    qtbot.waitUntil(
        lambda: all(part.text_of(name)[:1].isdigit() for part, name in told) and workspace.jobs.is_idle, timeout=30_000
    )
    heard: list[int] = []
    workspace.jobs.changed.connect(lambda: heard.append(1))
    open_tiny.set(_RATE, 0.3)
    with qtbot.waitSignal(workspace.pump.redraw, timeout=2000):
        panel.mark_stale()
    assert not heard


def test_a_panel_that_is_taken_away_calls_its_jobs_off(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    panel = RecipePanel(workspace)
    panel.show()
    qtbot.waitUntil(lambda: bool(workspace.jobs.jobs), timeout=10_000)
    panel.hide()
    panel.deleteLater()
    qtbot.waitUntil(lambda: not workspace.jobs.jobs, timeout=10_000)


def test_everything_that_takes_the_focus_has_a_name(panel: RecipePanel) -> None:
    for part in panel.findChildren(SectionBox):
        if not part.parts:
            part.toggle.click()
        part.more.click()
    nameless = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(panel)
        and not widget.accessibleName()
        and not isinstance(widget, FormPart)
    ]
    assert not [(type(widget).__name__, widget.objectName()) for widget in nameless]


def test_everything_changes_its_colours_with_the_theme(panel: RecipePanel, workspace: Workspace) -> None:
    before = panel.grab().toImage().pixelColor(4, 4)
    workspace.theme.mode = "dark"
    QApplication.processEvents()
    assert panel.grab().toImage().pixelColor(4, 4) != before
