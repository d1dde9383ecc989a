"""A black square to write on with white ink: mouse, finger or pen, whose pressure makes the stroke thicker."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme

# Pixels of the ink a side, whatever size the pad has on the screen: ten times what MNIST's digits have.
SIDE = 280
THINNEST, THICKEST, USUAL = 8, 48, 22
_LIGHTEST_TOUCH = 0.35
_LEAST, _USUAL_SIDE = 120, 260
_RADIUS = 6.0

# Ink is white on black in every theme: it is data, as the models see it.
_INK, _PAPER = QColor(255, 255, 255), QColor(0, 0, 0)


@dataclass
class _Stroke:
    """One line of the pen, in ink pixels: points, and how thick it is at each."""

    erases: bool
    points: list[QPointF] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)


class DrawingPad(QWidget):
    """Where a person draws, over nothing or over a picture.

    Signals:
        changed: The ink or the picture under it is another.

    Attributes:
        pen_width: Of the next stroke, in ink pixels.
        is_erasing: Whether the next stroke takes ink away.
        hint: Words on the empty pad.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pen_width = float(USUAL)
        self.is_erasing = False
        self.hint = "Draw here"
        self._picture: NDArray[np.uint8] | None = None
        self._strokes: list[_Stroke] = []
        self._stroke: _Stroke | None = None
        self._ink = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
        self._render()
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription("Draw with mouse, finger or pen. Delete clears, Ctrl+Z takes a stroke back.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    # -- what is on it

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask about."""
        return self._picture is None and not self._strokes

    @property
    def has_strokes(self) -> bool:
        """Whether a person drew something since the pad was cleared or got a picture."""
        return bool(self._strokes)

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """What lies under the ink, as it came."""
        return self._picture

    def ink(self) -> NDArray[np.uint8]:
        """What is to be seen, as bytes [SIDE, SIDE], or [SIDE, SIDE, 3] where the picture under it has colours."""
        pixels = np.frombuffer(self._ink.constBits(), np.uint8).reshape(SIDE, SIDE, 4)
        # Qt keeps blue first.
        is_grey = self._picture is None or self._picture.ndim == 2
        return pixels[..., 0].copy() if is_grey else np.ascontiguousarray(pixels[..., 2::-1])

    def show_picture(self, picture: NDArray[np.uint8] | None) -> None:
        """Put a picture under the ink, grey [H, W] or colours [H, W, 3]; what was drawn is gone."""
        self._picture = picture
        self._strokes, self._stroke = [], None
        self._render()
        self.changed.emit()

    def clear(self) -> None:
        """An empty pad."""
        if not self.is_empty:
            self.show_picture(None)

    def undo(self) -> None:
        """Take the last stroke back, or the picture where there is none."""
        if self._strokes:
            self._strokes.pop()
            self._stroke = None
            self._render()
            self.changed.emit()
        else:
            self.clear()

    # -- mouse, finger and pen

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A stroke begins."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._begin(event.position(), 1.0, erases=self.is_erasing)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It goes on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(event.position(), 1.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It ends."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._stroke = None

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen, with its pressure and its eraser end."""
        if event.type() is QEvent.Type.TabletPress:
            is_eraser = event.pointerType() is QPointingDevice.PointerType.Eraser
            self._begin(event.position(), event.pressure(), erases=is_eraser or self.is_erasing)
        elif event.type() is QEvent.Type.TabletMove and self._stroke is not None:
            self._go_on(event.position(), event.pressure())
        elif event.type() is QEvent.Type.TabletRelease:
            self._stroke = None
        event.accept()

    def event(self, event: QEvent) -> bool:
        """One finger draws, and nothing scrolls meanwhile."""
        if isinstance(event, QTouchEvent) and event.points():
            point = event.points()[0].position()
            if event.type() is QEvent.Type.TouchBegin:
                self._begin(point, 1.0, erases=self.is_erasing)
            elif event.type() is QEvent.Type.TouchUpdate:
                self._go_on(point, 1.0)
            else:
                self._stroke = None
            event.accept()
            return True
        return super().event(event)

    def _begin(self, position: QPointF, pressure: float, *, erases: bool) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._stroke = _Stroke(erases)
        self._strokes.append(self._stroke)
        self._go_on(position, pressure)

    def _go_on(self, position: QPointF, pressure: float) -> None:
        stroke, square = self._stroke, self._square()
        if stroke is None:
            return
        scale = SIDE / max(square.width(), 1.0)
        stroke.points.append((position - square.topLeft()) * scale)
        stroke.widths.append(self.pen_width * (_LIGHTEST_TOUCH + (1 - _LIGHTEST_TOUCH) * min(pressure, 1.0)))
        with QPainter(self._ink) as painter:
            _draw_segment(painter, stroke, len(stroke.points) - 1)
        self.update()
        self.changed.emit()

    # -- painting

    def sizeHint(self) -> QSize:
        """Large enough to write well."""
        return QSize(_USUAL_SIDE, _USUAL_SIDE)

    def minimumSizeHint(self) -> QSize:
        """Still good for a digit."""
        return QSize(_LEAST, _LEAST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ink as large as it fits, and a frame that shows the focus."""
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            square = self._square()
            path = QPainterPath()
            path.addRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
            painter.setClipPath(path)
            painter.drawImage(square, self._ink)
            if self.is_empty:
                painter.setPen(QColor(255, 255, 255, 150))
                area = square.adjusted(12, 12, -12, -12)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
            painter.setClipping(False)
            focused = self.hasFocus()
            painter.setPen(QPen(self._theme.colour("accent" if focused else "border"), 2 if focused else 1))
            painter.drawPath(path)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame shows it."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame shows it."""
        super().focusOutEvent(event)
        self.update()

    def _square(self) -> QRectF:
        side = float(min(self.width(), self.height()))
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _render(self) -> None:
        """All of it anew: the picture as large as it fits, then stroke by stroke."""
        self._ink.fill(_PAPER)
        with QPainter(self._ink) as painter:
            if self._picture is not None:
                _draw_picture(painter, self._picture)
            for stroke in self._strokes:
                for place in range(len(stroke.points)):
                    _draw_segment(painter, stroke, place)
        self.update()


def image_of(picture: NDArray[np.uint8]) -> QImage:
    """Bytes [H, W] or [H, W, 3] as a picture of its own."""
    picture = np.ascontiguousarray(picture)
    kind = QImage.Format.Format_Grayscale8 if picture.ndim == 2 else QImage.Format.Format_RGB888
    # A copy: the bytes belong to someone else.
    return QImage(picture.data, picture.shape[1], picture.shape[0], picture.strides[0], kind).copy()


def _draw_picture(painter: QPainter, picture: NDArray[np.uint8]) -> None:
    image = image_of(picture)
    factor = SIDE / max(image.width(), image.height())
    # Small pictures show their pixels, each as a whole number of ink pixels where it can be.
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor < 3)
    width, height = image.width() * factor, image.height() * factor
    painter.drawImage(QRectF((SIDE - width) / 2, (SIDE - height) / 2, width, height), image)


def _draw_segment(painter: QPainter, stroke: _Stroke, place: int) -> None:
    """From the point before to this one; a single point is a dot."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    start, end = stroke.points[max(place - 1, 0)], stroke.points[place]
    colour = _PAPER if stroke.erases else _INK
    painter.setPen(
        QPen(colour, stroke.widths[place], Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    if start == end:
        painter.drawPoint(end)
    else:
        painter.drawLine(QLineF(start, end))
