"""How long prompts and responses are: two bars for every range of lengths, the ranges growing by 1, 2, 5, 10, …."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.theme import Theme, small, tabular
from workbench.session.conversation_card import LengthBin

_PROMPTS, _RESPONSES = "accent", "hard"
_KEY = 8
_MOST_BAR, _MOST_HEIGHT = 26, 260


class LengthChart(QWidget):
    """Bars whose heights are counts; the axis is in characters.

    Attributes:
        name: What the first bars stand for: "prompts" or "passages".
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bins: Sequence[LengthBin] = ()
        self.name = "prompts"
        self.setAccessibleName("Lengths in characters")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(_MOST_HEIGHT)
        theme.changed.connect(self.update)

    def show_lengths(self, bins: Sequence[LengthBin], *, are_passages: bool) -> None:
        """Draw other lengths."""
        self._bins, self.name = bins, "passages" if are_passages else "prompts"
        self.setAccessibleDescription(" ".join(self.words(place) for place in range(len(bins))))
        self.update()

    def words(self, place: int) -> str:
        """One range in a sentence."""
        found = self._bins[place]
        least = f"{self._bins[place - 1].most + 1:,} to " if place else "up to "
        counts = [f"{found.prompts:,} {self.name}"]
        counts += [f"{found.responses:,} responses"] if self._has_responses else []
        return f"{least}{found.most:,} characters: {', '.join(counts)}."

    @property
    def _has_responses(self) -> bool:
        return any(found.responses for found in self._bins)

    @property
    def _most(self) -> int:
        return max(max(found.prompts, found.responses) for found in self._bins)

    def sizeHint(self) -> QSize:
        """As small as it can be read; it grows with the room there is."""
        return QSize(180, 110)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """The range under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent) and self._bins:
            area = self._area()
            place = int((event.x() - area.left()) * len(self._bins) / max(area.width(), 1))
            if 0 <= place < len(self._bins):
                words = self.words(place)
                QToolTip.showText(event.globalPos(), words[:1].upper() + words[1:], self)
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The key above, the bars, the ends of the ranges below."""
        painter = QPainter(self)
        painter.setFont(tabular(small(self.font())))
        if self._bins:
            self._paint_key(painter)
            self._paint_bars(painter, self._area())
            self._paint_axis(painter, self._area())
        painter.end()

    def _area(self) -> QRect:
        line = QFontMetrics(tabular(small(self.font()))).height()
        return self.rect().adjusted(0, 2 * line + 6, 0, -line - 4)

    def _paint_key(self, painter: QPainter) -> None:
        metrics, text = painter.fontMetrics(), self._theme.colour("muted")
        painter.setPen(text)
        words = f"Length in characters; the highest bar stands for {self._most:,}"
        painter.drawText(0, metrics.ascent(), metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width()))
        left, top = 0, metrics.height() + 2
        named = [(_PROMPTS, self.name), *([(_RESPONSES, "responses")] if self._has_responses else [])]
        for colour, name in named:
            square = QRectF(left, top + (metrics.height() - _KEY) / 2, _KEY, _KEY)
            painter.fillRect(square, self._theme.colour(colour))
            painter.setPen(text)
            painter.drawText(left + _KEY + 4, top + metrics.ascent(), name)
            left += _KEY + 4 + metrics.horizontalAdvance(name) + 14

    def _paint_bars(self, painter: QPainter, area: QRect) -> None:
        step = area.width() / len(self._bins)
        kinds = 2 if self._has_responses else 1
        width = min(step * 0.8 / kinds, _MOST_BAR)
        for place, found in enumerate(self._bins):
            left = area.left() + step * (place + 0.5) - width * kinds / 2
            for count, colour in ((found.prompts, _PROMPTS), (found.responses, _RESPONSES))[:kinds]:
                # Whatever is there can be seen.
                height = max(area.height() * count / self._most, 1.0) if count else 0.0
                bar = QRectF(left, area.bottom() - height, max(width - 1, 1), height)
                painter.fillRect(bar, self._theme.colour(colour))
                left += width
        painter.setPen(self._theme.colour("border"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _paint_axis(self, painter: QPainter, area: QRect) -> None:
        """The ends of as many ranges as have room."""
        metrics, step = painter.fontMetrics(), area.width() / len(self._bins)
        widest = max(metrics.horizontalAdvance(_brief(found.most)) for found in self._bins) + 6
        every = max(-(-widest // max(int(step), 1)), 1)
        painter.setPen(self._theme.colour("muted"))
        for place in range(len(self._bins) - 1, -1, -every):
            # Centred under its bars, and inside at the last of them.
            middle = area.left() + step * (place + 0.5)
            left = min(middle - widest / 2, area.right() - widest)
            room = QRectF(max(left, area.left()), area.bottom() + 3, widest, metrics.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, _brief(self._bins[place].most))


def _brief(number: int) -> str:
    """A round number in few letters: "200", "5k", "2M"."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number // size}{letter}"
    return str(number)
