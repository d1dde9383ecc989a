"""What comes in from outside, dropped or opened: told by its content, then asked what it is for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from workbench.errors import WorkbenchError
from workbench.gui.asking import ask
from workbench.gui.main_window import MainWindow
from workbench.gui.widgets.naming import in_words
from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh
from workbench.recipe.models import Teacher
from workbench.session.guessing_data import as_held_out
from workbench.session.opening import Found, look_at


class Incoming(QObject):
    """Brings a file or folder to where it belongs.

    Args:
        window: The window.
        open_recipe: What becomes of recipes.
        show_run: What becomes of runs.
    """

    def __init__(
        self, window: MainWindow, open_recipe: Callable[[Path], None], show_run: Callable[[Path], None]
    ) -> None:
        super().__init__(window)
        self._window, self._workspace = window, window.workspace
        self._document = window.workspace.document
        self._open_recipe, self._show_run = open_recipe, show_run

    def open_path(self, path: Path) -> None:
        """See what it is, in the background, and go on from there."""
        self._workspace.jobs.start(f"Looking at {path.name}", lambda _: look_at(path), self._open_found)

    def _open_found(self, found: Found) -> None:
        if found.kind == "recipe":
            self._open_recipe(found.path)
        elif found.kind == "run":
            self._show_run(found.path)
        elif found.kind == "picture":
            self._show_picture(found.path)
        elif found.data is not None:
            self._ask_use(found.path, found.data)
        else:
            self._ask_role(found)

    # -- checkpoints

    def _ask_role(self, found: Found) -> None:
        path = found.path
        as_teacher = ("Teacher", lambda: self._add_teacher(path, writes_text=found.writes_text))
        if not found.is_trainable:
            words = "It is a finished program: it can be learned from, but no student can start from it."
            ask(self._window, f"Use {path.name} as a teacher?", words, (as_teacher, ("Cancel", None)))
            return
        ask(
            self._window,
            f"What is {path.name} in this recipe?",
            "A teacher is learned from and never changed; a student starts from the checkpoint's weights.",
            (
                as_teacher,
                ("Start of the student", lambda: self._start_student(path, writes_text=found.writes_text)),
                ("Cancel", None),
            ),
        )

    def _add_teacher(self, path: Path, *, writes_text: bool) -> None:
        self._expect_text(writes_text)
        teachers = [*self._document.value(("teachers",)), {**fresh(Teacher), "checkpoint": str(path)}]
        self._put(("teachers",), teachers, f"teacher {path.name}", "recipe")

    def _start_student(self, path: Path, *, writes_text: bool) -> None:
        self._expect_text(writes_text)
        student = {**self._document.value(("student",)), "checkpoint": str(path), "architecture": None}
        self._put(("student",), student, f"student {path.name}", "recipe")

    def _expect_text(self, writes_text: bool) -> None:
        """A language model brings its kind of data along, while the recipe names none."""
        data = self._document.value(("data",))
        is_named = any(data.get(name) for name in ("file", "folder", "images"))
        if writes_text and not is_named and data["kind"] != "conversations":
            self._document.set(("data",), fresh(Conversations), "data of conversations")

    # -- data

    def _ask_use(self, path: Path, data: dict[str, Any]) -> None:
        ask(
            self._window,
            f"What is {path.name} for?",
            f"It will be read as: {in_words(str(data['kind']))}. The student trains on training data; "
            "held-out data only judges it.",
            (
                ("Use as training data", lambda: self._use_data(path, data)),
                ("Use as held-out data", lambda: self._judge_by(path, data)),
                ("Cancel", None),
            ),
        )

    def _judge_by(self, path: Path, data: dict[str, Any]) -> None:
        try:
            self._use_data(path, as_held_out(self._document.value(("data",)), data))
        except WorkbenchError as error:
            self._workspace.failed.emit(error)

    def _use_data(self, path: Path, data: dict[str, Any]) -> None:
        self._put(("data",), data, f"data {path.name}", "data")

    def _put(self, location: tuple[str, ...], value: Any, words: str, panel: str) -> None:
        """One undo step, and a look at what came of it."""
        self._document.settle()
        self._document.set(location, value, words)
        self._document.settle()
        self._window.show_docks(panel)

    # -- pictures

    def _show_picture(self, path: Path) -> None:
        # Imported here: the window is painted before any panel is loaded.
        from workbench.gui.panels.playground import PlaygroundPanel

        self._window.show_docks("playground")
        panel = self._window.docks.panels.get("playground")
        if isinstance(panel, PlaygroundPanel):
            panel.open_file(path)
