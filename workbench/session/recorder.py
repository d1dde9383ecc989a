"""Takes down what a run says: metrics in batches, rare events at once, checkpoints when they are due."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.events import CheckpointSaved, Evaluated, Event, Prepared, Probed, RolledOut, StepDone, TextProbed
from workbench.recipe.monitoring import Autosave
from workbench.session.metric_log import MetricLog
from workbench.session.places import runs_folder
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder, new_run_path

if TYPE_CHECKING:
    from workbench.engine.run_state import RunState

# Each flush waits for the disk. What a killed run loses of them is measured again when it resumes.
_FLUSH_SECONDS = 5.0
# How often the folder is looked for: a database goes on taking what nobody finds again once it is deleted.
_LOOK_SECONDS = 2.0
# So many times as long as a checkpoint takes to be written, none is.
_REST = 20


class RunFolderGoneError(WorkbenchError):
    """The folder of a run was deleted or moved while the run is going on."""


class Recorder:
    """The one writer of a run folder while the run is going."""

    def __init__(self, folder: RunFolder, autosave: Autosave, log: MetricLog) -> None:
        self.folder = folder
        self.log = log
        self._autosave = autosave
        self._recipe_text = folder.recipe_file.read_text(encoding="utf-8")
        self._database = RunDatabase(folder.database_file)
        self._flushed = len(log)
        self._waiting: list[Event] = []
        self._last_flush = self._last_save = self._last_look = time.monotonic()
        self._last_saved_step, self._save_seconds = 0, 0.0
        self._seconds_before = 0.0
        self._started: float | None = None

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def go_on_from(self, step: int) -> None:
        """Forget what came after a checkpoint, and fill the log with what came before."""
        self._database.forget_after(step)
        rows = self._database.metrics()
        self.log.extend(rows)
        self._flushed = len(self.log)
        self._last_saved_step = step
        self._seconds_before = rows[-1][-1] if rows else 0.0

    def know(self, **facts: object) -> None:
        """Remember plain values by name."""
        self._database.know(**facts)

    def facts(self) -> dict[str, object]:
        """What is remembered by name."""
        return self._database.facts()

    def journal_entries(self) -> list[tuple[int, str, object]]:
        """The control changes made so far."""
        return self._database.journal()

    def note(self, event: Event) -> None:
        """Take down one event."""
        if isinstance(event, StepDone):
            self.log.append(event.metrics, self.seconds)
            self._flush_if_due()
            return
        if isinstance(event, Prepared):
            self._started = time.monotonic()
        self._waiting.append(event)
        if isinstance(event, (Probed, TextProbed, RolledOut)):
            # As frequent as metrics, and as little missed: it is written with them.
            return
        try:
            self._write_events()
            if isinstance(event, Evaluated):
                facts = {"examples": event.examples, "counted": event.counted, f"{event.subject}_errors": event.errors}
                self._database.know(**facts, step=event.step)
        except WorkbenchError:
            # Noticed at the next step boundary, where the state can be saved elsewhere.
            if not self._is_gone():
                raise

    def _flush_if_due(self) -> None:
        now = time.monotonic()
        if now - self._last_flush >= _FLUSH_SECONDS:
            self.flush()
        elif now - self._last_look >= _LOOK_SECONDS:
            self.refuse_gone()

    @property
    def seconds(self) -> float:
        """Training time so far, over all sittings."""
        return self._seconds_before + (time.monotonic() - self._started if self._started is not None else 0.0)

    @contextmanager
    def clock_stopped(self) -> Iterator[None]:
        """Time in here, such as a pause, is no training time."""
        began = time.monotonic()
        try:
            yield
        finally:
            if self._started is not None:
                self._started += time.monotonic() - began

    def flush(self) -> None:
        """Write the metrics that are only in memory. Raises RunFolderGoneError."""
        self.refuse_gone()
        count = len(self.log)
        if count > self._flushed:
            self._database.add_metrics(self.log.rows(self._flushed))
            self._flushed = count
        self._write_events()
        self._last_flush = time.monotonic()

    def refuse_gone(self) -> None:
        """Look for the folder. Raises RunFolderGoneError where it was deleted or moved."""
        self._last_look = time.monotonic()
        if self._is_gone():
            raise RunFolderGoneError(
                f"The run folder {self.folder.path} was deleted or moved while the run was going on."
            )

    def save_elsewhere(self, state: "RunState") -> RunFolder:
        """Keep a state, and all that is known of the run, in a new folder beside the old one or where runs are kept.

        Raises:
            WorkbenchError: No place takes it.
        """
        beside = self.folder.path.parent
        # The folders within a run are those of its baseline and other seeds.
        free = beside.is_dir() and not (beside.parent / self.folder.database_file.name).exists()
        places = [*([beside] if free else []), runs_folder(), Path(tempfile.gettempdir())]
        refused: WorkbenchError | None = None
        for place in places:
            try:
                return self._copied(new_run_path(place, f"saved from {self.folder.path.name}"), state)
            except WorkbenchError as error:
                refused = error
        assert refused is not None, "there is a place at least"
        raise refused

    def _copied(self, path: Path, state: "RunState") -> RunFolder:
        copy = RunFolder.create(path, self._recipe_text)
        with suppress(WorkbenchError):
            # Open files outlive their names on most systems; where they do not, metrics and state are what is left.
            self._database.copy_to(copy.database_file)
        with RunDatabase(copy.database_file) as database:
            database.add_metrics(self.log.rows(0))
            if self._waiting:
                database.add_event(*self._waiting)
            database.know(status="stopped", step=state.progress.step, seconds=round(self.seconds, 3))
        copy.save_checkpoint(state)
        return copy

    def _is_gone(self) -> bool:
        return not self.folder.database_file.exists()

    @property
    def resume_hint(self) -> str:
        """From where the run can be resumed: from a checkpoint that was written or read in this process."""
        if self._last_saved_step:
            return f"The run can be resumed from its checkpoint at step {self._last_saved_step:,}."
        return "No checkpoint was kept yet: a resumed run begins at its first step."

    @property
    def saved_at(self) -> int:
        """The step of the newest checkpoint that was written; 0 where there was none."""
        return max(self._database.steps_of("CheckpointSaved"), default=0)

    def _write_events(self) -> None:
        if self._waiting:
            self._database.add_event(*self._waiting)
            self._waiting.clear()

    def checkpoint_is_due(self, step: int) -> bool:
        """Whether a checkpoint should be kept at this step boundary."""
        every_seconds, every_steps = self._autosave.seconds, self._autosave.steps
        # Large models take a while to write: no more than a twentieth of the time goes into that.
        rest = max(every_seconds, _REST * self._save_seconds)
        by_time = bool(every_seconds) and time.monotonic() - self._last_save >= rest
        by_steps = bool(every_steps) and step - self._last_saved_step >= every_steps
        return by_time or by_steps

    def save(self, state: "RunState") -> CheckpointSaved:
        """Keep a state; metrics first, so that a checkpoint never knows more steps than the database.

        Raises:
            WorkbenchError: The disk refuses, or as RunFolderGoneError there is no run folder any more.
        """
        self.flush()
        began = time.monotonic()
        path = self.folder.save_checkpoint(state)
        self._last_save, self._last_saved_step = time.monotonic(), state.progress.step
        self._save_seconds = self._last_save - began
        event = CheckpointSaved(step=state.progress.step, path=str(path.relative_to(self.folder.path)))
        self.know(step=state.progress.step)
        return event
