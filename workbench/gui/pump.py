"""One timer brings everything to the window: events, numbers, results of jobs; and says when to redraw."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

TICK_MS = 33
# While a run trains, the window's thread may take this share of a processor for redrawing: on a small machine every
# millisecond it draws is one the training waits.
_SHARE = 0.05
# However dear drawing is, curves keep moving; in seconds.
_LONGEST_WAIT = 0.5


class Pump(QObject):
    """The window's heartbeat.

    Signals:
        ticked: Every 33 ms: look at queues.
        redraw: At most once a tick, and less often while a run trains and drawing is dear: draw what is visible.
    """

    ticked = Signal()
    redraw = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_sparing: Callable[[], bool] = lambda: False
        self._wanted = False
        self._debt = self._drawn = 0.0
        self._wall, self._busy = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to beat."""
        self._timer.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    def want_redraw(self) -> None:
        """Something grew: draw it at the next good moment."""
        self._wanted = True

    def _tick(self) -> None:
        # The thread's own processor time since the last tick holds the painting too, whoever asked for it.
        wall, busy = time.perf_counter(), time.thread_time()
        self._debt = max(self._debt + (busy - self._busy) - _SHARE * (wall - self._wall), 0.0)
        self._wall, self._busy = wall, busy
        self.ticked.emit()
        waited = wall - self._drawn >= _LONGEST_WAIT
        if self._wanted and (self._debt <= 0.0 or waited or not self.is_sparing()):
            # Forgotten as well: one dear moment must not hold the next drawings up.
            self._wanted, self._debt, self._drawn = False, 0.0, wall
            self.redraw.emit()
