"""One run with its companions on a thread of its own: start, pause, resume, stop; all it says waits in a queue."""

import threading
from enum import Enum
from queue import SimpleQueue

from workbench.events import Event, Judged, StepDone
from workbench.session.controls import LiveControls
from workbench.session.failing import failed_event
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.trials import Trial, drive_trials
from workbench.session.turns import TURNS


class RunStatus(Enum):
    """Where a run is in its life; each is a visible state of the window."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


class Run:
    """A run that goes on while its owner does other things; its baseline and other seeds follow one after the other.

    StepDone events do not enter the queue: their numbers are in the log of their trial, which readers pull when they
    like; `log` is that of the run's own training, `controls` turns its knobs.

    Attributes:
        events: Pairs of a trial, and what it says; the trial is None when an error came before any.
        trial: The training that is going on.
        preparing: What preparing is doing right now, in words.
    """

    def __init__(self, folder: RunFolder, reins: Reins | None = None) -> None:
        self.folder = folder
        self.reins = reins or Reins()
        if self.reins.controls is None:
            with RunDatabase(folder.database_file, read_only=True) as database:
                self.reins.controls = LiveControls(database.journal())
        self.controls = self.reins.controls
        self.log = self.reins.log
        self.events: SimpleQueue[tuple[Trial | None, Event]] = SimpleQueue()
        self.trial: Trial | None = None
        self._stop = threading.Event()
        self._turning = threading.Condition()
        self._paused = False
        # Written by the worker alone once it runs.
        self._phase = RunStatus.IDLE
        self.preparing = ""
        self.reins.should_stop = self._stop.is_set
        self.reins.say = self._hear
        self._thread = threading.Thread(target=self._work, name=f"run {folder.path.name}", daemon=True)

    @property
    def status(self) -> RunStatus:
        """Where the run is right now."""
        if self._phase in (RunStatus.IDLE, RunStatus.ENDED):
            return self._phase
        return RunStatus.STOPPING if self._stop.is_set() else self._phase

    def start(self) -> None:
        """Begin, or go on from the last checkpoint; returns at once."""
        self._phase = RunStatus.PREPARING
        self._thread.start()

    def pause(self) -> None:
        """Halt at the next step boundary with everything kept in memory; returns at once."""
        with self._turning:
            self._paused = True

    def resume(self) -> None:
        """Go on after a pause; returns at once."""
        with self._turning:
            self._paused = False
            self._turning.notify_all()

    def stop(self) -> None:
        """Keep a checkpoint at the next step boundary and end, also out of a pause; returns at once."""
        with self._turning:
            self._stop.set()
            self._turning.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; True when it has come. Never call it on a thread that must stay responsive."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        self._take_turn()
        try:
            for trial, event in drive_trials(self.folder, self.reins):
                self._tell(trial, event)
        except Exception as error:
            # Whatever happens, whoever waits for the end must hear of it.
            self.events.put((self.trial, failed_event(error, step=0)))
        finally:
            TURNS.end_training()
            self._phase = RunStatus.ENDED

    def _hear(self, words: str) -> None:
        self.preparing = words

    def _tell(self, trial: Trial, event: Event) -> None:
        # The verdict is said by the first trial, after the last one has ended.
        if trial is not self.trial and not isinstance(event, Judged):
            self.trial, self._phase = trial, RunStatus.PREPARING
        if not isinstance(event, StepDone):
            self.events.put((trial, event))
            return
        if self._paused or TURNS.is_wanted:
            TURNS.end_training()
            with self._turning:
                while self._paused and not self._stop.is_set():
                    self._phase = RunStatus.PAUSED
                    self._turning.wait()
            self._take_turn()
        self._phase = RunStatus.RUNNING

    def _take_turn(self) -> None:
        if TURNS.is_wanted:
            self._phase, self.preparing = RunStatus.PREPARING, "Waiting for a model that is being exported or loaded"
        TURNS.begin_training()
