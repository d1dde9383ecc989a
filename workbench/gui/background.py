"""Runs the session's short jobs and brings their results to the window's thread; nothing here blocks or signals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.session.jobs import Job

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Waiting:
    job: Job[Any]
    done: Callable[[Any], None]
    failed: Callable[[WorkbenchError], None] | None
    topic: str
    must_end: bool


class Background(QObject):
    """The jobs that are going on.

    Signals:
        changed: A job began, moved on or ended; for whoever shows them.
        failed: The WorkbenchError of a job whose owner did not want to hear of it.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[_Waiting] = []

    def start(
        self,
        name: str,
        work: Callable[[Job[_Result]], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[WorkbenchError], None] | None = None,
        *,
        topic: str = "",
        must_end: bool = False,
    ) -> Job[_Result]:
        """Begin a job; `done` or `failed` is called later on this thread, neither if it is cancelled.

        Args:
            name: What is being done, for a person.
            work: Runs on a thread of its own; it may touch no widget.
            done: Gets the result.
            failed: Gets the error; where it is None, an error card is shown.
            topic: An earlier job of the same topic is cancelled: only the newest answer is wanted.
            must_end: It writes what a person did: `cancel_all` spares it, and it is waited for when the window closes.
        """
        if topic:
            self.cancel(topic)
        job: Job[_Result] = Job(name, work)
        self._waiting.append(_Waiting(job, done, failed, topic, must_end))
        job.start()
        self.changed.emit()
        return job

    def cancel(self, topic: str) -> None:
        """Cancel the jobs of a topic."""
        for waiting in self._waiting:
            if waiting.topic == topic:
                waiting.job.cancel()

    def cancel_all(self) -> None:
        """Cancel everything that is only wanted by whoever looks at the window."""
        for waiting in self._waiting:
            if not waiting.must_end:
                waiting.job.cancel()

    @property
    def jobs(self) -> list[Job[Any]]:
        """What is going on and still wanted."""
        return [waiting.job for waiting in self._waiting if not waiting.job.is_cancelled]

    @property
    def can_cancel(self) -> bool:
        """Whether `cancel_all` would end anything."""
        return any(not waiting.must_end and not waiting.job.is_cancelled for waiting in self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether no thread is at work, cancelled ones included."""
        return not self._waiting

    def deliver(self) -> None:
        """Hand over what has come in; the pump calls it on every tick."""
        if not self._waiting:
            return
        for waiting in [waiting for waiting in self._waiting if waiting.job.is_over]:
            # One by one: where an owner fails at what it gets, the others still get theirs at the next tick.
            self._waiting.remove(waiting)
            if not waiting.job.is_cancelled:
                self._hand_over(waiting)
        self.changed.emit()

    def _hand_over(self, waiting: _Waiting) -> None:
        if waiting.job.error is None:
            waiting.done(waiting.job.result())
        elif waiting.failed is not None:
            waiting.failed(waiting.job.error)
        else:
            self.failed.emit(waiting.job.error)
