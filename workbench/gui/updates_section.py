"""Preferences → Updates: whether to look for a new version once a day, and a button that looks now."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton

import workbench
from workbench.errors import WorkbenchError
from workbench.gui.theme import mark, small
from workbench.gui.widgets.era_words import LinkedLabel
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.preferences import Preferences
from workbench.session.updates import LATEST, Release, newer_release_now

_TOPIC = "preferences newest"
_WHAT_IS_SENT = (
    "Then GitHub is asked for the newest release when the window opens. Nothing is sent but that request; GitHub sees "
    "the network address it comes from."
)


class UpdatesSection(QObject):
    """Rows of a sheet.

    Args:
        workspace: Runs what is looked up.
        keep: Keeps the preference of a name.
        parent: Its owner.
        url: Whom to ask.

    Attributes:
        box: Whether to look once a day.
        button: Looks now, whatever the box says.
        news: What came of it.
    """

    def __init__(
        self, workspace: Workspace, keep: Callable[[str, object], None], parent: QObject, url: str = LATEST
    ) -> None:
        super().__init__(parent)
        self._workspace, self._keep, self._url = workspace, keep, url
        self._job: Job[Release | None] | None = None
        self.box = QCheckBox("Look for a new &version once a day")
        self.box.setEnabled(False)
        self.button = QPushButton("Check now")
        self.button.setToolTip("Ask GitHub for the newest release, this once.")
        self.news = LinkedLabel()
        self.news.setAccessibleName("What came of the check")
        self.news.hide()
        self.box.toggled.connect(self._take)
        self.button.clicked.connect(self.check)
        workspace.jobs.changed.connect(self._see_cancelled)

    def add_to(self, sheet: Sheet) -> None:
        """Add the rows."""
        sheet.add_heading("Updates")
        row = QHBoxLayout()
        row.addWidget(self.box)
        row.addStretch(1)
        row.addWidget(self.button)
        sheet.add_row("News", row, self.box)
        sheet.add_row("", _words(_WHAT_IS_SENT))
        sheet.add_row("", self.news)

    def show_kept(self, kept: Preferences) -> None:
        """Show what a person has chosen before."""
        self.box.blockSignals(True)
        self.box.setChecked(kept.looks_for_updates)
        self.box.blockSignals(False)
        self.box.setEnabled(True)

    def check(self) -> None:
        """Look for a newer release now."""

        def work(_: Job[Release | None]) -> Release | None:
            return newer_release_now(self._url)

        self.button.setEnabled(False)
        self._tell("Asking GitHub…", "muted")
        start = self._workspace.jobs.start
        self._job = start("Looking for a new version", work, self._tell_of, self._say_why_not, topic=_TOPIC)

    def forget(self) -> None:
        """Nobody waits for the answer any more."""
        self._workspace.jobs.cancel(_TOPIC)

    def _see_cancelled(self) -> None:
        # Of what is cancelled in the main window, nothing else comes back.
        if self._job is not None and self._job.is_cancelled:
            self._job = None
            self.button.setEnabled(True)
            self.news.hide()

    def _take(self, wanted: bool) -> None:
        self._keep("looks_for_updates", wanted)

    def _tell_of(self, release: Release | None) -> None:
        self.button.setEnabled(True)
        if release is None:
            self._tell(f"There is none newer than this one, {workbench.__version__}.", "good")
        else:
            page = f"<a href='{escape(release.page)}'>What is new, and how to get it</a>"
            self._tell(f"Version {escape(release.version)} is there; this is {workbench.__version__}. {page}", "muted")

    def _say_why_not(self, error: WorkbenchError) -> None:
        self.button.setEnabled(True)
        self._tell(escape(f"{error.title} {error.hint}".strip()), "bad")

    def _tell(self, html: str, role: str) -> None:
        self.news.setText(html)
        mark(self.news, "role", role)
        self.news.show()


def _words(text: str) -> QLabel:
    label = wrapped_label(text)
    label.setFont(small(label.font()))
    label.setProperty("role", "muted")
    return label
