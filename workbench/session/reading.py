"""One reads data at a time: what the first has decoded and kept on disk, the next need not decode again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_reading = threading.Lock()
_WAIT = 0.1


@contextmanager
def one_reader(pulse: Callable[[str], None]) -> Iterator[None]:
    """Wait until nobody else reads.

    Args:
        pulse: Hears that it is waiting; what it raises ends the wait.
    """
    pulse("Reading the data")
    while not _reading.acquire(timeout=_WAIT):
        pulse("Waiting for the data")
    try:
        yield
    finally:
        _reading.release()
