"""A curve small enough for a table cell: one line, no axes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme

_DOT = 2.0


def paint_sparkline(painter: QPainter, rect: QRectF, values: ArrayLike, colour: QColor) -> None:
    """Draw values as one line that fills a rectangle, with a dot on the newest.

    Args:
        painter: Active; left as it was found.
        rect: In the painter's coordinates, such as a table cell's.
        values: In order, evenly spaced; what is not finite leaves no trace. Any length: it costs one pass.
        colour: Of line and dot.
    """
    inner = QRectF(rect).adjusted(_DOT, _DOT, -_DOT, -_DOT)
    heights = _extremes(np.asarray(values, dtype=np.float64), int(max(inner.width(), 1)))
    if not len(heights) or inner.height() <= 0:
        return
    points = _points(heights, inner)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.25))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(points[-1], _DOT, _DOT)
    painter.restore()


class Sparkline(QWidget):
    """A sparkline on its own, for cards.

    Args:
        theme: Colours.
        colour: A colour of the theme, such as "student".
        parent: Its owner.
    """

    def __init__(self, theme: Theme, colour: str = "student", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._colour = theme, colour
        self._values: NDArray[np.float64] = np.empty(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set(self, values: ArrayLike, words: str = "") -> None:
        """Draw other values; `words` say the same to who cannot see it."""
        self._values = np.asarray(values, dtype=np.float64)
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """A table cell's size."""
        return QSize(96, 22)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        paint_sparkline(painter, QRectF(self.rect()), self._values, self._theme.colour(self._colour))
        painter.end()


def _extremes(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """At most two values a pixel, the smallest and the largest, so that no spike is lost."""
    values = values[np.isfinite(values)]
    share = -(-len(values) // width)
    if share <= 2:
        return values
    whole = len(values) // share * share
    blocks = values[:whole].reshape(-1, share)
    pairs = np.column_stack((blocks.max(axis=1), blocks.min(axis=1))).ravel()
    return np.append(pairs, values[-1])


def _points(heights: NDArray[np.float64], rect: QRectF) -> list[QPointF]:
    low, high = float(heights.min()), float(heights.max())
    across = np.linspace(rect.left(), rect.right(), len(heights)) if len(heights) > 1 else np.array([rect.center().x()])
    share = (heights - low) / (high - low) if high > low else np.full(len(heights), 0.5)
    down = rect.bottom() - share * rect.height()
    return [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
