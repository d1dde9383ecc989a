"""What every desktop program has: error cards, notices, preferences, a palette, a tour, an about box, an export."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.gui.about import AboutDialog
from workbench.gui.command_palette import CommandPalette
from workbench.gui.commands import Command
from workbench.gui.deeds import Deeds
from workbench.gui.export_dialog import ExportDialog
from workbench.gui.main_window import MainWindow
from workbench.gui.preferences_dialog import PreferencesDialog
from workbench.gui.reporting import Reporter
from workbench.gui.tour import Tour, steps_for
from workbench.gui.updating import Updating
from workbench.gui.widgets.error_stack import ErrorStack
from workbench.gui.widgets.notices import Notices

# A first-run tour waits until the window has settled.
_TOUR_AFTER_MS = 600


class Habits(QObject):
    """Made after the first paint: none of it is needed before.

    Attributes:
        errors: The stack of error cards.
        palette: The searchable list of all actions.
        updating: Looks for new versions.
    """

    def __init__(self, window: MainWindow, deeds: Deeds, reporter: Reporter | None = None) -> None:
        super().__init__(window)
        self._window, self._deeds, self._workspace = window, deeds, window.workspace
        theme, settings = self._workspace.theme, self._workspace.settings
        self.errors = ErrorStack(window, theme, window.pages)
        self.notices = Notices(window, theme, self.errors, window.pages)
        self.palette = CommandPalette(window, self._all_actions, theme, settings, self._recent)
        self.tour: Tour | None = None
        self._dialogs: dict[type[QDialog], QDialog] = {}
        self._workspace.noticed.connect(self.notices.add)
        self.updating = Updating(window)
        window.runtime_word.clicked.connect(self.show_runtime)
        if reporter is None:
            self._workspace.failed.connect(self._show_error)
        else:
            # Logged and counted on the way to its card.
            self._workspace.failed.connect(reporter.report)
            reporter.reported.connect(self._show_error)
            self._workspace.pump.ticked.connect(reporter.deliver)
        for name, deed in {
            "palette": self.palette.open,
            "preferences": self.show_preferences,
            "tour": self.begin_tour,
            "about": self.show_about,
            "export": self.show_export,
        }.items():
            window.actions_by_name.named(name).triggered.connect(deed)

    def _show_error(self, error: WorkbenchError, times: int = 1) -> None:
        """A card; or the question, where nothing but a person's consent is missing."""
        if isinstance(error, ConsentNeededError):
            self._workspace.consenting.ask_for(error, self._window)
        else:
            self.errors.add(error, times)

    def offer_tour(self) -> None:
        """Begin the tour by itself, the first time the program is ever opened."""
        if not self._workspace.settings.tour_seen:
            QTimer.singleShot(_TOUR_AFTER_MS, self, self.begin_tour)

    def begin_tour(self) -> None:
        """Walk through the window, page by page."""
        if self.tour is not None:
            return
        self.tour = Tour(self._window, steps_for(self._targets()), self._workspace.theme, self._workspace.settings)
        self.tour.finished.connect(self._tour_ended)
        self.tour.start()

    def show_preferences(self) -> None:
        """The preferences, once."""
        self._only(PreferencesDialog, self._new_preferences)

    def show_runtime(self) -> None:
        """The preferences, where they tell what training runs on."""
        dialog = self._only(PreferencesDialog, self._new_preferences)
        assert isinstance(dialog, PreferencesDialog), "made so"
        dialog.show_runtime()

    def show_about(self) -> None:
        """The about box, once."""
        self._only(AboutDialog, lambda: AboutDialog(self._workspace, self._window))

    def show_export(self) -> None:
        """Export the run on the screen."""
        watched = self._workspace.watched
        if watched is not None:
            self._only(ExportDialog, lambda: ExportDialog(self._workspace, watched.folder, self._window))

    def _new_preferences(self) -> PreferencesDialog:
        dialog = PreferencesDialog(self._workspace, self._window)
        dialog.arrangement_reset.connect(self._window.docks.reset)
        dialog.threads_kept.connect(self._window.runtime_word.take_threads)
        return dialog

    def _only(self, kind: type[QDialog], make: Callable[[], QDialog]) -> QDialog:
        """The one dialog of its kind, in front."""
        dialog = self._dialogs.get(kind)
        if dialog is None:
            dialog = self._dialogs[kind] = make()
            dialog.destroyed.connect(self._dialog_gone)
            dialog.setObjectName(kind.__name__)
        dialog.open() if isinstance(dialog, ExportDialog) else dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _dialog_gone(self, gone: QObject) -> None:
        name = gone.objectName()
        self._dialogs = {kind: dialog for kind, dialog in self._dialogs.items() if kind.__name__ != name}

    def _tour_ended(self) -> None:
        self.tour = None

    def _all_actions(self) -> list[QAction]:
        """Those of the menus, then what only a panel offers."""
        listed = [action for menu in self._window.menus.values() for action in menu.actions()]
        named = {action.text().replace("&", "") for action in listed}
        others = [
            action
            for panel in self._window.docks.panels.values()
            for action in panel.findChildren(QAction)
            if action.text().replace("&", "") not in named
        ]
        found = [*listed, *others]
        return [action for action in found if action.text() and not action.isSeparator() and action.menu() is None]

    def _recent(self) -> list[Command]:
        icon = self._workspace.theme.icon("open")
        return [
            Command(f"Open recent: {path.name}", _opener(self._deeds, path), icon, str(path.parent))
            for path in self._workspace.settings.recent()
        ]

    def _targets(self) -> dict[str, Callable[[], QWidget | None]]:
        """Where the tour halts; each brings its page to the front."""
        window = self._window

        def on_welcome() -> QWidget | None:
            window.show_welcome()
            return window.welcome.first_card

        def on_docks(widget: QWidget) -> Callable[[], QWidget | None]:
            def find() -> QWidget | None:
                window.show_docks()
                return widget

            return find

        def on_panel(name: str) -> Callable[[], QWidget | None]:
            def find() -> QWidget | None:
                window.show_docks(name)
                return window.docks.docks.get(name)

            return find

        return {
            "welcome": on_welcome,
            "recipe": on_panel("recipe"),
            "train": on_docks(window.run_bar.train),
            "knobs": on_docks(window.run_bar.knobs),
            "curves": on_panel("curves"),
            "probabilities": on_panel("probabilities"),
            "softening": on_panel("softening"),
            "eras": on_panel("eras"),
            "runs": on_panel("runs"),
            "playground": on_panel("playground"),
            "palette": on_docks(window.menuBar()),
        }


def _opener(deeds: Deeds, path: Path) -> Callable[[], None]:
    return lambda: deeds.open_recipe(path)
