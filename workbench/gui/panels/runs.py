"""All runs on disk: find, open, compare, clone, resume, judge, note and delete them."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QStackedWidget, QToolButton, QVBoxLayout

from workbench.gui.models.live_summary import live_summary
from workbench.gui.models.runs_model import RunsModel, RunsOrder
from workbench.gui.opening_outside import open_outside
from workbench.gui.panel import Panel, Place
from workbench.gui.remarks import Remarks
from workbench.gui.run_deletion import RunDeletion
from workbench.gui.widgets.run_actions import Choice, RunActions
from workbench.gui.widgets.run_details import RunDetails
from workbench.gui.widgets.runs_table import RunsTable
from workbench.gui.widgets.search_field import SearchField
from workbench.gui.workspace import Workspace
from workbench.session.library import RunSummary, list_runs

# The row of the run that trains follows it this often.
_FOLLOW_MS = 1000
_SEARCHED = "Search runs by recipe, tags, notes, status or verdict"
_LOOKING = "Looking for runs…"
_NONE = "No runs yet.\nTrain a recipe, and it is kept and listed here."
_NOT_FOUND = "No run has all of these words in its recipe, tags, notes, status or verdict."
_WIDE, _COUNTED, _SEARCH_WIDTH = 760, 600, 100


class RunsPanel(Panel):
    """The library."""

    name = "runs"
    title = "Runs"
    place = Place.MAIN

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._wants_list = True
        self.model = RunsModel(workspace.theme, self)
        self.order = RunsOrder(self.model, self)
        # What is being written when the panel goes is written to its end.
        self.remarks = Remarks(workspace, workspace)
        self.deletion = RunDeletion(workspace, self)
        self.table = RunsTable(workspace.theme, self.order)
        self.details = RunDetails(workspace)
        self.actions_row = RunActions(workspace.theme, self.table)
        self.search = SearchField(workspace.theme, "Search runs", _SEARCHED)
        self.count = QLabel()
        self.message = QLabel(_LOOKING)
        self.show_details = QToolButton()
        self._dress()
        self._lay_out()
        self._listen()
        self._follow = QTimer(self)
        self._follow.setInterval(_FOLLOW_MS)
        self._follow.timeout.connect(self.mark_stale)
        self._paint()
        self._choose()

    @property
    def chosen(self) -> list[RunSummary]:
        """The selected runs, in the order they are shown."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.order.run(row) for row in rows]

    def refresh(self) -> None:
        """Read the list again where it may be another, and let the row of the run that trains follow it."""
        if self._wants_list:
            self._wants_list = False
            folder = self.workspace.runs_folder
            self.workspace.jobs.start("Listing runs", lambda _: list_runs(folder), self._take, topic="runs")
        self._follow_run()

    def select(self, path: Path) -> None:
        """Choose one run of the list."""
        row = self.model.row_of(path)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            index = self.order.mapFromSource(self.model.index(row, 0))
            self.table.selectionModel().setCurrentIndex(index, flags)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What a person wrote last is kept."""
        self.flush()
        super().closeEvent(event)

    def flush(self) -> None:
        """Keep tags and notes that are still being written; before the window closes."""
        self.details.flush()

    def showEvent(self, event: QShowEvent) -> None:
        """Other programs may have made runs meanwhile."""
        self._wants_list = True
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """A list that comes too late is not wanted: another is read when the panel is shown."""
        self.workspace.jobs.cancel("runs")
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room; else the details take the place of the list when asked for."""
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE
        self.actions_row.set_words(event.size().width() > self.actions_row.width_with_words() + 320)
        self.count.setVisible(event.size().width() >= _COUNTED)
        if wide is not (event.oldSize().width() >= _WIDE) or not event.oldSize().isValid():
            self.show_details.setChecked(wide)
        self._arrange()

    # -- what it is made of

    def _dress(self) -> None:
        self.search.setMinimumWidth(_SEARCH_WIDTH)
        self.search.setMaximumWidth(320)
        self.count.setProperty("role", "muted")
        self.show_details.setCheckable(True)
        self.show_details.setIconSize(QSize(18, 18))
        self.show_details.setAccessibleName("Details of the chosen run")
        self.show_details.setToolTip("Scores, verdict, tags and notes of the chosen run.")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setProperty("role", "muted")

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 8, 8, 6)
        bar.setSpacing(6)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.count)
        bar.addStretch()
        bar.addWidget(self.actions_row)
        bar.addWidget(self.show_details)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.table)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stack)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([700, 300])
        surface = QFrame()
        surface.setProperty("panel", "true")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        whole = QVBoxLayout(surface)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self.splitter, 1)

    def _listen(self) -> None:
        workspace, actions = self.workspace, self.actions_row
        workspace.runs_changed.connect(self._look_again)
        workspace.status_changed.connect(self._hear_status)
        workspace.watched_changed.connect(self._mark)
        workspace.overlays_changed.connect(self._mark)
        workspace.theme.changed.connect(self._paint)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.model.dataChanged.connect(self._choose)
        self.table.doubleClicked.connect(self._open)
        self.details.remarked.connect(self._keep_remarks)
        self.remarks.kept.connect(self._list_anew)
        self.show_details.toggled.connect(self._arrange)
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self._look_again)
        actions.named("open").triggered.connect(self._open)
        actions.named("compare").triggered.connect(self._compare)
        actions.named("clone").triggered.connect(self._clone)
        actions.named("resume").triggered.connect(self._resume)
        actions.named("baseline").triggered.connect(self._train_baseline)
        actions.named("reveal").triggered.connect(self._reveal)
        actions.named("delete").triggered.connect(self._delete)

    def _paint(self) -> None:
        self.show_details.setIcon(self.workspace.theme.icon("note"))

    def _arrange(self, _: object = None) -> None:
        shown = self.show_details.isChecked()
        self.details.setVisible(shown)
        self.stack.setVisible(not shown or self.width() >= _WIDE)

    # -- what is listed

    def _look_again(self, _: object = None) -> None:
        self._wants_list = True
        self.mark_stale()

    def _list_anew(self, _: object) -> None:
        # A list that is being read may have passed the run by before its notes were on the disk.
        self.workspace.jobs.cancel("runs")
        self._look_again()

    def _hear_status(self, _: object) -> None:
        if self.workspace.is_training and not self._follow.isActive():
            self._follow.start()
        elif not self.workspace.is_training:
            self._follow.stop()
        self.mark_stale()
        self._choose()

    def _take(self, runs: list[RunSummary]) -> None:
        self.model.merge(map(self.remarks.applied, runs))
        self._follow_run()
        self._count()
        if runs and not self.table.currentIndex().isValid():
            watched = self.workspace.watched
            self.select(watched.path if watched is not None else runs[0].path)
        self._choose()

    def _follow_run(self) -> None:
        active = self.workspace.active
        row = -1 if active is None else self.model.row_of(active.path)
        if active is not None and row >= 0:
            self.model.update(live_summary(self.model.run(row), active, self.workspace.status))

    def _search(self, text: str) -> None:
        self.order.search(text)
        self._count()

    def _count(self) -> None:
        all_runs, shown = self.model.rowCount(), self.order.rowCount()
        self.stack.setCurrentWidget(self.table if shown else self.message)
        self.message.setText(_NOT_FOUND if all_runs else _NONE)
        word = "run" if all_runs == 1 else "runs"
        self.count.setText(f"{all_runs:,} {word}" if shown == all_runs else f"{shown:,} of {all_runs:,} {word}")

    def _mark(self) -> None:
        marks = {history.path: "overlay" for history in self.workspace.overlays}
        if self.workspace.watched is not None:
            marks[self.workspace.watched.path] = "eye"
        self.model.mark(marks)
        self._choose()

    def _choose(self, *_: object) -> None:
        """Another run is chosen, or something about it is another."""
        watched = self.workspace.watched
        choice = Choice(
            self.chosen,
            None if watched is None else watched.path,
            frozenset(history.path for history in self.workspace.overlays),
            self.workspace.is_training,
        )
        self.actions_row.allow(choice)
        current = self.table.currentIndex()
        self.details.show_run(self.order.run(current.row()) if current.isValid() else None)

    def _keep_remarks(self, path: Path, tags: tuple[str, ...], notes: str) -> None:
        self.remarks.keep(path, tags, notes)
        row = self.model.row_of(path)
        if row >= 0:
            self.model.update(self.remarks.applied(self.model.run(row)))

    # -- what is done with it

    def _open(self, _: object = None) -> None:
        for run in self.chosen[:1]:
            self.workspace.watch(run.path, partial(self.workspace.panel_wanted.emit, "curves"))

    def _compare(self, wanted: bool) -> None:
        workspace, runs = self.workspace, self.chosen
        if workspace.watched is None and runs:
            workspace.watch(runs.pop(0).path)
        change = workspace.overlay if wanted else workspace.hide_overlay
        for run in runs:
            if workspace.watched is None or run.path != workspace.watched.path:
                change(run.path)
        if wanted:
            workspace.panel_wanted.emit("compare")

    def _clone(self) -> None:
        self.workspace.clone_wanted.emit(self.chosen[0].path)

    def _resume(self) -> None:
        self.workspace.resume_run(self.chosen[0].path)

    def _train_baseline(self) -> None:
        self.workspace.train_baseline(self.chosen[0].path)

    def _reveal(self) -> None:
        open_outside(self.chosen[0].path)

    def _delete(self) -> None:
        self.deletion.ask([run.path for run in self.chosen], self)
