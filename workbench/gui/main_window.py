"""The window: welcome page or docks, the run bar above them, menus; what an action does stands in `deeds`."""

import time
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
)
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QPushButton, QStackedWidget, QToolBar

from workbench.gui.actions import MENUS, Actions
from workbench.gui.dock_host import DockHost
from workbench.gui.theme import application_icon
from workbench.gui.welcome import WelcomePage
from workbench.gui.widgets.run_bar import RunBar
from workbench.gui.widgets.runtime_word import RuntimeWord
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.preferences import read_preferences
from workbench.session.run import RunStatus
from workbench.session.runtime import circumstances
from workbench.session.runtime_advice import Circumstances
from workbench.session.warming import warm
from workbench.wording import visible

_FIRST_SIZE = QSize(1280, 800)
_LONGEST_GOODBYE = 5.0


class MainWindow(QMainWindow):
    """The program's one window.

    Signals:
        painted: It has been on the screen for the first time; what is slow may load now.
        ready: Torch has loaded: Train begins at once.
        dropped: Paths that a person dropped, or gave on the command line.
        left: It is closed and has nothing left to do.
        leaving: A person wants to close it; whoever hears says `leave` when nothing would be lost.
    """

    painted = Signal()
    ready = Signal()
    dropped = Signal(object)
    leaving = Signal()
    left = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self._was_painted = False
        self._may_leave = self._is_asking = False
        self.setObjectName("main-window")
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.resize(_FIRST_SIZE)
        self.actions_by_name = Actions(self, workspace.theme)
        self.run_bar = RunBar(workspace, self.actions_by_name)
        bar = QToolBar("Run")
        bar.setObjectName("run-tool-bar")
        bar.setMovable(False)
        bar.toggleViewAction().setVisible(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addWidget(self.run_bar)
        self.addToolBar(bar)
        self._bar = bar
        self.welcome = WelcomePage(workspace, self.actions_by_name)
        self.docks = DockHost(workspace)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.docks)
        self.setCentralWidget(self.pages)
        self.pages.currentChanged.connect(self._show_bar)
        workspace.status_changed.connect(self._show_bar)
        self._show_bar()
        self._status_bar()
        self.menus = self._menus()
        self.docks.furnished.connect(self._add_view_actions)
        self.docks.furnished.connect(self._warm_up)
        workspace.document.file_changed.connect(self._show_title)
        workspace.document.edited.connect(self._show_title)
        workspace.status_changed.connect(self._show_title)
        self._show_title()
        geometry: QByteArray = workspace.settings.bytes_of("geometry")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)

    # -- pages

    def show_welcome(self) -> None:
        """The first page."""
        self.pages.setCurrentWidget(self.welcome)

    def show_docks(self, panel: str = "") -> None:
        """The panels, one of them in front."""
        if not self.shows_docks:
            self.pages.setCurrentWidget(self.docks)
            self.run_bar.train.setFocus()
        if panel:
            self.docks.show_panel(panel)

    @property
    def shows_docks(self) -> bool:
        """Whether the panels are on the screen."""
        return self.pages.currentWidget() is self.docks

    # -- leaving

    def leave(self) -> None:
        """Close for good; asked or not, there is nothing to lose."""
        self._may_leave = True
        # Qt does not close within closing: what is being asked goes on by itself.
        if not self._is_asking:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only when nothing is lost by it."""
        if not self._may_leave:
            self._is_asking = True
            self.leaving.emit()
            self._is_asking = False
        # Said at once where nothing had to be asked; else the answer closes it.
        if not self._may_leave:
            event.ignore()
            return
        self.docks.keep()
        self.workspace.settings.keep_bytes("geometry", self.saveGeometry())
        self.workspace.settings.sync()
        self.workspace.jobs.cancel_all()
        for panel in self.docks.panels.values():
            panel.close()
        super().closeEvent(event)
        self._left_at = time.monotonic()
        self.workspace.pump.ticked.connect(self._end_when_idle)

    def _end_when_idle(self) -> None:
        """A note that was written last is still on its way to the disk; nothing else is waited for long."""
        if self.workspace.jobs.is_idle or time.monotonic() - self._left_at > _LONGEST_GOODBYE:
            self.workspace.pump.ticked.disconnect(self._end_when_idle)
            self.workspace.pump.stop()
            self.left.emit()

    # -- what comes from outside

    def event(self, event: QEvent) -> bool:
        """The panels come after the first paint, torch after the panels."""
        handled = super().event(event)
        # Sent once everything in the window has been laid out and is painted.
        if event.type() is QEvent.Type.UpdateRequest and not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self._furnish)
        return handled

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Files that no panel took."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _furnish(self) -> None:
        self.painted.emit()
        self.docks.furnish()

    def _warm_up(self) -> None:
        self.workspace.jobs.start("Loading PyTorch", _warmed, self._tell_ready)

    def _tell_ready(self, found: tuple[Circumstances, int]) -> None:
        self.runtime_word.show_runtime(*found)
        self.ready.emit()

    # -- parts

    def _show_bar(self, _: object = None) -> None:
        """The run bar is there for a recipe or a run; the welcome page needs it only while something trains."""
        self._bar.setVisible(self.shows_docks or self.workspace.is_training)

    def _menus(self) -> dict[str, QMenu]:
        menus = {}
        for name in MENUS:
            menu = self.menuBar().addMenu(name)
            menu.setToolTipsVisible(True)
            menus[name] = menu
            for spec, action in self.actions_by_name.in_menu(name):
                if spec.separated:
                    menu.addSeparator()
                menu.addAction(action)
        self.recent_menu = QMenu("Open re&cent", self)
        menus["&File"].insertMenu(self.actions_by_name.named("open_run"), self.recent_menu)
        return menus

    def _add_view_actions(self) -> None:
        menu = self.menus["&View"]
        before = self.actions_by_name.named("palette")
        menu.insertSeparator(before)
        for action in self.docks.view_actions():
            menu.insertAction(before, action)
            action.triggered.connect(self._panel_asked_for)

    def _panel_asked_for(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction), "only view actions ask for panels"
        name = action.objectName()
        if self.shows_docks:
            self.docks.toggle_panel(name)
        else:
            self.show_docks(name)
        # Pressing it has ticked or unticked it, whatever came of it.
        action.setChecked(not self.docks.docks[name].isHidden())

    def _status_bar(self) -> None:
        self.job_label = QLabel()
        self.job_cancel = QPushButton("Cancel")
        self.job_cancel.setAccessibleName("Cancel what goes on in the background")
        self.job_cancel.clicked.connect(self.workspace.jobs.cancel_all)
        self.folder_label = QLabel()
        self.runtime_word = RuntimeWord()
        for label in (self.job_label, self.folder_label):
            label.setProperty("role", "muted")
            label.setContentsMargins(8, 0, 8, 0)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.job_label)
        bar.addWidget(self.job_cancel)
        bar.addPermanentWidget(self.folder_label)
        bar.addPermanentWidget(self.runtime_word)
        self.workspace.jobs.changed.connect(self._show_jobs)
        self.workspace.watched_changed.connect(self._show_folder)
        self._show_jobs()

    def _show_jobs(self) -> None:
        jobs = self.workspace.jobs.jobs
        words = ""
        if jobs:
            first = jobs[0]
            words = f"{first.name}…" + (f" {first.progress.words}" if first.progress.words else "")
            if first.progress.share is not None:
                words += f" {first.progress.share:.0%}"
            if len(jobs) > 1:
                words += f" (and {len(jobs) - 1} more)"
        if visible(words) != self.job_label.text():
            self.job_label.setText(visible(words))
        can_cancel = self.workspace.jobs.can_cancel
        if can_cancel is self.job_cancel.isHidden():
            self.job_cancel.setVisible(can_cancel)

    def _show_folder(self) -> None:
        watched = self.workspace.watched
        self.folder_label.setText(visible(watched.path.name) if watched is not None else "")
        self.folder_label.setToolTip(str(watched.path) if watched is not None else "")

    def _show_title(self, _: object = None) -> None:
        document = self.workspace.document
        status = {RunStatus.RUNNING: "training", RunStatus.PAUSED: "paused"}.get(self.workspace.status, "")
        words = f"{document.title}[*]" + (f" ({status})" if status else "")
        self.setWindowTitle(f"{visible(words)} – Distillation Workbench")
        self.setWindowModified(document.is_dirty)


def _warmed(_: Job[tuple[Circumstances, int]]) -> tuple[Circumstances, int]:
    warm()
    return circumstances(), read_preferences().threads
