"""Recipes in and out of the window: what is unsaved is asked about, what is refused changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from gui.dialogs import answer, choose_file, the_file_dialog
from workbench.errors import WorkbenchError
from workbench.gui.document import RecipeDocument
from workbench.gui.recipe_files import RecipeFiles
from workbench.gui.workspace import Workspace
from workbench.recipe import read_recipe
from workbench.session.places import resources_folder

_EXAMPLE = resources_folder() / "examples" / "hinton-mnist" / "student.toml"
_T = ("stages", 0, "objective", "temperature")


@dataclass
class Desk:
    """The tiny recipe open over an empty window, and how often something went on because it was safe to."""

    workspace: Workspace
    owner: QWidget
    files: RecipeFiles
    qtbot: QtBot
    gone_on: list[bool] = field(default_factory=list)

    @property
    def document(self) -> RecipeDocument:
        return self.workspace.document

    def then(self) -> None:
        self.gone_on.append(True)

    def choose(self, path: Path) -> None:
        choose_file(self.qtbot, self.owner, path)

    def answer(self, words: str) -> None:
        answer(self.qtbot, self.owner, words)

    def suggested(self) -> Path:
        """What the save dialog suggests."""
        (name,) = the_file_dialog(self.owner).selectedFiles()
        return Path(name)

    def put_away(self) -> None:
        the_file_dialog(self.owner).reject()
        self.qtbot.waitUntil(lambda: not self.owner.findChildren(QFileDialog))


@pytest.fixture
def desk(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, qt_dialogs: None) -> Iterator[Desk]:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.resize(700, 500)
    owner.show()
    assert workspace.document is open_tiny
    yield Desk(workspace, owner, RecipeFiles(workspace, owner), qtbot)
    assert not owner.findChildren(QMessageBox)
    assert not owner.findChildren(QFileDialog)


def test_a_changed_recipe_is_written_to_its_file_and_remembered(desk: Desk, recipe_file: Path) -> None:
    desk.document.set(_T, 7.0)
    with desk.qtbot.waitSignal(desk.workspace.noticed) as heard:
        desk.files.save()
    assert heard.args == ["ok", "Saved recipe.toml."]
    assert _temperature_in(recipe_file) == 7.0
    assert not desk.document.is_dirty
    assert desk.workspace.settings.recent() == [recipe_file]


def test_save_as_takes_the_recipe_to_another_folder_where_it_still_finds_its_data(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "else where").mkdir()
    old = desk.document.folder
    desk.document.set(_T, 7.0)
    desk.files.save_as(desk.then)
    assert desk.suggested() == old / "recipe.toml"
    target = tmp_path / "else where" / "mine.distil"
    desk.choose(target.with_suffix(""))
    assert desk.gone_on
    recipe = read_recipe(target)
    assert recipe.data.file == str(old / "data.npz")  # type: ignore[union-attr]
    assert recipe.teachers[0].checkpoint == str(old / "teacher.safetensors")
    assert (desk.document.path, desk.document.folder, desk.document.is_dirty) == (target, target.parent, False)
    assert desk.workspace.settings.recent() == [target]
    # Undo must not bring back names that count from the old folder.
    desk.document.undo_stack.undo()
    assert desk.document.value(("data", "file")) == str(old / "data.npz")


def test_an_example_opens_as_a_copy_without_a_file_and_asks_for_one_far_from_the_examples(
    desk: Desk, tmp_path: Path
) -> None:
    before = _EXAMPLE.read_bytes()
    desk.files.open_copy(_EXAMPLE, _EXAMPLE.parent, desk.then)
    assert desk.gone_on
    assert (desk.document.path, desk.document.is_dirty, desk.document.title) == (None, False, "hinton-mnist")
    assert desk.files.start == _EXAMPLE.parent
    desk.files.save()
    assert desk.suggested() == Path.home() / "hinton-mnist.distil"
    desk.choose(tmp_path / "mine.toml")
    assert desk.document.path == tmp_path / "mine.toml"
    assert Path(read_recipe(tmp_path / "mine.toml").teachers[0].checkpoint).is_file()
    assert _EXAMPLE.read_bytes() == before


def test_the_name_of_a_recipe_with_a_slash_is_still_suggested_as_a_file_name(desk: Desk) -> None:
    desk.document.new()
    desk.document.set(("name",), "T 4/8")
    desk.files.save_as()
    assert desk.suggested() == Path.home() / "T 4-8.distil"
    desk.put_away()


def test_a_disk_that_refuses_leaves_the_changes_unsaved_and_says_why(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    moved = tmp_path / "folder" / "recipe.toml"
    desk.document.save(moved)
    desk.document.set(_T, 7.0)
    moved.unlink()
    moved.parent.rmdir()
    moved.parent.write_text("a file where the folder was")
    with desk.qtbot.waitSignal(desk.workspace.failed) as heard:
        desk.files.save()
    assert isinstance(heard.args[0], WorkbenchError)
    assert str(moved) in heard.args[0].title
    assert desk.document.is_dirty
    assert desk.workspace.settings.recent() == []


def test_a_recipe_that_is_not_whole_is_not_written(desk: Desk, recipe_file: Path) -> None:
    before = recipe_file.read_text()
    desk.document.set(_T, -7.0)
    with desk.qtbot.waitSignal(desk.workspace.failed) as heard:
        desk.files.save()
    assert "One value is refused" in heard.args[0].title
    assert recipe_file.read_text() == before
    assert desk.document.is_dirty


@pytest.mark.parametrize("content", [b"name = 3\n", b"\xff\xfe\x00", b"= =", None])
def test_a_file_that_is_refused_leaves_the_old_recipe_open(desk: Desk, content: bytes | None, tmp_path: Path) -> None:
    before, bad = desk.document.path, tmp_path / "bad.toml"
    if content is not None:
        bad.write_bytes(content)
    for attempt in (lambda: desk.files.open(bad, desk.then), lambda: desk.files.open_copy(bad, tmp_path, desk.then)):
        with desk.qtbot.waitSignal(desk.workspace.failed) as heard:
            attempt()
        assert isinstance(heard.args[0], WorkbenchError)
    assert desk.document.path == before
    assert desk.document.recipe is not None
    assert not desk.gone_on
    assert desk.workspace.settings.recent() == []


def test_a_recipe_is_chosen_in_a_dialog_that_begins_beside_the_one_that_is_open(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(desk.document.to_toml().replace('name = "tiny"', 'name = "other"'))
    desk.files.ask_and_open(desk.then)
    assert Path(the_file_dialog(desk.owner).directory().absolutePath()) == desk.document.folder
    desk.choose(other)
    assert desk.document.title == "other"
    assert desk.gone_on


@pytest.mark.parametrize("name", ["mine.distil", "mine.toml"])
def test_a_recipe_is_saved_under_either_suffix_and_opens_again(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.document.set(_T, 7.0)
    desk.files.save_as()
    assert the_file_dialog(desk.owner).nameFilters()[0] == "Recipes (*.distil *.toml)"
    desk.choose(tmp_path / name)
    desk.document.new()
    desk.files.open(tmp_path / name, desk.then)
    assert desk.gone_on
    assert desk.document.value(_T) == 7.0
    assert desk.workspace.settings.recent() == [tmp_path / name]


def test_a_name_with_a_dot_gets_the_suffix_of_recipes_too(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as()
    desk.choose(tmp_path / "v1.2")
    assert desk.document.path == tmp_path / "v1.2.distil"
    assert not (tmp_path / "v1.2").exists()


@pytest.mark.parametrize(("words", "is_replaced"), [("Replace", True), ("Cancel", False)])
def test_a_file_that_the_suffix_leads_to_is_asked_about(
    desk: Desk, tmp_path: Path, words: str, *, is_replaced: bool
) -> None:
    older = tmp_path / "v1.2.distil"
    older.write_text("older")
    desk.files.save_as(desk.then)
    desk.choose(tmp_path / "v1.2")
    assert not desk.gone_on
    desk.answer(words)
    assert (older.read_text() != "older") is is_replaced
    assert bool(desk.gone_on) is is_replaced


def test_without_unsaved_changes_nothing_is_asked(desk: Desk) -> None:
    desk.files.guarded(desk.then)
    assert desk.gone_on


@pytest.mark.parametrize(
    ("words", "goes_on", "written"), [("Save", True, 7.0), ("Discard", True, 2.0), ("Cancel", False, 2.0)]
)
def test_unsaved_changes_are_asked_about_and_each_answer_does_what_it_says(
    desk: Desk, recipe_file: Path, words: str, goes_on: bool, written: float
) -> None:
    desk.document.set(_T, 7.0)
    desk.files.guarded(desk.then)
    assert not desk.gone_on
    desk.answer(words)
    assert bool(desk.gone_on) is goes_on
    assert _temperature_in(recipe_file) == written
    assert desk.document.value(_T) == 7.0


def test_save_before_going_on_asks_for_a_file_where_there_is_none_and_waits_for_it(
    desk: Desk, recipe_file: Path, tmp_path: Path
) -> None:
    desk.document.open_text(recipe_file.read_text(), recipe_file.parent)
    desk.document.set(_T, 7.0)
    desk.files.guarded(desk.then)
    desk.answer("Save")
    desk.put_away()
    assert not desk.gone_on
    assert desk.document.is_dirty
    desk.files.guarded(desk.then)
    desk.answer("Save")
    assert not desk.gone_on
    desk.choose(tmp_path / "kept.toml")
    assert desk.gone_on
    assert _temperature_in(tmp_path / "kept.toml") == 7.0


def test_a_save_that_fails_does_not_go_on(desk: Desk) -> None:
    desk.document.set(_T, -7.0)
    desk.files.guarded(desk.then)
    with desk.qtbot.waitSignal(desk.workspace.failed):
        desk.answer("Save")
    assert not desk.gone_on
    assert desk.document.is_dirty


def test_a_new_recipe_takes_the_place_of_the_old_one_once_that_is_safe(desk: Desk) -> None:
    desk.document.set(_T, 7.0)
    desk.files.new(desk.then)
    assert desk.document.title == "tiny"
    desk.answer("Discard")
    assert (desk.document.title, desk.document.path) == ("untitled", None)
    assert desk.gone_on


def _temperature_in(path: Path) -> float:
    objective = read_recipe(path).stages[0].objective
    return float(objective.temperature)  # type: ignore[union-attr]
