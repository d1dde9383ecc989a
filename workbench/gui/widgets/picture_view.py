"""An example as something to look at: a picture with sharp pixels, a text, a row of a table, or bars for numbers."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.session.looking import HeldOutExamples

_MOST_BARS = 48
_LEAST_LINES = 4
_EXCERPT = 300


def picture_of(examples: HeldOutExamples, place: int) -> QImage | None:
    """An example as a picture of its own size; None where it is none."""
    pixels = examples.picture(place)
    if pixels is None:
        return None
    height, width = pixels.shape[:2]
    grey = pixels.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    # A copy: the picture must not depend on memory that is someone else's.
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def draw_example(painter: QPainter, area: QRect, examples: HeldOutExamples, place: int, bars: QColor) -> None:
    """Paint an example into an area, as large as it fits; what is no picture as its text, or its numbers as bars.

    A row of a table is painted with the names of its columns where they can be read.
    """
    text, row = examples.text(place), examples.row(place)
    if text is not None:
        _draw_text(painter, area, text, bars)
        return
    if row and area.height() >= _LEAST_LINES * painter.fontMetrics().lineSpacing():
        _draw_row(painter, area, row, bars)
        return
    image = picture_of(examples, place)
    if image is None:
        _draw_numbers(painter, area, examples.features(place), bars)
        return
    ratio = painter.device().devicePixelRatioF()
    factor = min(area.width() / image.width(), area.height() / image.height())
    # Pixels that are much enlarged stay pixels, all of the same size; anything else is smoothed.
    is_sharp = factor * ratio >= 3
    if is_sharp:
        factor = math.floor(factor * ratio) / ratio
    size = QSizeF(image.width() * factor, image.height() * factor)
    left = area.left() + math.floor((area.width() - size.width()) / 2)
    top = area.top() + math.floor((area.height() - size.height()) / 2)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_sharp)
    painter.drawImage(QRectF(left, top, size.width(), size.height()), image)


def thumbnail(
    examples: HeldOutExamples | None, place: int, side: int, colours: tuple[QColor, QColor], ratio: float
) -> QPixmap:
    """An example as a square of so many pixels a side; before it is known, an empty square.

    Args:
        examples: The held-out examples; None before they are read.
        place: Which.
        side: In pixels that do not depend on the screen.
        colours: Behind it, and of the bars of what is no picture.
        ratio: Pixels of the screen a pixel.
    """
    pixmap = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(colours[0])
    if examples is not None and place < len(examples):
        painter = QPainter(pixmap)
        draw_example(painter, QRect(0, 0, side, side), examples, place, colours[1])
        painter.end()
    return pixmap


def with_text(words: str, examples: HeldOutExamples | None, place: int) -> str:
    """Words about an example, and how it begins where it is a text or a row: a small picture of it tells nothing."""
    text = "" if examples is None or place >= len(examples) else in_words(examples, place)
    if not text:
        return words
    return f"{words}\n{text[:_EXCERPT]}{'…' if len(text) > _EXCERPT else ''}"


def in_words(examples: HeldOutExamples, place: int) -> str:
    """An example as its text, or a line for each column; empty where it is a picture or has no names."""
    text = examples.text(place)
    if text is not None:
        return text
    return "\n".join(f"{column}: {value}" for column, value in examples.row(place).items())


class PictureView(QWidget):
    """The chosen example, large."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[HeldOutExamples, int] | None = None
        self.setAccessibleName("Picture of the example")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def show_example(self, examples: HeldOutExamples | None, place: int) -> None:
        """Show another example; nothing before examples are read."""
        shown = None if examples is None or place >= len(examples) else (examples, place)
        if shown != self._shown:
            self._shown = shown
            text = "" if shown is None else in_words(*shown)
            self.setToolTip(text)
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Large enough to see a digit well."""
        return QSize(112, 112)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, in a thin frame."""
        painter = QPainter(self)
        side = min(self.width(), self.height())
        area = QRect((self.width() - side) // 2, 0, side, side)
        painter.fillRect(area, self._theme.colour("raised"))
        if self._shown is not None:
            draw_example(painter, area.adjusted(1, 1, -1, -1), *self._shown, self._theme.colour("muted"))
        painter.setPen(self._theme.colour("border"))
        painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.end()


def _draw_text(painter: QPainter, area: QRect, text: str, ink: QColor) -> None:
    """As much of a text as can be read there; where nothing can, lines that stand for it."""
    metrics = painter.fontMetrics()
    if area.height() < _LEAST_LINES * metrics.lineSpacing():
        faint = QColor(ink)
        faint.setAlpha(150)
        lines = max(area.height() // 6, 1)
        for line in range(1, lines):
            # The last one is short, as the end of a paragraph.
            width = (area.width() - 8) * (0.55 if line == lines - 1 else 1.0)
            painter.fillRect(QRectF(area.left() + 4, area.top() + 6 * line, width, 2), faint)
        return
    painter.setPen(ink)
    inner = area.adjusted(6, 4, -6, -4)
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(inner, int(flags), text)


def _draw_row(painter: QPainter, area: QRect, row: dict[str, str], ink: QColor) -> None:
    """As many columns as there is room for, each name with its value at the right."""
    metrics = painter.fontMetrics()
    inner, step = area.adjusted(6, 4, -6, -4), metrics.lineSpacing() + 3
    lines, most = list(row.items()), max(inner.height() // step, 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], (f"and {len(lines) - most + 1:,} more", "")]
    painter.setPen(ink)
    for number, (column, value) in enumerate(lines):
        line = QRect(inner.left(), inner.top() + number * step, inner.width(), step)
        right = metrics.elidedText(value, Qt.TextElideMode.ElideRight, line.width() // 2)
        room = line.width() - (metrics.horizontalAdvance(right) + 8 if right else 0)
        left = metrics.elidedText(column, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, right)


def _draw_numbers(painter: QPainter, area: QRect, values: NDArray[np.float32], bars: QColor) -> None:
    """The first numbers as bars up and down from a line for 0."""
    shown = values[: min(_MOST_BARS, max(area.width() // 2, 1))]
    largest = float(np.abs(shown).max()) or 1.0
    middle, width = area.center().y(), area.width() / len(shown)
    faint = QColor(bars)
    faint.setAlpha(110)
    painter.fillRect(area.left(), middle, area.width(), 1, faint)
    for place, value in enumerate(shown.tolist()):
        height = round(abs(value) / largest * (area.height() / 2 - 2))
        left, right = round(area.left() + place * width), round(area.left() + (place + 1) * width)
        top = middle - height if value > 0 else middle
        painter.fillRect(QRectF(left, top, max(right - left - (width >= 3), 1), height), bars)
