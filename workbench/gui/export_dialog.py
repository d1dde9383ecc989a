"""The export dialog: what to write and where, how far it is, and a report that a person can read."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.widgets.export_report_view import ExportReportView
from workbench.gui.widgets.export_settings import ExportSettings
from workbench.gui.widgets.one_line import OneLine
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.export_report import ExportReport, Outlook, outlook_of, read_report
from workbench.session.exporting_again import ExportWish, fulfil
from workbench.session.jobs import Job
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder

_SIZE, _SETTINGS_WIDTH = QSize(1040, 680), 400
_LOOKING = "Looking at earlier exports…"
_NO_EXPORT = (
    "The report stands here once the student is exported: how closely the files repeat it, how large and how fast "
    "they are."
)
_TRAINING = "A run is training. Wait, or pause it: exporting and training cannot go on at once."
_BUSY = (RunStatus.PREPARING, RunStatus.RUNNING, RunStatus.STOPPING)


class ExportDialog(QDialog):
    """Exports the student of one run; nothing waits for it, and closing it cancels what it does.

    Attributes:
        settings: What is wished for.
        report: What came out.
    """

    def __init__(self, workspace: Workspace, folder: RunFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._folder = workspace, folder
        self._job: Job[ExportReport] | None = None
        self._look: Job[Outlook] | None = None
        # Why the run itself cannot be exported, in words.
        self._refusal = ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Export {folder.path.name}")
        self.settings = ExportSettings(folder.path / "export")
        self.report = ExportReportView(workspace.theme)
        self.problem = wrapped_label()
        self.problem.setProperty("role", "bad")
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note = wrapped_label()
        self.note.setProperty("role", "muted")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 6)
        self.words = OneLine()
        self.export = QPushButton("Export")
        self.export.setProperty("primary", "true")
        self.export.setDefault(True)
        self.cancel = QPushButton("Cancel export")
        self.close_button = QPushButton("Close")
        self.close_button.setAutoDefault(False)
        self.cancel.setAutoDefault(False)
        self._lay_out()
        self._connect()
        self.report.show_words(_LOOKING)
        self._show_state()
        self._look = workspace.jobs.start("Looking at the run", _looking(folder), self._show_outlook, self._fail)

    @property
    def is_exporting(self) -> bool:
        """Whether an export is going on."""
        return self._job is not None

    def start(self) -> None:
        """Export what is wished for."""
        if self._why_not():
            return
        wish = self.settings.wish()
        self._tell_problem("")
        work = _exporting(self._folder, wish)
        self._job = self._workspace.jobs.start(f"Exporting to {wish.target.name}", work, self._done, self._fail)
        self._show_state()

    def stop(self) -> None:
        """Cancel the export; the folder stays as it was."""
        if self._job is not None:
            self._job.cancel()
            self.words.say("Cancelling…")
            self.cancel.setEnabled(False)

    def done(self, result: int) -> None:
        """Closed, by whatever way: what is going on is not wanted any more."""
        for job in (self._job, self._look):
            if job is not None:
                job.cancel()
        self._job = None
        super().done(result)

    # -- building

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.settings, 1)
        for label in (self.note, self.problem):
            label.setContentsMargins(24, 4, 24, 8)
            left.addWidget(label)
        side = QWidget()
        side.setLayout(left)
        side.setFixedWidth(_SETTINGS_WIDTH)
        line = QWidget()
        line.setFixedWidth(1)
        line.setAutoFillBackground(True)
        line.setBackgroundRole(QPalette.ColorRole.Mid)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(side)
        body.addWidget(line)
        body.addWidget(self.report, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 10, 16, 14)
        foot.setSpacing(10)
        foot.addWidget(self.progress)
        foot.addWidget(self.words, 1)
        for button in (self.cancel, self.export, self.close_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(min(_SIZE.width(), room.width() - 40), min(_SIZE.height(), room.height() - 80))

    def _connect(self) -> None:
        self.export.clicked.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        self.close_button.clicked.connect(self.reject)
        self.settings.changed.connect(self._show_state)
        self._workspace.status_changed.connect(self._show_state)
        self._workspace.jobs.changed.connect(self._follow)

    # -- what goes on

    def _show_outlook(self, outlook: Outlook) -> None:
        self._look = None
        self.settings.show_section(outlook.section)
        self.settings.ask_for(text=outlook.writes_text)
        if outlook.takes_pictures is not None:
            self.settings.allow_bytes(allowed=outlook.takes_pictures)
        if outlook.kept_step is not None:
            self.settings.take_unfinished(unfinished=True)
            self.note.setText(f"The run is not finished: its student after step {outlook.kept_step:,} is exported.")
        elif not outlook.is_finished:
            self._refusal = "This run has no student yet: nothing was kept before it ended. Resume it first."
        if outlook.report is not None:
            self.report.show_report(outlook.report)
        else:
            self.report.show_words(outlook.trouble or _NO_EXPORT)
        self._show_state()

    def _follow(self) -> None:
        """How far the export is; a cancelled one says nothing itself."""
        job = self._job
        if job is None:
            return
        if job.is_cancelled and job.is_over:
            self._job = None
            self._show_state()
            self.words.say("Cancelled; the folder is as it was.")
        elif not job.is_cancelled and job.progress.words:
            self.words.say(f"{job.progress.words}…")

    def _done(self, report: ExportReport) -> None:
        self._job = None
        self.report.show_report(report)
        self._show_state()
        self.words.say("Exported.")
        self._workspace.runs_changed.emit()

    def _fail(self, error: WorkbenchError) -> None:
        self._job = self._look = None
        self._tell_problem(f"{error.title} {error.hint}".strip())
        self._show_state()

    def _why_not(self) -> str:
        if self._look is not None or self._job is not None:
            return "One moment…"
        if self._refusal:
            return self._refusal
        return _TRAINING if self._workspace.status in _BUSY else self.settings.why_not

    def _show_state(self, _: object = None) -> None:
        is_exporting = self.is_exporting
        why_not = self._why_not()
        self.progress.setVisible(is_exporting)
        self.cancel.setVisible(is_exporting)
        self.cancel.setEnabled(is_exporting)
        self.settings.setEnabled(not is_exporting)
        self.export.setEnabled(not why_not)
        self.export.setToolTip(why_not or "Write the files and compare them with the student.")
        if not is_exporting:
            self.words.say("" if self._look is not None else why_not)

    def _tell_problem(self, words: str) -> None:
        self.problem.setText(breakable(words))
        self.problem.setVisible(bool(words))


def _looking(folder: RunFolder) -> Callable[[Job[Outlook]], Outlook]:
    def work(_: Job[Outlook]) -> Outlook:
        return outlook_of(folder)

    return work


def _exporting(folder: RunFolder, wish: ExportWish) -> Callable[[Job[ExportReport]], ExportReport]:
    def work(job: Job[ExportReport]) -> ExportReport:
        fulfil(folder, wish, job.say)
        return read_report(folder, wish.target)

    return work
