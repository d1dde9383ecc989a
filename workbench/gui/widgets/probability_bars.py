"""Distributions side by side: one row a class, one column of bars a model, with the numbers beside the bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.distributions import Row
from workbench.gui.telling import percent
from workbench.gui.theme import Theme, small, strong, tabular

# A log axis over eight decades; what is smaller shows as no bar, and by its number.
_DECADES = 8
_LOG_TICKS = (1e-8, 1.0, 1e-4, 1e-2, 1e-6)
_LINEAR_TICKS = (0.0, 1.0, 0.5)
_LEAST_ROW, _MOST_ROW = 13, 64
_GAP = 22
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class Column:
    """One distribution.

    Attributes:
        title: Above the bars.
        colour: A colour of the theme by its name.
        probabilities: One a class, over all classes.
        notes: The same remark, such as its entropy, in ever fewer words: the first that fits stands by the bars.
        ghost: Another distribution to compare with, behind it and paler.
    """

    title: str
    colour: str
    probabilities: Row
    notes: tuple[str, ...] = ()
    ghost: Row | None = None


class ProbabilityBars(QWidget):
    """Bars of one to three models over the same classes; painted on whole pixels."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[Column, ...] = ()
        self._names: tuple[str, ...] = ()
        self._shown: tuple[int, ...] = ()
        self._label: int | None = None
        self._log = False
        self.setAccessibleName("Probabilities by class")
        self.setToolTip("Dashed: what the hard label says, 100 % for the true class and nothing for all others.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def is_log(self) -> bool:
        """Whether bars are drawn on a logarithmic axis."""
        return self._log

    def set_log(self, *, log: bool) -> None:
        """Draw on a logarithmic axis, on which 0.3 % can be seen, or on a linear one."""
        self._log = log
        self.update()

    def show_columns(
        self,
        columns: Sequence[Column],
        names: Sequence[str],
        *,
        shown: Sequence[int] | None = None,
        label: int | None = None,
    ) -> None:
        """Show other numbers.

        Args:
            columns: What to draw, from left to right.
            names: Of all classes.
            shown: The classes to draw, in this order; None draws all.
            label: The true class: the hard label would say 100 % there and 0 elsewhere.
        """
        shown = tuple(range(len(names))) if shown is None else tuple(shown)
        if len(shown) != len(self._shown) or len(columns) != len(self._columns):
            self.updateGeometry()
        self._columns, self._names, self._shown, self._label = tuple(columns), tuple(names), shown, label
        self.setAccessibleDescription(self._in_words())
        self.update()

    def sizeHint(self) -> QSize:
        """Rows as close as they can be read; they grow with the room there is."""
        height = QFontMetrics(small(self.font())).height()
        return QSize(50 + 80 * max(len(self._columns), 1), 2 * height + 5 + _LEAST_ROW * max(len(self._shown), 1))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Titles, rows, axis, notes."""
        painter = QPainter(self)
        if self._columns and self._shown:
            _Painting(self, painter).paint()
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _in_words(self) -> str:
        parts = []
        for column in self._columns:
            numbers = ", ".join(f"{self._names[place]} {percent(column.probabilities[place])}" for place in self._shown)
            parts.append(f"{column.title}: {numbers}" + (f"; {column.notes[0]}" if column.notes else ""))
        if self._label is not None:
            parts.insert(0, f"True class {self._names[self._label]}")
        return ". ".join(parts)


class _Painting:
    """One painting of the bars: where things go, and putting them there."""

    def __init__(self, bars: ProbabilityBars, painter: QPainter) -> None:
        self.bars, self.painter, self.theme = bars, painter, bars._theme
        self.font = tabular(small(bars.font()))
        self.bold = strong(self.font)
        self.metrics, self.bold_metrics = QFontMetrics(self.font), QFontMetrics(self.bold)
        bold = self.bold_metrics
        self.line = bold.height()
        columns, shown = bars._columns, bars._shown
        longest = max(bold.horizontalAdvance(bars._names[place]) for place in shown)
        self.names_width = min(longest, max(bars.width() // (len(columns) + 2), 40)) + 10
        numbers = {"99.99 %"} | {percent(float(column.probabilities[place])) for column in columns for place in shown}
        self.number_width = max(map(self.metrics.horizontalAdvance, numbers)) + 8
        room = bars.width() - self.names_width - _GAP * (len(columns) - 1)
        self.column_width = max(room // len(columns), self.number_width + 20)
        self.track_width = self.column_width - self.number_width
        # Notes stand beside the titles where there is room for all of them, else below.
        self.notes_above = all(
            bold.horizontalAdvance(column.title + "  ") + self.metrics.horizontalAdvance(column.notes[0])
            <= self.column_width
            for column in columns
            if column.notes
        )
        self.top = self.line + 5
        notes = 0 if self.notes_above else self.line
        height = bars.height() - self.top - notes
        # Every bar has its number: where there is no room for the axis, its lines are enough.
        self.has_axis = height - self.line >= _LEAST_ROW * len(shown)
        height -= self.line if self.has_axis else 0
        self.row = max(min(height // len(shown), _MOST_ROW), _LEAST_ROW)
        self.bottom = self.top + self.row * len(shown)

    def paint(self) -> None:
        """The names of the classes, then column by column."""
        for order, place in enumerate(self.bars._shown):
            is_label = place == self.bars._label
            area = QRect(0, self.top + order * self.row, self.names_width - 10, self.row)
            self._text(area, self.bars._names[place], "text" if is_label else "muted", right=True, bold=is_label)
        for number, column in enumerate(self.bars._columns):
            self._column(column, self.names_width + number * (self.column_width + _GAP))

    def _column(self, column: Column, left: int) -> None:
        title = QRect(left, 0, self.column_width, self.line)
        self._text(title, column.title, column.colour, bold=True)
        below = QRect(left, self.bottom + (self.line if self.has_axis else 0), self.column_width, self.line)
        advance = self.metrics.horizontalAdvance
        fitting = (note for note in column.notes if advance(note) <= self.column_width)
        note = next(fitting, column.notes[-1] if column.notes else "")
        self._text(title if self.notes_above else below, note, "muted", right=self.notes_above)
        self._axis(left)
        thick = max(min(self.row - 4 - self.row // 6, 34), 8)
        shown, offset = self.bars._shown, (self.row - thick) // 2
        tops = [self.top + order * self.row + offset for order in range(len(shown))]
        tracks = [QRect(left, top, self.track_width, thick) for top in tops]
        back, front = self.theme.colour("grid", 150), self.theme.colour(column.colour)
        pale = self.theme.colour(column.colour, 80)
        for track, place in zip(tracks, shown, strict=True):
            self.painter.fillRect(track, back)
            if column.ghost is not None:
                self._fill(track, float(column.ghost[place]), pale)
            self._fill(track, float(column.probabilities[place]), front)
            if place == self.bars._label:
                self.painter.setPen(QPen(self.theme.colour("hard"), 1, Qt.PenStyle.DashLine))
                self.painter.drawRect(track.adjusted(0, 0, -1, -1))
        self._numbers(
            column, left, [top + (thick + self.metrics.ascent() - self.metrics.descent()) // 2 for top in tops]
        )

    def _numbers(self, column: Column, left: int, baselines: list[int]) -> None:
        self.painter.setFont(self.font)
        self.painter.setPen(self.theme.colour("text"))
        right = left + self.column_width
        for baseline, place in zip(baselines, self.bars._shown, strict=True):
            number = percent(float(column.probabilities[place]))
            self.painter.drawText(right - self.metrics.horizontalAdvance(number), baseline, number)

    def _fill(self, track: QRect, share: float, colour: QColor) -> None:
        length = round(self._along(share) * track.width())
        self.painter.fillRect(QRect(track.left(), track.top(), length, track.height()), colour)

    def _axis(self, left: int) -> None:
        """Lines behind the bars, and under them as many of their shares as fit."""
        taken: list[QRect] = []
        for share in _LOG_TICKS if self.bars.is_log else _LINEAR_TICKS:
            x = left + min(round(self._along(share) * self.track_width), self.track_width - 1)
            self.painter.setPen(self.theme.colour("grid"))
            self.painter.drawLine(x, self.top, x, self.bottom + 1)
            if not self.has_axis:
                continue
            text = percent(share) if 0 < share < 1 else f"{100 * share:g} %"
            text = text.removeprefix("1·").replace("1.00", "1").replace(".0 ", " ").replace("0.010", "0.01")
            width = self.metrics.horizontalAdvance(text)
            at = left if share in (0.0, 1e-8) else x - (width if share == 1 else width // 2)
            area = QRect(at, self.bottom, width, self.line)
            if not any(area.adjusted(-10, 0, 10, 0).intersects(other) for other in taken):
                taken.append(area)
                self._text(area, text, "muted")

    def _text(self, area: QRect, text: str, colour: str, *, right: bool = False, bold: bool = False) -> None:
        self.painter.setFont(self.bold if bold else self.font)
        self.painter.setPen(self.theme.colour(colour))
        metrics = self.bold_metrics if bold else self.metrics
        if metrics.horizontalAdvance(text) > area.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        self.painter.drawText(area, _RIGHT if right else _LEFT, text)

    def _along(self, share: float) -> float:
        """Where a share lies on the axis, from 0 to 1."""
        if not self.bars.is_log:
            return min(max(share, 0.0), 1.0)
        return max(1 + math.log10(share) / _DECADES, 0.0) if share > 0 else 0.0
