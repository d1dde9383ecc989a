"""Looks for a new version once the window is ready, where a person wants that, and says so in the status bar."""

from PySide6.QtCore import QObject

from workbench.gui.main_window import MainWindow
from workbench.gui.widgets.new_version import NewVersionNote
from workbench.session.jobs import Job
from workbench.session.preferences import read_preferences
from workbench.session.updates import LATEST, Release, newer_release_of_the_day, skip_release


class Updating(QObject):
    """Asks once a start at most, and only where it is wanted.

    Args:
        window: Its status bar is written to.
        url: Whom to ask.

    Attributes:
        note: What stands in the status bar; None where there is nothing to say.
    """

    def __init__(self, window: MainWindow, url: str = LATEST) -> None:
        super().__init__(window)
        self._window, self._jobs, self._url = window, window.workspace.jobs, url
        self.note: NewVersionNote | None = None
        window.ready.connect(self.look)

    def look(self) -> None:
        """See whether a person wants it; only then is anybody asked."""
        self._jobs.start("Reading preferences", _is_wanted, self._look_if, topic="updates")

    def _look_if(self, wanted: bool) -> None:
        if wanted:
            url = self._url

            def work(_: Job[Release | None]) -> Release | None:
                return newer_release_of_the_day(url)

            self._jobs.start("Looking for a new version", work, self._tell, topic="updates")

    def _tell(self, release: Release | None) -> None:
        if release is None or self.note is not None:
            return
        self.note = NewVersionNote(release)

        def skip() -> None:
            def work(_: Job[None]) -> None:
                skip_release(release.version)

            self._jobs.start("Skipping a version", work, _nothing, must_end=True)
            self._put_away()

        self.note.skipped.connect(skip)
        self._window.statusBar().addPermanentWidget(self.note)

    def _put_away(self) -> None:
        if self.note is not None:
            self._window.statusBar().removeWidget(self.note)
            self.note.deleteLater()
            self.note = None


def _is_wanted(_: Job[bool]) -> bool:
    return read_preferences().looks_for_updates


def _nothing(_: None) -> None:
    return
