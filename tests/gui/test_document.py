"""The recipe on the screen: edits, undo, problems, files, and a person's comments."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.document import RecipeDocument
from workbench.recipe import read_recipe
from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh

_T = ("stages", 0, "objective", "temperature")
_ALPHA = ("stages", 0, "objective", "alpha")


@pytest.fixture
def document(recipe_file: Path, qtbot: QtBot) -> RecipeDocument:
    document = RecipeDocument()
    document.open_file(recipe_file)
    return document


def test_a_new_document_is_a_recipe_that_lacks_only_its_data(qtbot: QtBot) -> None:
    document = RecipeDocument()
    assert list(document.problems) == [("data", "images")]
    assert document.title == "untitled"
    assert not document.is_dirty


def test_an_edit_is_heard_and_makes_the_document_unsaved(document: RecipeDocument, qtbot: QtBot) -> None:
    with qtbot.waitSignals([document.edited, document.file_changed]):
        document.set(_T, 8.0)
    assert document.is_dirty
    assert document.recipe is not None
    assert document.recipe.stages[0].objective.temperature == 8.0


def test_setting_what_is_there_already_is_no_edit(document: RecipeDocument) -> None:
    document.set(_T, 2.0)
    assert document.undo_stack.count() == 0


def test_typing_into_a_field_is_one_step_to_undo(document: RecipeDocument) -> None:
    for value in ("1", 1.0, 12.0, 12.5):
        document.set(_T, value)
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "temperature"
    document.undo_stack.undo()
    assert document.value(_T) == 2.0
    document.undo_stack.redo()
    assert document.value(_T) == 12.5


def test_two_visits_to_a_field_are_two_steps_to_undo(document: RecipeDocument) -> None:
    document.set(_T, 3.0)
    document.settle()
    document.set(_T, 4.0)
    document.undo_stack.undo()
    assert document.value(_T) == 3.0


def test_two_fields_are_two_steps_to_undo(document: RecipeDocument) -> None:
    document.set(_T, 3.0)
    document.set(_ALPHA, 0.1)
    document.undo_stack.undo()
    assert (document.value(_T), document.value(_ALPHA)) == (3.0, 0.5)


def test_typing_back_what_was_there_leaves_nothing_to_undo_and_nothing_to_save(document: RecipeDocument) -> None:
    document.set(_T, 3.0)
    document.set(_T, 2.0)
    assert document.undo_stack.count() == 0
    assert not document.is_dirty
    assert document.value(_T) == 2.0


def test_a_refused_value_stays_and_there_is_no_recipe_meanwhile(document: RecipeDocument) -> None:
    document.set(_T, "hot")
    assert document.recipe is None
    assert document.value(_T) == "hot"
    assert list(document.problems) == [_T]
    with pytest.raises(WorkbenchError, match="One value is refused"):
        document.to_toml()
    document.undo_stack.undo()
    assert document.recipe is not None
    assert document.problems == {}


def test_a_saved_file_keeps_comments_and_the_document_is_clean(document: RecipeDocument, recipe_file: Path) -> None:
    recipe_file.write_text("# mine\n" + recipe_file.read_text())
    document.open_file(recipe_file)
    document.set(_T, 7.0)
    document.save(recipe_file)
    assert recipe_file.read_text().startswith("# mine\n")
    assert read_recipe(recipe_file).stages[0].objective.temperature == 7.0  # type: ignore[union-attr]
    assert not document.is_dirty


def test_a_file_saved_in_another_folder_still_finds_its_data(
    document: RecipeDocument, recipe_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    document.save(tmp_path / "other" / "copy.toml")
    assert document.value(("data", "file")) == str(recipe_file.parent / "data.npz")
    assert document.folder == tmp_path / "other"


def test_a_recipe_that_is_refused_leaves_the_old_one_open(document: RecipeDocument, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = 3\n")
    document.set(_T, 5.0)
    with pytest.raises(WorkbenchError):
        document.open_file(tmp_path / "bad.toml")
    assert document.value(_T) == 5.0
    assert document.is_dirty


def test_another_recipe_is_heard_and_has_nothing_to_undo(
    document: RecipeDocument, recipe_file: Path, qtbot: QtBot
) -> None:
    document.set(_T, 5.0)
    with qtbot.waitSignals([document.opened, document.edited, document.file_changed]):
        document.open_file(recipe_file)
    assert document.value(_T) == 2.0
    assert not document.undo_stack.canUndo()


def test_a_file_that_is_not_there_is_refused_in_words(document: RecipeDocument, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"nowhere\.toml cannot be read"):
        document.open_file(tmp_path / "nowhere.toml")


def test_data_of_another_sort_take_student_and_stages_with_them_in_one_undo_step(qtbot: QtBot) -> None:
    document = RecipeDocument()
    document.set(("data",), {**fresh(Conversations), "file": "talks.jsonl"})
    assert document.value(("student", "architecture", "kind")) == "teacher_layers"
    assert document.value(("stages", 0, "inputs", "kind")) == "teacher_written"
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.value(("student", "architecture", "kind")) == "mlp"
    assert document.value(("stages", 0, "inputs", "kind")) == "transfer_set"
