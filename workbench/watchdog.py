"""Work that cannot be interrupted from outside, stopped by its own library's switch when it takes too much."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

_INTERVAL = 0.1
_IDLE_TURNS = 10


@dataclass(eq=False)
class Watch:
    """One piece of work.

    Attributes:
        stop: Tells the work to stop; called on another thread.
        end: When, by the monotonic clock.
        held: Bytes in memory when it was first looked at; 0 before that.
        most: Bytes it may take beyond that: half of what was free.
        reason: Why it was stopped, after the name of what was done; empty while it may go on.
    """

    stop: Callable[[], None]
    seconds: float
    end: float
    held: int = 0
    most: int = 0
    reason: str = ""

    def look(self) -> None:
        """Stop the work where it has reached a limit."""
        resident = int(psutil.Process().memory_info().rss)
        if not self.held:
            self.held, self.most = resident, int(psutil.virtual_memory().available) // 2
        if time.monotonic() > self.end:
            self.reason = f"took more than {self.seconds:,.0f} s"
        elif resident - self.held > self.most:
            self.reason = f"took more than {self.most / 2**20:,.0f} MiB of memory, half of what was free"
        if self.reason:
            self.stop()


class _Watchdog:
    """One thread for all work under way; it ends when there has been none for a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: set[Watch] = set()
        self._is_running = False

    def add(self, watch: Watch) -> None:
        with self._lock:
            self._active.add(watch)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, name="watchdog", daemon=True).start()

    def remove(self, watch: Watch) -> None:
        with self._lock:
            self._active.discard(watch)

    def _work(self) -> None:
        idle = 0
        while True:
            time.sleep(_INTERVAL)
            with self._lock:
                idle = 0 if self._active else idle + 1
                if idle > _IDLE_TURNS:
                    self._is_running = False
                    return
                for watch in self._active:
                    watch.look()


_WATCHDOG = _Watchdog()


@contextmanager
def watched(stop: Callable[[], None], seconds: float) -> Iterator[Watch]:
    """Watch what is done in this block; starting and ending it costs microseconds.

    Args:
        stop: Makes the work end soon; called on another thread, perhaps more than once.
        seconds: Most time.
    """
    watch = Watch(stop, seconds, time.monotonic() + seconds)
    _WATCHDOG.add(watch)
    try:
        yield watch
    finally:
        _WATCHDOG.remove(watch)
