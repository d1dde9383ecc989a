"""How far off a token is, as a colour: one scale for all steps, so that texts can be compared, and its legend."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.events import TokenSeen
from workbench.gui.theme import Theme, small, tabular
from workbench.gui.widgets.colour_ramp import STEPS, lightness, ramp

_INK, _PAPER = QColor("#10151c"), QColor("#ffffff")
_BAR, _LONGEST_BAR = 8, 260
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Scale:
    """What is coloured.

    Attributes:
        name: In words, with its unit.
        short: The same where there is little room.
        colour: Of the far end, by its name in the theme.
        top: Nats from which on the colour is the same.
        ticks: Nats that are written under the legend.
    """

    name: str
    short: str
    colour: str
    top: float
    ticks: tuple[float, ...]

    def share(self, nats: float) -> float:
        """Where a value lies on the scale, from 0 to 1; by its root, so that small ones are told apart."""
        return math.sqrt(min(max(nats, 0.0) / self.top, 1.0))


DIVERGENCE = Scale("KL(teacher ‖ student), nats", "KL, nats", "mark", 4.0, (0, 0.1, 0.5, 1, 2, 4))
SURPRISE = Scale("−log p of the student, nats", "−log p, nats", "hard", 8.0, (0, 0.2, 1, 2, 4, 8))


def surprise(token: TokenSeen) -> float:
    """−log p of the token itself, in nats."""
    return -math.log(max(token.probability, _SMALLEST))


def value_of(token: TokenSeen, scale: Scale) -> float | None:
    """What is coloured of a token; None where it has no such value, or nothing is asked of it."""
    if not token.is_scored:
        return None
    return token.kl if scale is DIVERGENCE else surprise(token)


class TokenColours:
    """The colours of a scale on the ground of a panel."""

    def __init__(self, theme: Theme, scale: Scale) -> None:
        self.scale = scale
        self._ramp = ramp(theme.colour("surface"), theme.colour(scale.colour))

    def ground(self, nats: float) -> QColor:
        """Behind a token."""
        return QColor.fromRgb(int(self._ramp[round(self.scale.share(nats) * (STEPS - 1))]) & 0xFFFFFF)

    def ink(self, nats: float) -> QColor:
        """Of the token itself: what is read best on its ground."""
        packed = int(self._ramp[round(self.scale.share(nats) * (STEPS - 1))])
        return _INK if lightness(packed) > 0.62 else _PAPER


class TokenLegend(QWidget):
    """The ramp with numbers under it, its name, and what the underline means."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scale = DIVERGENCE
        self.setFont(tabular(small(self.font())))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_scale(DIVERGENCE)
        theme.changed.connect(self.update)

    @property
    def scale(self) -> Scale:
        """What is explained."""
        return self._scale

    def show_scale(self, scale: Scale) -> None:
        """Explain another scale."""
        self._scale = scale
        self.setAccessibleName("Legend of the colours")
        self.setAccessibleDescription(
            f"{scale.name}: from {scale.ticks[0]:g}, pale, to {scale.top:g} and more, strong."
        )
        self.setToolTip(
            f"{scale.name}. Muted tokens are the prompt: they are not scored. "
            "Dotted: the likeliest next token is another for the teacher than for the student."
        )
        self.update()

    def sizeHint(self) -> QSize:
        """A bar and a line of numbers."""
        return QSize(300, _BAR + 3 + QFontMetrics(self.font()).height())

    def minimumSizeHint(self) -> QSize:
        """The bar alone."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bar, numbers, words."""
        with QPainter(self) as painter:
            width = min(_LONGEST_BAR, self.width() // 2)
            self._paint_bar(painter, QRect(1, 1, width, _BAR))
            left = width + 14
            self._paint_words(painter, QRect(left, 0, self.width() - left, self.height()))

    def _paint_bar(self, painter: QPainter, area: QRect) -> None:
        colours, scale = TokenColours(self._theme, self._scale), self._scale
        for x in range(area.width()):
            share = x / max(area.width() - 1, 1)
            painter.fillRect(area.left() + x, area.top(), 1, area.height(), colours.ground(share**2 * scale.top))
        painter.setPen(self._theme.colour("border"))
        painter.drawRect(area.adjusted(-1, -1, 0, 0))
        painter.setPen(self._theme.colour("muted"))
        metrics, taken = painter.fontMetrics(), -8
        for tick in scale.ticks:
            text = f"≥ {tick:g}" if tick == scale.top else f"{tick:g}"
            wide = metrics.horizontalAdvance(text)
            middle = area.left() + round(scale.share(tick) * area.width())
            left = min(max(middle - wide // 2, 0), area.right() - wide + 1)
            if left >= taken + 8:
                painter.drawText(left, area.bottom() + 2 + metrics.ascent(), text)
                taken = left + wide

    def _paint_words(self, painter: QPainter, area: QRect) -> None:
        metrics = painter.fontMetrics()
        rest = " · muted: prompt · dotted: another first choice"
        fits = (
            words
            for words in (self._scale.name + rest, self._scale.name, self._scale.short)
            if metrics.horizontalAdvance(words) <= area.width()
        )
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, next(fits, self._scale.short))
