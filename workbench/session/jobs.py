"""Short background jobs (inspect, evaluate, export): each ends with one result, one error, or in silence."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from workbench.errors import WorkbenchError
from workbench.session.failing import failed_event

_Result = TypeVar("_Result")


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """Raised inside a job that was asked to end; nobody hears of it."""


@dataclass(frozen=True)
class Progress:
    """How far a job is: a few words, and a share from 0 to 1 where it is known."""

    words: str = ""
    share: float | None = None


class Job(Generic[_Result]):
    """Work on a thread of its own that its owner looks at now and then.

    The work gets the job itself, to say how far it is and to see that it is no longer wanted.

    Attributes:
        name: What is being done, for a person: "Evaluating teacher.safetensors".
        progress: Replaced by the work as it goes on.
        error: What went wrong, once the job is over.
    """

    def __init__(self, name: str, work: "Callable[[Job[_Result]], _Result]") -> None:
        self.name = name
        self.progress = Progress()
        self.error: WorkbenchError | None = None
        self._work = work
        self._result: _Result | None = None
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"job {name}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to end; its result is dropped, whether or not it can end early."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the result is no longer wanted."""
        return self._cancelled.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the thread has nothing left to do."""
        return self._over.is_set()

    def say(self, words: str, share: float | None = None) -> None:
        """From inside the work: how far it is. Raises Cancelled when it is no longer wanted."""
        if self._cancelled.is_set():
            raise Cancelled
        self.progress = Progress(words, share)

    def result(self) -> _Result:
        """What came out, once the job is over.

        Raises:
            WorkbenchError: It went wrong.
        """
        assert self.is_over, "asked before the end"
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; never on a thread that must stay responsive."""
        self._thread.join(seconds)
        return self.is_over

    def _run(self) -> None:
        try:
            self._result = self._work(self)
        except Cancelled:
            pass
        except WorkbenchError as error:
            self.error = error
        except Exception as error:
            told = failed_event(error, step=0)
            title = f"{self.name} ended with an error of the program: {type(error).__name__}: {error}"
            self.error = WorkbenchError(title, "Please report this with the details.", told.details)
        finally:
            self._over.set()
