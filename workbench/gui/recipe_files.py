"""Recipes in and out of the window: new, open, save, clone; unsaved changes are never lost unasked."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.asking import ask, choose
from workbench.gui.workspace import Workspace
from workbench.recipe.file_names import RECIPE_SUFFIX, RECIPE_SUFFIXES, is_named_as_recipe

_RECIPES = f"Recipes ({' '.join(f'*{suffix}' for suffix in RECIPE_SUFFIXES)});;All files (*)"


class RecipeFiles(QObject):
    """Opens and saves the workspace's document, asking over a window what must be asked."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._workspace = window, workspace
        self._document = workspace.document

    @property
    def start(self) -> Path:
        """Where a file dialog begins."""
        return self._document.folder if self._document.folder.is_dir() else Path.home()

    def new(self, then: Callable[[], None]) -> None:
        """An empty recipe."""

        def begun() -> None:
            self._document.new()
            then()

        self.guarded(begun)

    def ask_and_open(self, then: Callable[[], None]) -> None:
        """Choose a recipe to open."""

        def chosen(path: Path) -> None:
            self.open(path, then)

        choose(self._window, "Open a recipe", chosen, start=self.start, filters=_RECIPES)

    def open(self, path: Path, then: Callable[[], None]) -> None:
        """Open a recipe file, once nothing would be lost by it."""

        def opened() -> None:
            self._document.open_file(path)
            self._workspace.settings.add_recent(path)

        self.guarded(lambda: self._attempt(opened, then))

    def open_copy(self, path: Path, folder: Path, then: Callable[[], None]) -> None:
        """A copy of an example, or of a run's recipe, whose file names count from `folder`."""

        def opened() -> None:
            self._document.open_text(path.read_text(encoding="utf-8"), folder)

        self.guarded(lambda: self._attempt(opened, then))

    def save(self) -> None:
        """Write the recipe to its file, or ask for one."""
        if self._document.path is None:
            self.save_as()
        else:
            self._save(self._document.path)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a file, write the recipe to it, and go on once it is written."""
        # A copy counts its file names from the folder of an example or a run, where nothing of a person's belongs.
        start = self._document.path or Path.home() / f"{self._document.title.replace('/', '-')}{RECIPE_SUFFIX}"

        def write(path: Path) -> None:
            if self._save(path) and then is not None:
                then()

        def chosen(path: Path) -> None:
            # Qt takes what follows the dot of “v1.2” for a suffix, by which no system would know a recipe.
            if is_named_as_recipe(path) or path.exists():
                write(path)
                return
            named = path.with_name(path.name + RECIPE_SUFFIX)
            if named.exists():
                answers = (("Replace", lambda: write(named)), ("Cancel", None))
                ask(self._window, f"Replace {named.name}?", f"A file of that name is in {named.parent}.", answers)
            else:
                write(named)

        mode = QFileDialog.FileMode.AnyFile
        suffix = RECIPE_SUFFIX.removeprefix(".")
        choose(self._window, "Save the recipe", chosen, start=start, filters=_RECIPES, mode=mode, suffix=suffix)

    def guarded(self, then: Callable[[], None]) -> None:
        """Go on once unsaved changes are saved, or given up on purpose."""
        if not self._document.is_dirty:
            then()
            return

        def save_first() -> None:
            if self._document.path is None:
                self.save_as(then)
            elif self._save(self._document.path):
                then()

        ask(
            self._window,
            f"Save the changes to “{self._document.title}”?",
            "They are lost otherwise.",
            (("Save", save_first), ("Discard", then), ("Cancel", None)),
        )

    def _save(self, path: Path) -> bool:
        try:
            self._document.save(path)
        except WorkbenchError as error:
            self._workspace.failed.emit(error)
            return False
        self._workspace.settings.add_recent(path)
        self._workspace.noticed.emit("ok", f"Saved {path.name}.")
        return True

    def _attempt(self, act: Callable[[], None], then: Callable[[], None]) -> None:
        try:
            act()
        except WorkbenchError as error:
            self._workspace.failed.emit(error)
        except (OSError, UnicodeDecodeError) as error:
            self._workspace.failed.emit(WorkbenchError(f"The recipe cannot be read: {error}."))
        else:
            then()
