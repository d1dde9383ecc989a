"""How many errors the teacher saved, drawn as a dot with its interval."""

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme, small, tabular


class SavedErrors(QWidget):
    """Errors saved by the teacher: a dot, its 95 % interval, and the line of no difference."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._saved, self._low, self._high = 0.0, 0.0, 0.0
        self.setFont(small(tabular(self.font())))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_record(self, record: dict[str, Any]) -> None:
        """Draw a verdict."""
        self._saved = float(record["saved"])
        self._low, self._high = (float(end) for end in record["interval"])
        words = f"{self._saved:.1f} errors saved, 95 % interval {self._low:.1f} to {self._high:.1f}"
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of numbers around the drawing."""
        return QSize(220, 2 * self.fontMetrics().height() + 26)

    def minimumSizeHint(self) -> QSize:
        """Narrower it still can be read."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        across = QRectF(self.rect()).adjusted(10, line + 4, -10, -(line + 4))
        self._draw_zero(painter, across)
        self._draw_interval(painter, across)
        self._draw_words(painter, across, line)
        painter.end()

    def _x(self, value: float, across: QRectF) -> float:
        low, high = min(self._low, 0.0), max(self._high, 0.0)
        span = (high - low) or 1.0
        low, span = low - 0.06 * span, 1.12 * span
        return across.left() + (value - low) / span * across.width()

    def _draw_zero(self, painter: QPainter, across: QRectF) -> None:
        x = round(self._x(0.0, across)) + 0.5
        painter.setPen(QPen(self._theme.colour("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, across.top()), QPointF(x, across.bottom()))

    def _draw_interval(self, painter: QPainter, across: QRectF) -> None:
        y, colour = across.center().y(), self._theme.colour("student")
        painter.setPen(QPen(colour, 2))
        left, right = self._x(self._low, across), self._x(self._high, across)
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
        painter.setBrush(colour)
        painter.setPen(QPen(self._theme.colour("raised"), 1.5))
        painter.drawEllipse(QPointF(self._x(self._saved, across), y), 5, 5)

    def _draw_words(self, painter: QPainter, across: QRectF, line: int) -> None:
        painter.setPen(self._theme.colour("text"))
        self._write(painter, self._saved, f"{self._saved:.1f} errors saved", across, 0)
        painter.setPen(self._theme.colour("muted"))
        bottom = self.height() - line
        taken = [self._write(painter, 0.0, "0", across, bottom)]
        for value in (self._low, self._high):
            text = f"{value:.1f}"
            place = self._place(value, text, across, bottom)
            if not any(place.adjusted(-4, 0, 4, 0).intersects(other) for other in taken):
                taken.append(self._write(painter, value, text, across, bottom))

    def _write(self, painter: QPainter, value: float, text: str, across: QRectF, top: float) -> QRectF:
        place = self._place(value, text, across, top)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        return place

    def _place(self, value: float, text: str, across: QRectF, top: float) -> QRectF:
        """Around the value's place, but inside the widget."""
        width = self.fontMetrics().horizontalAdvance(text) + 2.0
        left = self._x(value, across) - width / 2
        left = max(0.0, min(left, self.width() - width))
        return QRectF(left, top, width, self.fontMetrics().height())
