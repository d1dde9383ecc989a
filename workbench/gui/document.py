"""The recipe being edited: a draft that may be wrong for a while, with undo, a file and a person's comments."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from workbench.errors import WorkbenchError
from workbench.recipe import Recipe, absolute_text, parse_recipe, write_recipe
from workbench.recipe.companions import following
from workbench.recipe.drafts import Draft, Location, checked, draft_of, fresh, value_at, with_value
from workbench.writing import write_atomically


class RecipeDocument(QObject):
    """One recipe on the screen.

    Signals:
        edited: Values changed, by a person, by undo or because another recipe was opened.
        opened: Another recipe took the place of the old one.
        file_changed: The file's name, or whether there are unsaved changes.

    Attributes:
        draft: Every value, as plain dictionaries and lists; never changed in place.
        recipe: The same as a checked recipe; None while something in it is refused.
        problems: A sentence for each refused value, by its place.
        path: The file; None before it was first saved.
        folder: What relative file names count from.
    """

    edited = Signal()
    opened = Signal()
    file_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self._tell_file_changed)
        self.path: Path | None = None
        self.folder = Path.home()
        self._text = ""
        self._visit = 0
        self.draft: Draft = new_draft()
        self.recipe: Recipe | None
        self.problems: dict[Location, str]
        self.recipe, self.problems = checked(self.draft)

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to lose."""
        return not self.undo_stack.isClean()

    @property
    def title(self) -> str:
        """The recipe's name."""
        return str(self.draft.get("name") or "untitled")

    def why_not_whole(self) -> str:
        """Why this is no recipe yet, in words; empty when it is one."""
        if not self.problems:
            return ""
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return f"The recipe is not whole: {next(iter(self.problems.values()))}{more}"

    def value(self, location: Location) -> Any:
        """The value at a place of the draft. Raises KeyError or IndexError where there is none."""
        return value_at(self.draft, location)

    def set(self, location: Location, value: Any, words: str = "") -> None:
        """Change one value, undoably; changes of the same value in a row are undone at once until `settle`.

        Where data with classes gives way to text, or back, student and stages follow in the same step.

        Args:
            location: Where, such as ("stages", 0, "objective", "temperature").
            value: A plain value; a section is a dictionary, a list of sections a list.
            words: What undo calls it; the last key where it is empty.
        """
        if value_at(self.draft, location) == value:
            return
        name = words or str(location[-1]).replace("_", " ")
        after = following(self.draft, with_value(self.draft, location, value))
        self.undo_stack.push(_Edit(self, location, after, name, self._visit))

    def settle(self) -> None:
        """A person left the field: what is changed next is undone by itself, even if it is the same value again."""
        self._visit += 1

    def new(self) -> None:
        """Begin an empty recipe."""
        self._open(new_draft(), "", None, Path.home())

    def open_text(self, text: str, folder: Path, path: Path | None = None) -> None:
        """Show a recipe.

        Args:
            text: Its TOML.
            folder: What its file names count from.
            path: Its file; None for a copy that has none yet, such as an example or a clone of a run.

        Raises:
            WorkbenchError: The recipe is refused; the old one stays.
        """
        recipe = parse_recipe(text, str(path or "recipe"))
        self._open(draft_of(recipe), text, path, folder)

    def open_file(self, path: Path) -> None:
        """Open a recipe file. Raises WorkbenchError as `open_text`."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WorkbenchError(f"{path} cannot be read: {error}.", "Check the name and the folder.") from None
        self.open_text(text, path.resolve().parent, path.resolve())

    def to_toml(self) -> str:
        """The recipe as TOML, comments kept.

        Raises:
            WorkbenchError: Something in it is refused; every problem is named.
        """
        if self.recipe is None:
            count = "One value is" if len(self.problems) == 1 else f"{len(self.problems)} values are"
            raise WorkbenchError(
                f"{count} refused, so the recipe is not whole yet.",
                "Mend what is marked in the recipe panel.",
                "\n".join(self.problems.values()),
            )
        return write_recipe(self.recipe, self._text)

    def to_absolute_toml(self) -> str:
        """The same with absolute file names, for a run. Raises WorkbenchError."""
        return absolute_text(self.to_toml(), self.folder, str(self.path or self.title))

    def save(self, path: Path) -> None:
        """Write the file; in another folder the recipe's file names become absolute, and undo begins anew.

        Raises:
            WorkbenchError: The recipe is not whole, or the disk refuses; nothing is lost then.
        """
        path = path.resolve()
        moved = path.parent != self.folder
        text = self.to_absolute_toml() if moved else self.to_toml()
        write_atomically(path, text.encode())
        if moved:
            # What undo would bring back names files as seen from the old folder.
            self.undo_stack.clear()
            self.draft = draft_of(parse_recipe(text))
            self.recipe, self.problems = checked(self.draft)
        self._text, self.path, self.folder = text, path, path.parent
        self.undo_stack.setClean()
        self.file_changed.emit()
        self.edited.emit()

    def take(self, draft: Draft) -> None:
        """Put a draft on the screen; only edits and undo call it."""
        self.draft = draft
        self.recipe, self.problems = checked(draft)
        self.edited.emit()

    def _tell_file_changed(self, _is_clean: bool) -> None:
        self.file_changed.emit()

    def _open(self, draft: Draft, text: str, path: Path | None, folder: Path) -> None:
        self._text, self.path, self.folder = text, path, folder
        self.undo_stack.clear()
        self.take(draft)
        self.opened.emit()
        self.file_changed.emit()


class _Edit(QUndoCommand):
    """One change; drafts share what they have in common, so keeping both costs little."""

    def __init__(self, document: RecipeDocument, location: Location, after: Draft, words: str, visit: int) -> None:
        super().__init__(words)
        self._document, self._location, self._visit = document, location, visit
        self._before, self._after = document.draft, after

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or (other._location, other._visit) != (self._location, self._visit):
            return False
        self._after = other._after
        # Typed back to what it was: there is nothing to undo, and nothing unsaved.
        self.setObsolete(self._after == self._before)
        return True

    def undo(self) -> None:
        self._document.take(self._before)

    def redo(self) -> None:
        self._document.take(self._after)


def new_draft() -> Draft:
    """An empty recipe: a small new student, no teacher and no data yet."""
    draft: Draft = fresh(Recipe)
    draft["name"] = "untitled"
    mlp: Any = {"kind": "mlp", "hidden": [800, 800], "dropout": 0.0, "input_dropout": 0.0}
    return with_value(draft, ("student", "architecture"), mlp)
