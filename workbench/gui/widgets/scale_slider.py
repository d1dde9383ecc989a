"""A slider over a range of numbers, linear or logarithmic, that leaves the wheel to the form around it."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

_POSITIONS = 200
# A range over more than this factor is felt as factors, not as differences.
_LOGARITHMIC_FROM = 20.0


class ScaleSlider(QSlider):
    """Slides between two numbers.

    Signals:
        slid: The number a person slid to, rounded to what a pixel is worth.
    """

    slid = Signal(float)

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._high = low, high
        self._is_logarithmic = low > 0 and high / low >= _LOGARITHMIC_FROM
        count = _POSITIONS if self._is_logarithmic else round((high - low) * 100)
        self.setRange(0, count)
        self.setSingleStep(max(count // 100, 1))
        self.setPageStep(max(count // 10, 1))
        self.setMinimumSize(48, 24)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._moved)

    def number(self) -> float:
        """The number under the handle."""
        share = self.value() / self.maximum()
        if not self._is_logarithmic:
            return round(self._low + share * (self._high - self._low), 2)
        return float(f"{self._low * (self._high / self._low) ** share:.2g}")

    def follow(self, number: float) -> None:
        """Put the handle where a number is, or at the end it lies beyond; nobody is told."""
        if number == self.number():
            return
        inside = min(max(number, self._low), self._high)
        if self._is_logarithmic:
            share = math.log(inside / self._low) / math.log(self._high / self._low)
        else:
            share = (inside - self._low) / (self._high - self._low)
        self.blockSignals(True)
        self.setValue(round(share * self.maximum()))
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only the focused slider takes the wheel; otherwise the form scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _moved(self, _position: int) -> None:
        self.slid.emit(self.number())
