"""Work on many files at once, in order, that a person can end at any moment."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import psutil

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_MOST_WORKERS = 8
_A_PIECE = 16
_AHEAD = 3 * _MOST_WORKERS
_SECONDS = 0.2


def side_by_side(
    function: Callable[[_Item], _Result], items: Sequence[_Item], pulse: Callable[[str], None], words: str
) -> Iterator[_Result]:
    """The results of a function, in the order of the items; only a few are worked out ahead.

    Pillow lets other threads go on while it decodes, so that threads do and no process has to be started.

    Args:
        function: Called on any thread; it must not raise.
        items: What to call it with.
        pulse: Hears how far it is, some times a second; what it raises ends the work.
        words: For the pulse, such as "Decoding pictures".
    """
    workers = min(psutil.cpu_count() or 1, _MOST_WORKERS)
    ended: list[bool] = []

    def piece(start: int) -> list[_Result]:
        return [function(item) for item in items[start : start + _A_PIECE] if not ended]

    def say() -> None:
        pulse(f"{words}: {done:,} of {len(items):,}")

    pool = ThreadPoolExecutor(workers)
    starts = range(0, len(items), _A_PIECE)
    ahead: deque[Future[list[_Result]]] = deque()
    done = 0
    try:
        for place in range(len(starts) + _AHEAD):
            if place < len(starts):
                ahead.append(pool.submit(piece, starts[place]))
            if place < _AHEAD or not ahead:
                continue
            say()
            first = ahead.popleft()
            while not wait([first], _SECONDS).done:
                say()
            done += len(first.result())
            yield from first.result()
    finally:
        ended.append(True)
        pool.shutdown(wait=True, cancel_futures=True)
