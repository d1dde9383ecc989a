"""What each action of the window does: files, runs, pages; every question asked without blocking."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from workbench.gui.asking import choose
from workbench.gui.incoming import Incoming
from workbench.gui.leaving import Leaving
from workbench.gui.main_window import MainWindow
from workbench.gui.opening_outside import open_outside
from workbench.gui.recipe_files import RecipeFiles
from workbench.session.places import log_folder
from workbench.session.run import RunStatus


class Deeds(QObject):
    """Connects the window's actions to the workspace."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._workspace = window, window.workspace
        self._document = window.workspace.document
        self.files = RecipeFiles(self._workspace, window)
        self.incoming = Incoming(window, self.open_recipe, self.show_run)
        Leaving(window, self.files)
        for name, deed in self._deeds().items():
            window.actions_by_name.named(name).triggered.connect(deed)
        window.dropped.connect(self.open_paths)
        window.recent_menu.aboutToShow.connect(self._fill_recent)
        window.welcome.example_wanted.connect(self.open_example)
        window.welcome.recipe_wanted.connect(self.open_recipe)
        window.welcome.run_wanted.connect(self.show_run)
        window.welcome.resume_wanted.connect(self.resume_run)
        self._document.undo_stack.canUndoChanged.connect(self._show_undo)
        self._document.undo_stack.canRedoChanged.connect(self._show_undo)
        self._document.undo_stack.undoTextChanged.connect(self._show_undo)
        self._workspace.status_changed.connect(self._show_run_actions)
        self._workspace.watched_changed.connect(self._show_run_actions)
        self._workspace.watched_changed.connect(self._show_examples)
        window.pages.currentChanged.connect(self._show_examples)
        self._workspace.runs_changed.connect(self._show_run_actions)
        self._workspace.theme.changed.connect(self._show_theme)
        self._workspace.panel_wanted.connect(window.show_docks)
        self._workspace.clone_wanted.connect(self.clone_run)
        self._show_undo()
        self._show_run_actions()
        self._show_theme()

    def _deeds(self) -> dict[str, Callable[[], object]]:
        window, workspace = self._window, self._workspace
        return {
            "new": self.new,
            "open": self.ask_recipe,
            "open_run": self.ask_run,
            "open_checkpoint": self.ask_checkpoint,
            "save": self.files.save,
            "save_as": self.ask_save_as,
            "quit": window.close,
            "undo": self._document.undo_stack.undo,
            "redo": self._document.undo_stack.redo,
            "train": self.train,
            "train_both": self.train_both,
            "check": self.check,
            "pause": self.pause_or_resume,
            "stop": workspace.stop,
            "baseline_too": self.train_baseline_too,
            "welcome": window.show_welcome,
            "theme_system": self.theme_system,
            "theme_light": self.theme_light,
            "theme_dark": self.theme_dark,
            "reset_docks": window.docks.reset,
            "full_screen": self.full_screen,
            "log": self.show_log,
        }

    # -- recipes

    def new(self) -> None:
        """An empty recipe."""
        self.files.new(self._look_at_recipe)

    def ask_recipe(self) -> None:
        """Choose a recipe to open."""
        self.files.ask_and_open(self._look_at_recipe)

    def open_recipe(self, path: Path) -> None:
        """Open a recipe file, once nothing would be lost by it."""
        self.files.open(path, self._look_at_recipe)

    def open_example(self, path: Path, train: bool) -> None:
        """A copy of an example, trained at once where asked for."""

        def opened() -> None:
            self._window.show_docks("curves")
            if train:
                self._workspace.train()

        self.files.open_copy(path, path.parent, opened)

    def clone_run(self, path: Path) -> None:
        """The recipe of a run as a new one."""
        self.files.open_copy(path / "recipe.toml", path, self._look_at_recipe)

    def ask_save_as(self) -> None:
        """Ask for a file and write the recipe to it."""
        self.files.save_as()

    def _look_at_recipe(self) -> None:
        self._window.show_docks("recipe")

    # -- runs

    def train(self) -> None:
        """Train what is on the screen, and look at it."""
        self._window.show_docks()
        self._workspace.train()

    def train_both(self) -> None:
        """The same, and the baseline after it."""
        self._window.show_docks()
        self._workspace.train(baseline=True)

    def check(self) -> None:
        """Say what speaks against training the recipe."""
        self._window.show_docks("recipe")
        self._workspace.ahead.look()

    def train_baseline_too(self) -> None:
        """Judge the run on the screen."""
        if self._workspace.watched is not None:
            self._window.show_docks()
            self._workspace.train_baseline(self._workspace.watched.path)

    def pause_or_resume(self) -> None:
        """The one key for both."""
        if self._workspace.status is RunStatus.PAUSED:
            self._workspace.resume()
        else:
            self._workspace.pause()

    def ask_run(self) -> None:
        """Choose the folder of a run."""
        folder = self._workspace.runs_folder
        start = folder if folder.is_dir() else Path.home()
        mode = QFileDialog.FileMode.Directory
        choose(self._window, "Open the folder of a run", self.show_run, start=start, mode=mode)

    def show_run(self, path: Path) -> None:
        """Put a run on the screen."""
        self._workspace.watch(path, lambda: self._window.show_docks("curves"))

    def resume_run(self, path: Path) -> None:
        """Go on with a run."""
        self._window.show_docks("curves")
        self._workspace.resume_run(path)

    # -- anything else

    def ask_checkpoint(self) -> None:
        """Choose a trained model."""
        choose(self._window, "Open a checkpoint", self.incoming.open_path, start=self.files.start)

    def open_paths(self, paths: list[Path]) -> None:
        """Whatever was dropped or named on the command line."""
        for path in paths:
            self.incoming.open_path(path)

    # -- the window

    def theme_system(self) -> None:
        """Light or dark as the system is."""
        self._set_theme("system")

    def theme_light(self) -> None:
        """Always light."""
        self._set_theme("light")

    def theme_dark(self) -> None:
        """Always dark."""
        self._set_theme("dark")

    def full_screen(self) -> None:
        """Use the whole screen, or no more."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_log(self) -> None:
        """Open the folder of the log."""
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        open_outside(folder)

    def _set_theme(self, mode: str) -> None:
        self._workspace.settings.theme = mode
        self._workspace.theme.mode = mode

    def _show_theme(self) -> None:
        for mode in ("system", "light", "dark"):
            self._window.actions_by_name.named(f"theme_{mode}").setChecked(self._workspace.theme.mode == mode)

    def _show_undo(self, _: object = None) -> None:
        stack, actions = self._document.undo_stack, self._window.actions_by_name
        actions.named("undo").setEnabled(stack.canUndo())
        actions.named("redo").setEnabled(stack.canRedo())
        actions.named("undo").setText(f"&Undo {stack.undoText()}".rstrip())
        actions.named("redo").setText(f"&Redo {stack.redoText()}".rstrip())

    def _show_run_actions(self, _: object = None) -> None:
        watched, actions = self._workspace.watched, self._window.actions_by_name
        ended = watched is not None and watched.run is None
        finished = ended and watched is not None and watched.is_finished
        kept = ended and watched is not None and watched.has_student
        actions.allow("export", "" if kept else "There is no run with a student that was kept on the screen.")
        could_judge = finished and watched is not None and watched.baseline is None and watched.learns_from_teacher
        why_not = "" if could_judge else "It needs a finished run with a teacher and without a baseline on the screen."
        actions.allow("baseline_too", "A run is going on." if self._workspace.is_training else why_not)

    def _show_examples(self, _: object = None) -> None:
        """What is watched of classes stands in another panel than what is watched of text."""
        watched = self._workspace.watched
        if watched is not None:
            panels = ("probabilities", "text") if watched.writes_text else ("text", "probabilities")
            self._window.docks.give_way(*panels)

    def _fill_recent(self) -> None:
        menu = self._window.recent_menu
        menu.clear()
        for path in self._workspace.settings.recent():
            action = QAction(str(path).replace("&", "&&"), menu)
            action.triggered.connect(lambda _=False, path=path: self.open_recipe(path))
            menu.addAction(action)
        if menu.isEmpty():
            menu.addAction("No recipes yet").setEnabled(False)
