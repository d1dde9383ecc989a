"""The run on the screen beside the runs drawn behind it: results, and where their recipes differ."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.events import Evaluated, Event, Finished, Judged
from workbench.gui.panel import Panel, Place
from workbench.gui.widgets.compare_table import CompareTable
from workbench.gui.workspace import Workspace
from workbench.session.comparing import ComparedRun, SettingRow, compare_recipes, read_compared
from workbench.session.history import History

_EMPTY = "Open a run, then choose others in Runs and press Compare, to see their results and recipes side by side."
_ALONE = "Choose another run in Runs and press Compare."

_Compared = tuple[list[ComparedRun], list[SettingRow]]


class ComparePanel(Panel):
    """Results and recipes side by side."""

    name = "compare"
    title = "Compare"
    place = Place.MAIN

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._runs: list[ComparedRun] = []
        self._settings: list[SettingRow] = []
        self.table = CompareTable(workspace.theme)
        self.hint = QLabel()
        self.all_settings = QCheckBox("All &settings")
        self.choose = QPushButton("Choose runs")
        self.choose_first = QPushButton("Choose runs")
        self.clear = QPushButton("Clear")
        self.copy = QToolButton()
        self.copy_action = QAction("Copy as a table", self)
        self.stack = QStackedWidget()
        self._lay_out()
        self._listen()
        self._paint()

    def refresh(self) -> None:
        """Read again what is to be compared."""
        workspace = self.workspace
        first = [] if workspace.watched is None else [workspace.watched.path]
        paths = [*first, *(history.path for history in workspace.overlays if history.path not in first)]
        if not paths:
            workspace.jobs.cancel("compare")
            self._show(([], []))
            return

        def read(_: object) -> _Compared:
            runs = [read_compared(path) for path in paths]
            return runs, compare_recipes([run.recipe for run in runs])

        workspace.jobs.start("Comparing runs", read, self._show, topic="compare")

    def hideEvent(self, event: QHideEvent) -> None:
        """A comparison that comes too late is not wanted: another is made when the panel is shown."""
        self.workspace.jobs.cancel("compare")
        super().hideEvent(event)

    def _lay_out(self) -> None:
        self.hint.setProperty("role", "muted")
        self.all_settings.setToolTip("Show the settings on which the recipes agree too.")
        self.choose.setToolTip("Choose runs to compare in the list of runs.")
        self.clear.setToolTip("Keep only the run on the screen.")
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.copy_action.setToolTip("Copy the table with tabs, for a spreadsheet.")
        self.addAction(self.copy_action)
        self.copy.setDefaultAction(self.copy_action)
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.copy.setIconSize(QSize(18, 18))
        self.copy.setAccessibleName("Copy as a table")
        self.table.header().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 8, 10, 6)
        bar.setSpacing(8)
        bar.addWidget(self.all_settings)
        bar.addWidget(self.hint, 1)
        for button in (self.choose, self.clear, self.copy):
            bar.addWidget(button)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self.table, 1)
        self.stack.setProperty("panel", "true")
        self.stack.addWidget(self._empty_page())
        self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)

    def _empty_page(self) -> QWidget:
        page, words = QWidget(), QLabel(_EMPTY)
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setProperty("role", "muted")
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(14)
        column.addStretch()
        column.addWidget(words)
        column.addWidget(self.choose_first, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _listen(self) -> None:
        workspace = self.workspace
        workspace.watched_changed.connect(self.mark_stale)
        workspace.overlays_changed.connect(self.mark_stale)
        workspace.runs_changed.connect(self.mark_stale)
        workspace.heard.connect(self._hear)
        workspace.theme.changed.connect(self._paint)
        self.all_settings.toggled.connect(self._show_table)
        for button in (self.choose, self.choose_first):
            button.clicked.connect(self._choose_runs)
        self.clear.clicked.connect(workspace.clear_overlays)
        self.copy_action.triggered.connect(self._copy)
        self.table.header().customContextMenuRequested.connect(self._offer_to_remove)

    def _paint(self) -> None:
        theme = self.workspace.theme
        self.copy_action.setIcon(theme.icon("copy"))
        for button in (self.choose, self.choose_first):
            button.setIcon(theme.icon("runs"))

    def _choose_runs(self) -> None:
        self.workspace.panel_wanted.emit("runs")

    def _hear(self, _: History, event: Event) -> None:
        if isinstance(event, (Evaluated, Finished, Judged)):
            self.mark_stale()

    def _show(self, compared: _Compared) -> None:
        self._runs, self._settings = compared
        self._show_table()

    def _show_table(self, _: object = None) -> None:
        runs: Sequence[ComparedRun] = self._runs
        self.stack.setCurrentIndex(1 if runs else 0)
        self.hint.setText(_ALONE if len(runs) == 1 else "")
        self.clear.setEnabled(len(runs) > 1)
        if runs:
            # One recipe alone differs from nothing: all of it is of interest then.
            shown = self.all_settings.isChecked() or len(runs) == 1
            watched = self.workspace.watched
            path = None if watched is None else watched.path
            self.table.show_runs(runs, self._settings, watched=path, all_settings=shown)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.as_text())
        self.workspace.noticed.emit("ok", "The table was copied.")

    def _offer_to_remove(self, place: QPoint) -> None:
        path = self.table.path_at(self.table.header().logicalIndexAt(place))
        if path is None or path not in [history.path for history in self.workspace.overlays]:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("Remove from the comparison")
        action.setData(path)
        menu.triggered.connect(self._remove)
        menu.popup(self.table.header().mapToGlobal(place))

    def _remove(self, action: QAction) -> None:
        self.workspace.hide_overlay(action.data())
