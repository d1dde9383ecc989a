"""Answers of several models as columns of bars that fit any height: as many classes as there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.telling import percent
from workbench.gui.theme import Theme, small, strong, tabular

_LEAST_ROW, _MOST_ROW, _THICKEST = 11, 26, 14
_MOST_ROWS = 16
_GAP, _NARROW = 14, 110
_NAMES_SHARE = 0.2
# Below a hundredth a number beside a bar that cannot be seen says nothing.
_WORTH_TELLING = 0.01


@dataclass(frozen=True)
class AnswerColumn:
    """One model.

    Attributes:
        title: Its name.
        note: Under the name, such as how long it took; where room is short, up to the first dot in the middle.
        colour: A colour of the theme by its name.
        probabilities: One a class.
    """

    title: str
    note: str
    colour: str
    probabilities: tuple[float, ...]

    @property
    def top(self) -> int:
        """The class it says."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


class AnswerBars(QWidget):
    """A row a class, a column a model; the class each model says stands in bold."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[AnswerColumn, ...] = ()
        self._names: tuple[str, ...] = ()
        self._label: int | None = None
        self.setAccessibleName("Answers")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_columns(self, columns: Sequence[AnswerColumn], names: Sequence[str], label: int | None) -> None:
        """Show other answers; `label` is the true class where it is known."""
        self._columns, self._names, self._label = tuple(columns), tuple(names), label
        said = (
            f"{each.title}: {names[each.top]}, {percent(each.probabilities[each.top])}, {each.note}" for each in columns
        )
        self.setAccessibleDescription(". ".join(said))
        self.update()

    def shown_classes(self) -> list[int]:
        """The classes there is room for: those that any model finds likely; in label order, so that none jumps."""
        metrics = QFontMetrics(small(self.font()))
        room = max((self.height() - self._header(metrics)) // _LEAST_ROW, 1)
        count = len(self._names)
        most = min(room, _MOST_ROWS)
        if count <= most or not self._columns:
            return list(range(count))
        best = np.asarray([column.probabilities for column in self._columns]).max(axis=0)
        return sorted(np.argsort(-best, kind="stable")[:most].tolist())

    def sizeHint(self) -> QSize:
        """Ten rows a little apart."""
        return QSize(360, self._header(QFontMetrics(small(self.font()))) + 10 * 18)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(160, self._header(QFontMetrics(small(self.font()))) + 4 * _LEAST_ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Names on the left, then column by column."""
        if not self._columns:
            return
        with QPainter(self) as painter:
            rows = self.shown_classes()
            font = tabular(small(self.font()))
            metrics = QFontMetrics(strong(font))
            top = self._header(metrics)
            height = max(min((self.height() - top) // len(rows), _MOST_ROW), _LEAST_ROW)
            widest = max(metrics.horizontalAdvance(self._names[place]) for place in rows)
            names = min(widest, round(_NAMES_SHARE * self.width())) + 8
            painter.setFont(font)
            self._paint_names(painter, rows, QRect(0, top, names - 8, height))
            width = (self.width() - names - _GAP * (len(self._columns) - 1)) // len(self._columns)
            for number, column in enumerate(self._columns):
                left = names + number * (width + _GAP)
                self._paint_header(painter, column, QRect(left, 0, width, metrics.height()))
                self._paint_bars(painter, column, rows, QRect(left, top, width, height))

    def _header(self, metrics: QFontMetrics) -> int:
        return 2 * metrics.height() + 6

    def _paint_names(self, painter: QPainter, rows: list[int], area: QRect) -> None:
        font = painter.font()
        for place in rows:
            is_label = place == self._label
            painter.setFont(strong(font) if is_label else font)
            painter.setPen(self._theme.colour("text" if is_label else "muted"))
            name = painter.fontMetrics().elidedText(self._names[place], Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            area = area.translated(0, area.height())
        painter.setFont(font)

    def _paint_header(self, painter: QPainter, column: AnswerColumn, area: QRect) -> None:
        font = painter.font()
        painter.setFont(strong(font))
        painter.setPen(self._theme.colour(column.colour))
        elide, left = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, left, painter.fontMetrics().elidedText(column.title, elide, area.width()))
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        metrics, note = painter.fontMetrics(), column.note
        if metrics.horizontalAdvance(note) > area.width():
            # Its first part says most.
            note = metrics.elidedText(note.partition(" · ")[0], elide, area.width())
        painter.drawText(area.translated(0, area.height()), left, note)

    def _paint_bars(self, painter: QPainter, column: AnswerColumn, rows: list[int], area: QRect) -> None:
        font, theme = painter.font(), self._theme
        is_narrow = area.width() < _NARROW
        numbers = painter.fontMetrics().horizontalAdvance("100 %" if is_narrow else "> 99.9 %") + 8
        track, thick = max(area.width() - numbers, 12), min(area.height() - 4, _THICKEST)
        for place in rows:
            share, is_top = column.probabilities[place], place == column.top
            bar = QRect(area.left(), area.top() + (area.height() - thick) // 2, track, thick)
            painter.fillRect(bar, theme.colour("grid"))
            painter.fillRect(QRect(bar.left(), bar.top(), round(share * track), thick), theme.colour(column.colour))
            if place == self._label:
                painter.setPen(theme.colour("hard"))
                painter.drawRect(bar.adjusted(-1, -1, 0, 0))
            if share >= _WORTH_TELLING or is_top:
                painter.setFont(strong(font) if is_top else font)
                painter.setPen(theme.colour("text" if is_top else "muted"))
                number = QRect(area.right() - numbers, area.top(), numbers + 1, area.height())
                painter.drawText(
                    number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _hundredths(share, is_narrow)
                )
            area = area.translated(0, area.height())
        painter.setFont(font)


def _hundredths(share: float, is_narrow: bool) -> str:
    """A share with as many digits as a person reads while drawing."""
    if is_narrow:
        return f"{100 * share:.0f} %"
    return percent(share) if share >= 0.9995 else f"{100 * share:.1f} %"
