"""The warnings of the run on the screen: how many there are, and all of them on a click."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget, QWidgetAction

from workbench.events import Event, Finding, Prepared, Warned
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.fitted_area import FittedArea
from workbench.gui.widgets.note_lines import NoteLines
from workbench.gui.workspace import Workspace
from workbench.session.history import History
from workbench.wording import counted

_WIDTH, _MOST_HEIGHT = 460, 360


class RunWarnings(QToolButton):
    """Hidden while there are none.

    Attributes:
        notes: The warnings, in a menu under the button.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, workspace.theme
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.notes = NoteLines(self._theme)
        self.setMenu(_menu_of(self.notes, self))
        workspace.heard.connect(self._heard)
        workspace.watched_changed.connect(self.refresh)
        self._theme.changed.connect(self._paint)
        self._paint()
        self.refresh()

    def refresh(self) -> None:
        """Show what is known of the run on the screen."""
        run = self._workspace.watched
        found = [] if run is None else warnings_of(run)
        self.notes.show_notes(found)
        self.setText(counted(len(found), "warning"))
        self.setToolTip("\n".join(finding.title for finding in found))
        self.setAccessibleName(f"{self.text()} of the run")
        self.setVisible(bool(found))

    def _heard(self, _: History, event: Event) -> None:
        if isinstance(event, (Prepared, Warned)):
            self.refresh()

    def _paint(self) -> None:
        self.setIcon(self._theme.icon("warning", "warning"))


def warnings_of(run: WatchedRun) -> list[Finding]:
    """What was found before and during the trainings of a run, each once; whose it is where there are several."""
    found: dict[str, Finding] = {}
    for history in run.histories:
        whose = f"{history.name}: " if len(run.histories) > 1 else ""
        for title, hint in _of(history):
            found.setdefault(f"{whose}{title}", Finding(level="warning", title=f"{whose}{title}", fix=hint))
    return list(found.values())


def _of(history: History) -> Iterator[tuple[str, str]]:
    prepared = history.latest(Prepared)
    if prepared is not None:
        yield from ((each.title, each.fix) for each in prepared.findings if each.level == "warning")
    yield from ((event.title, event.hint) for event in history.all(Warned))


def _menu_of(notes: NoteLines, button: QToolButton) -> QMenu:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(12, 8, 12, 8)
    column.addWidget(notes)
    area = FittedArea(inside, _MOST_HEIGHT)
    area.setFixedWidth(_WIDTH)
    menu = QMenu(button)
    action = QWidgetAction(menu)
    action.setDefaultWidget(area)
    menu.addAction(action)
    return menu
