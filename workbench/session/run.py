"""One run on a thread of its own: start, pause, resume, stop; everything it says waits in a queue."""

import threading
from enum import Enum
from queue import SimpleQueue

from workbench.errors import WorkbenchError
from workbench.events import Event, Failed, StepDone
from workbench.session.controls import LiveControls
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder


class RunStatus(Enum):
    """Where a run is in its life; each is a visible state of the window."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


class Run:
    """A run that goes on while its owner does other things.

    StepDone events do not enter the queue: their numbers are in `log`, which readers pull when they like.
    """

    def __init__(self, folder: RunFolder, reins: Reins | None = None) -> None:
        self.folder = folder
        self.reins = reins or Reins()
        if self.reins.controls is None:
            with RunDatabase(folder.database_file, read_only=True) as database:
                self.reins.controls = LiveControls(database.journal())
        self.controls = self.reins.controls
        self.log = self.reins.log
        self.events: SimpleQueue[Event] = SimpleQueue()
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._status = RunStatus.IDLE
        self.reins.should_stop = self._stop.is_set
        self._thread = threading.Thread(target=self._work, name=f"run {folder.path.name}", daemon=True)

    @property
    def status(self) -> RunStatus:
        """Where the run is right now."""
        return self._status

    def start(self) -> None:
        """Begin, or go on from the last checkpoint; returns at once."""
        self._status = RunStatus.PREPARING
        self._thread.start()

    def pause(self) -> None:
        """Halt at the next step boundary with everything kept in memory; returns at once."""
        self._go.clear()

    def resume(self) -> None:
        """Go on after a pause; returns at once."""
        self._go.set()

    def stop(self) -> None:
        """Keep a checkpoint at the next step boundary and end; returns at once."""
        if self._status not in (RunStatus.IDLE, RunStatus.ENDED):
            self._status = RunStatus.STOPPING
        self._stop.set()
        self._go.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; True when it has come. Never call it on a thread that must stay responsive."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        # Loads torch, on this thread and not on the window's.
        from workbench.session.driving import drive

        try:
            for event in drive(self.folder, self.reins):
                self._tell(event)
        except WorkbenchError as error:
            self.events.put(Failed(step=0, title=error.title, hint=error.hint, details=error.details))
        finally:
            self._status = RunStatus.ENDED

    def _tell(self, event: Event) -> None:
        if not isinstance(event, StepDone):
            self.events.put(event)
            return
        if not self._go.is_set():
            self._status = RunStatus.PAUSED
            self._go.wait()
        if not self._stop.is_set():
            self._status = RunStatus.RUNNING
