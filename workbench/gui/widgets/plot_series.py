"""What a plot shows: curves, points and levels, each with a name, a colour and a line of its own; and marks."""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.gui.series import Numbers, Trace

# Pixels on and off, in turn.
DASHES: dict[str, tuple[int, ...]] = {
    "solid": (),
    "dash": (7, 4),
    "dot": (2, 3),
    "dash-dot": (8, 3, 2, 3),
    "long": (14, 5),
}
# A colour of the theme: plots lie on cards.
GROUND = "raised"


class Kind(Enum):
    """How a series is drawn."""

    CURVE = "curve"
    POINTS = "points"
    LEVEL = "level"


@dataclass
class Series:
    """One entry of the legend.

    Attributes:
        name: In the legend, the readout and the table.
        kind: How it is drawn.
        colour: A colour of the theme, such as "student".
        dash: One of `DASHES`.
        words: What it is, in a sentence, for the tooltip.
        shown: Whether a person wants to see it.
        smooths: Whether smoothing applies.
        behind: Whether it lies under the others.
        is_reference: Whether it is a fixed number that its name tells: no value stands beside it.
        trace: Its values; a level has none.
        value: Of a level.
    """

    name: str
    kind: Kind
    colour: str
    dash: str = "solid"
    words: str = ""
    shown: bool = True
    smooths: bool = False
    behind: bool = False
    is_reference: bool = False
    trace: Trace = field(default_factory=Trace)
    value: float = float("nan")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not np.isfinite(self.value) if self.kind is Kind.LEVEL else not len(self.trace)

    @property
    def latest(self) -> float:
        """The newest number, NaN where there is none."""
        if self.kind is Kind.LEVEL:
            return self.value
        return float(self.trace.shown[-1]) if len(self.trace) else float("nan")

    def at(self, x: float) -> float:
        """The number nearest to a place; NaN outside of what there is."""
        if self.kind is Kind.LEVEL:
            return self.value
        trace = self.trace
        if not len(trace) or not self._reaches(x):
            return float("nan")
        return float(trace.shown[trace.nearest(x)])

    def _reaches(self, x: float) -> bool:
        first, last = float(self.trace.x[0]), float(self.trace.x[-1])
        # Points stand for what lies around them.
        slack = 0.5 * (last - first) / max(len(self.trace) - 1, 1)
        return first - slack - 1 <= x <= last + slack + 1


@dataclass(frozen=True)
class Mark:
    """A vertical line: where something changed, or a stage began.

    Attributes:
        x: Where.
        text: Such as "T 4 → 8".
        is_stage: Whether a stage begins here.
    """

    x: float
    text: str
    is_stage: bool = False


def pen(colour: QColor, dash: str = "solid", width: float = 1.0) -> QPen:
    """A pen so many pixels wide."""
    made = QPen(colour, width)
    if DASHES[dash]:
        made.setDashPattern([part / width for part in DASHES[dash]])
        made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """So much of a colour on a ground: looks translucent, and is drawn far faster for being opaque."""
    parts = zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(share * above + (1 - share) * below) for above, below in parts))


def gaps(x: Numbers, y: Numbers, pixels: float, dash: str) -> Numbers:
    """Values with NaN where a dashed line is off; far cheaper than a dashed pen along a jagged curve.

    Args:
        x: Places.
        y: Values.
        pixels: How many one unit of x takes.
        dash: One of `DASHES`.
    """
    pattern = DASHES[dash]
    if not pattern:
        return y
    is_on = np.concatenate([np.full(part, place % 2 == 0) for place, part in enumerate(pattern)])
    return np.where(is_on[(x * pixels).astype(np.int64) % len(is_on)], y, np.nan)


def paint_sample(painter: QPainter, rect: QRectF, series: Series, colour: QColor) -> None:
    """A short piece of a series' line, with its dot where it has dots."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = rect.center().y()
    painter.setPen(pen(colour, series.dash, 2.0))
    painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.right(), middle))
    if series.kind is Kind.POINTS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(rect.center(), 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
