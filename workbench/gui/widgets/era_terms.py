"""One position, all classes scored: the target's weight, the student's share and its −log p, a row a class."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.distributions import Row
from workbench.gui.era_numbers import SoftScore
from workbench.gui.telling import nats, percent
from workbench.gui.theme import Theme, small, strong, tabular

_ROW, _GAP, _BAR = 26, 14, 10
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TARGET = ("Teacher: the target", "Target")
# How much of it is shown: only the classes, the target too, the student too.
ASKED, TAUGHT, SCORED = range(3)


class ClassTerms(QWidget):
    """Bars and numbers, painted; what is not reached yet leaves its place empty, so that nothing moves."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._score: SoftScore | None = None
        self._names: tuple[str, ...] = ()
        self._shown: tuple[int, ...] = ()
        self._label: int | None = None
        self.reach = SCORED
        self.setAccessibleName("Target and student, class by class")
        self.setToolTip("Bold: the true class. Teacher and student both at T.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_score(self, score: SoftScore, names: Sequence[str], shown: Sequence[int], label: int | None) -> None:
        """Show other numbers.

        Args:
            score: Over all classes.
            names: Of all classes.
            shown: The classes that get a row, in this order.
            label: The true class, None where there is none.
        """
        if len(shown) != len(self._shown):
            self.updateGeometry()
        self._score, self._names, self._shown, self._label = score, tuple(names), tuple(shown), label
        self._tell()

    def set_reach(self, reach: int) -> None:
        """Show so much of it: ASKED, TAUGHT or SCORED."""
        if reach != self.reach:
            self.reach = reach
            self._tell()

    def sizeHint(self) -> QSize:
        """A line for the titles, a row a class."""
        return QSize(300, self._top() + _ROW * max(len(self._shown), 1))

    def minimumSizeHint(self) -> QSize:
        """As narrow as numbers can be read."""
        return QSize(220, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Titles, then row by row."""
        painter = QPainter(self)
        if self._score is not None:
            self._paint(painter, self._score)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint(self, painter: QPainter, score: SoftScore) -> None:
        font = tabular(small(self.font()))
        metrics, bold = QFontMetrics(font), QFontMetrics(strong(font))
        number = metrics.horizontalAdvance("> 99.9 %") + 6
        surprise = max(metrics.horizontalAdvance("00.000"), bold.horizontalAdvance("−log p"))
        longest = max(bold.horizontalAdvance(self._names[place]) for place in self._shown)
        room = self.width() - surprise - 3 * _GAP
        names = min(longest, max(room - 2 * (number + 30), 40))
        bars = (room - names) // 2
        lefts = (names + _GAP, names + 2 * _GAP + bars)
        last = QRect(self.width() - surprise, 0, surprise, self._top())
        target = next((title for title in _TARGET if bold.horizontalAdvance(title) <= bars), _TARGET[-1])
        for left, title, colour in ((lefts[0], target, "teacher"), (lefts[1], "Student", "student")):
            self._text(painter, strong(font), QRect(left, 0, bars, self._top()), title, colour)
        self._text(painter, strong(font), last, "−log p", "hard", right=True)
        for order, place in enumerate(self._shown):
            area = QRect(0, self._top() + order * _ROW, self.width(), _ROW)
            is_label = place == self._label
            name = QRect(0, area.top(), names, _ROW)
            own = strong(font) if is_label else font
            self._text(painter, own, name, self._names[place], "text" if is_label else "muted", right=True)
            for needed, left, row_C, colour in (
                (TAUGHT, lefts[0], score.target_C, "teacher"),
                (SCORED, lefts[1], score.student_C, "student"),
            ):
                bar = QRect(left, area.top(), bars, _ROW)
                self._bar(painter, bar, number, self._share(row_C, place, needed), colour)
            if self.reach >= SCORED:
                value = QRect(last.left(), area.top(), surprise, _ROW)
                self._text(painter, font, value, nats(float(score.surprise_C[place])), "hard", right=True)

    def _share(self, row_C: Row, place: int, needed: int) -> float | None:
        return float(row_C[place]) if self.reach >= needed else None

    def _bar(self, painter: QPainter, area: QRect, number: int, share: float | None, colour: str) -> None:
        track = QRect(area.left(), area.center().y() - _BAR // 2, max(area.width() - number, 1), _BAR)
        painter.fillRect(track, self._theme.colour("grid"))
        if share is not None:
            filled = QRect(track)
            # What is there can be seen, however small.
            filled.setWidth(max(round(share * track.width()), 1))
            painter.fillRect(filled, self._theme.colour(colour))
            self._text(painter, tabular(small(self.font())), area, percent(share), "text", right=True)

    def _text(
        self, painter: QPainter, font: QFont, area: QRect, text: str, colour: str, *, right: bool = False
    ) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.colour(colour))
        fitting = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _RIGHT if right else _LEFT, fitting)

    def _top(self) -> int:
        return QFontMetrics(small(self.font())).height() + 6

    def _tell(self) -> None:
        score = self._score
        if score is None:
            return
        parts = []
        for place in self._shown:
            said = self._names[place]
            if self.reach >= TAUGHT:
                said += f": target {percent(float(score.target_C[place]))}"
            if self.reach >= SCORED:
                said += (
                    f", student {percent(float(score.student_C[place]))}, −log p {nats(float(score.surprise_C[place]))}"
                )
            parts.append(said)
        rest = 1 - float(np.sum(score.target_C[list(self._shown)]))
        if len(self._shown) < len(self._names) and self.reach >= TAUGHT:
            parts.append(f"all other classes: target {percent(max(rest, 0.0))}")
        self.setAccessibleDescription("; ".join(parts))
        self.update()
