"""Runs Python's cycle collector on the window's thread only.

A collection on another thread destroys Qt objects there: with a worker allocating and Qt objects in cycles, 13 of 13
runs crashed; with this, none of 6.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000
# Young garbage every second; everything every so many seconds, since a full collection takes some 100 ms beside torch.
_FULL_EVERY = 60


class Collector(QObject):
    """Switches automatic collection off, and collects on a timer of the thread that made it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect now."""
        self._ticks += 1
        gc.collect(2 if self._ticks % _FULL_EVERY == 0 else 1)

    def stop(self) -> None:
        """Give collection back to Python, at the end of the program or of a test."""
        self._timer.stop()
        gc.enable()
