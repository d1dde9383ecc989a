"""What all panels share: the recipe on the screen, the run on the screen, the run that trains, and the jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.events import Event, Failed, Finished, Warned
from workbench.gui.background import Background
from workbench.gui.consenting import Consenting
from workbench.gui.document import RecipeDocument
from workbench.gui.looking_ahead import LookingAhead
from workbench.gui.pump import Pump
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme
from workbench.gui.watched_run import WatchedRun
from workbench.session.failing import error_of
from workbench.session.history import History, histories_of
from workbench.session.jobs import Job
from workbench.session.library import damage_error
from workbench.session.places import runs_folder
from workbench.session.preferences import read_preferences
from workbench.session.reins import Reins
from workbench.session.run import Run, RunStatus
from workbench.session.run_folder import RunFolder
from workbench.session.trials import add_baseline, new_run_of

# A queue is emptied in portions, so that a burst of events never holds the window up.
_EVENTS_A_TICK = 200
# A run is shown after so many seconds of reading; steps that are not read by then come in while it is seen.
_READ_SECONDS = 0.3


class Workspace(QObject):
    """The state behind the window; panels read it, listen to it and ask it to act, and know nothing of each other.

    Signals:
        watched_changed: Another run is on the screen, or none.
        heard: (History, Event): a training of the run on the screen said something.
        grew: The numbers of the run on the screen grew; at most once a tick.
        status_changed: The RunStatus of the run that trains is another.
        overlays_changed: Other earlier runs are to be drawn behind.
        runs_changed: There may be other runs on disk, or others facts about them.
        panel_wanted: The panel of this name is to come to the front.
        clone_wanted: The recipe of the run in this folder is to be opened as a new one.
        failed: A WorkbenchError for the error card.
        noticed: (level, text): something to be known, level "ok", "warning" or "info".

    Attributes:
        document: The recipe being edited.
        watched: The run on the screen; None before the first.
        active: The run that trains, paused ones included; None when nothing does.
        overlays, jobs: Earlier runs drawn behind the one on the screen; short background work.
        consenting, ahead: Who asks whether a file may run code; who knows what speaks against training.
    """

    watched_changed = Signal()
    heard = Signal(object, object)
    grew = Signal()
    status_changed = Signal(object)
    overlays_changed = Signal()
    runs_changed = Signal()
    panel_wanted = Signal(str)
    clone_wanted = Signal(object)
    failed = Signal(object)
    noticed = Signal(str, str)

    def __init__(self, settings: Settings, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings, self.theme = settings, theme
        self.document = RecipeDocument(self)
        self.jobs = Background(self)
        self.jobs.failed.connect(self.failed)
        self.pump = Pump(self)
        self.pump.is_sparing = lambda: self.status is RunStatus.RUNNING
        self.pump.ticked.connect(self._tick)
        self.watched: WatchedRun | None = None
        self.active: WatchedRun | None = None
        self.overlays: list[History] = []
        self._status, self._rows = RunStatus.IDLE, 0
        self._beginning: Job[WatchedRun] | None = None
        self._refused: tuple[str, Path] | None = None
        self.consenting = Consenting(self)
        self.consenting.agreed.connect(self._go_on)
        self.ahead = LookingAhead(self)

    # -- what there is

    @property
    def status(self) -> RunStatus:
        """Of the run that trains; IDLE when none does."""
        # Cancelled, it says nothing any more.
        if self._beginning is not None and not self._beginning.is_cancelled:
            return RunStatus.PREPARING
        if self.active is None or self.active.run is None:
            return RunStatus.IDLE
        status = self.active.run.status
        # Over, but what it said last has not been heard yet.
        return RunStatus.STOPPING if status is RunStatus.ENDED else status

    @property
    def is_training(self) -> bool:
        """Whether a run is going on, paused ones included."""
        return self.status is not RunStatus.IDLE

    @property
    def runs_folder(self) -> Path:
        """Where runs are kept."""
        return runs_folder()

    def why_not_train(self) -> str:
        """Why Train is not possible right now, in words; empty when it is."""
        if self.is_training:
            return "A run is going on; stop it first."
        return self.document.why_not_whole() or self.ahead.refusal

    # -- the run that trains

    def train(self, *, baseline: bool = False, journal: tuple[Any, ...] = ()) -> None:
        """Train the recipe on the screen; with its baseline after it where asked for."""
        if self.why_not_train():
            self.noticed.emit("warning", self.why_not_train())
            return
        try:
            text = self.document.to_absolute_toml()
        except WorkbenchError as error:
            self.failed.emit(error)
            return
        name = str(self.document.path or self.document.title)
        self._begin(lambda: new_run_of(text, runs_folder(), name=name, baseline=baseline, journal=journal))

    def resume_run(self, path: Path) -> None:
        """Go on with a run that was stopped, killed or failed."""
        self._begin(lambda: RunFolder(path))

    def train_baseline(self, path: Path) -> None:
        """Train the same student on hard labels too, and judge."""

        def asked() -> RunFolder:
            folder = RunFolder(path)
            add_baseline(folder)
            return folder

        self._begin(asked)

    def pause(self) -> None:
        """Halt at the next step; all stays loaded."""
        if self.active is not None and self.active.run is not None:
            self.active.run.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        if self.active is not None and self.active.run is not None:
            self.active.run.resume()

    def stop(self) -> None:
        """Keep a checkpoint at the next step and end."""
        if self.active is not None and self.active.run is not None:
            self.active.run.stop()

    def turn(self, **changes: Any) -> None:
        """Turn knobs of the run that trains, from its next step on; refused values end in the error card."""
        if self.active is None or self.active.run is None:
            return
        try:
            assert self.active.run.controls is not None, "a run has knobs"
            self.active.run.controls.set(**changes)
        except WorkbenchError as error:
            self.failed.emit(error)

    # -- the run on the screen

    def watch(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Put a run on the screen, from its folder or as it trains."""
        if self.active is not None and self.active.folder.path == path:
            self._show(self.active)
            if then is not None:
                then()
            return

        def read(_: Job[WatchedRun]) -> WatchedRun:
            folder = RunFolder(path, must_be_whole=not path.is_dir())
            return WatchedRun(folder, histories_of(folder, _READ_SECONDS))

        def done(run: WatchedRun) -> None:
            self._show(run)
            if run.damage:
                self.failed.emit(damage_error(path, run.damage))
            if then is not None:
                then()

        self.jobs.start(f"Opening {path.name}", read, done, topic="watch")

    def watch_active(self) -> None:
        """Put the run that trains back on the screen."""
        if self.active is not None:
            self._show(self.active)

    def overlay(self, path: Path) -> None:
        """Draw an earlier run behind the one on the screen."""

        def done(histories: list[History]) -> None:
            for history in histories[:1]:
                history.name = path.name
            self.overlays = [other for other in self.overlays if other.path != path] + histories[:1]
            self.overlays_changed.emit()
            self._read_steps(histories[:1], topic)

        def read(_: Job[list[History]]) -> list[History]:
            return histories_of(RunFolder(path, must_be_whole=not path.is_dir()), _READ_SECONDS)

        topic = f"overlay {path}"
        self.jobs.start(f"Reading {path.name}", read, done, topic=topic)

    def hide_overlay(self, path: Path) -> None:
        """Draw an earlier run no longer."""
        self.jobs.cancel(f"overlay {path}")
        self.overlays = [other for other in self.overlays if other.path != path]
        self.overlays_changed.emit()

    def forget(self, path: Path) -> None:
        """Take a run whose folder went off the screen."""
        self.hide_overlay(path)
        if self.watched is not None and self.watched.path == path:
            self.watched = None
            self.watched_changed.emit()
            self.pump.want_redraw()

    def clear_overlays(self) -> None:
        """Draw no earlier run any more."""
        self.overlays = []
        self.overlays_changed.emit()

    # -- the beat

    def _begin(self, make: Callable[[], RunFolder]) -> None:
        if self.is_training:
            self.noticed.emit("warning", "A run is going on; stop it first.")
            return

        self._refused = None

        # Making and opening a folder waits for the disk, so it is no work for this thread.
        def work(_: Job[WatchedRun]) -> WatchedRun:
            folder = make()
            histories = histories_of(folder, _READ_SECONDS)
            return WatchedRun(folder, histories, Run(folder, Reins(threads=read_preferences().threads)))

        def done(watched: WatchedRun) -> None:
            self._beginning = None
            self.active = watched
            assert watched.run is not None, "made just now"
            watched.run.start()
            self._show(watched)
            self.runs_changed.emit()
            self._tell_status()

        def failed(error: WorkbenchError) -> None:
            self._beginning = None
            self._tell_status()
            self.failed.emit(error)

        self._beginning = self.jobs.start("Preparing the run", work, done, failed)
        self._tell_status()

    def _show(self, run: WatchedRun) -> None:
        # A run that was asked for before and comes later is no longer wanted.
        self.jobs.cancel("watch")
        self.jobs.cancel("steps")
        self._read_steps(run.histories, "steps")
        self.watched = run
        self._rows = 0
        self.watched_changed.emit()
        self.pump.want_redraw()

    def _read_steps(self, histories: list[History], topic: str) -> None:
        """Read the steps that there was no time for, while the others are seen."""
        unread = [history for history in histories if not history.is_whole and not history.damage]
        if not unread:
            return

        def read(job: Job[None]) -> None:
            for history in unread:
                history.read_steps(keep_on=job.say)

        def done(_: None) -> None:
            self.overlays_changed.emit()

        self.jobs.start(f"Reading the steps of {unread[0].path.name}", read, done, topic=topic)

    def _tick(self) -> None:
        self.jobs.deliver()
        self._listen()
        self._tell_status()
        if self.watched is not None and self.watched.rows != self._rows:
            self._rows = self.watched.rows
            self.grew.emit()
            self.pump.want_redraw()

    def _listen(self) -> None:
        active = self.active
        if active is None or active.run is None:
            return
        ended = active.run.status is RunStatus.ENDED
        for _ in range(_EVENTS_A_TICK):
            if active.run.events.empty():
                break
            trial, event = active.run.events.get()
            self._tell(active.hear(trial, event), event)
        # Asked before the queue was emptied: what was said last has been heard.
        if ended and active.run.events.empty():
            active.run = None
            self.active = None
            self.runs_changed.emit()
            self._tell_status()

    def _tell(self, history: History, event: Event) -> None:
        if self.watched is self.active:
            self.heard.emit(history, event)
            self.pump.want_redraw()
        if isinstance(event, Failed):
            self._tell_failure(error_of(event))
        if isinstance(event, Warned):
            self.noticed.emit("warning", f"{event.title} {event.hint}".strip())
        if isinstance(event, (Finished, Failed)):
            self.runs_changed.emit()

    def _tell_failure(self, error: WorkbenchError) -> None:
        if isinstance(error, ConsentNeededError) and self.active is not None:
            self._refused = (error.subject, self.active.path)
        self.failed.emit(error)

    def _go_on(self, subject: str) -> None:
        """Resume the run that failed for nothing but the consent that a person has given now."""
        if self._refused is not None and self._refused[0] == subject and not self.is_training:
            _, path = self._refused
            self.resume_run(path)

    def _tell_status(self) -> None:
        if self.status is not self._status:
            self._status = self.status
            self.status_changed.emit(self._status)
