"""The watched examples as small pictures with their label and whether the student is right; one of them is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.gui.lens import Seen
from workbench.gui.theme import Theme, small
from workbench.gui.widgets.picture_view import thumbnail, with_text
from workbench.session.looking import HeldOutExamples

_SIDE = 36
_CELL = QSize(52, 60)
_WIDEST = 84
_MARK = Qt.ItemDataRole.UserRole
_RIGHT, _WRONG = "✓", "✗"


class ExampleStrip(QListWidget):
    """A row, or columns, of examples.

    Signals:
        picked: A person chose another one: its place in the list.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._examples: HeldOutExamples | None = None
        self._places: tuple[int, ...] = ()
        self.setAccessibleName("Watched examples")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self._cell = _CELL
        self._sideways, self._columns = False, 1
        self.setGridSize(_CELL)
        # Every cell is painted whole, on whatever lies behind the strip.
        self.setStyleSheet("QListView { background: transparent; }")
        self.setItemDelegate(_Cell(theme, self))
        self.lay_out(sideways=False, columns=1)
        self.currentRowChanged.connect(self._tell)
        theme.changed.connect(self._repaint_pictures)

    def lay_out(self, *, sideways: bool, columns: int) -> None:
        """Lie along the top as one row, or at the side in so many columns."""
        self._sideways, self._columns = sideways, columns
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        off, auto = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(sideways)
        self.setHorizontalScrollBarPolicy(off if sideways else auto)
        self.setVerticalScrollBarPolicy(auto if sideways else off)
        if sideways:
            self.setFixedWidth(columns * self._cell.width() + bar + 2)
            self.setMinimumHeight(0)
            self.setMaximumHeight(16_777_215)
        else:
            self.setMinimumWidth(0)
            self.setMaximumWidth(16_777_215)
            self.setFixedHeight(_CELL.height() + 12)

    def show_seen(self, seen: Sequence[Seen], names: Sequence[str], examples: HeldOutExamples | None) -> None:
        """Show watched examples; where they are the same as before, only their marks change."""
        places = tuple(each.example for each in seen)
        if places != self._places or examples is not self._examples:
            self._fill(seen, names, examples)
        for row, each in enumerate(seen):
            item, mark = self.item(row), _RIGHT if each.is_right else _WRONG
            if item.data(_MARK) != mark:
                item.setData(_MARK, mark)
                verdict = "right" if each.is_right else "wrong"
                words = f"Example {each.example:,}, label {names[each.label]}, student {verdict}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
                item.setToolTip(with_text(words, examples, each.example))

    def _fill(self, seen: Sequence[Seen], names: Sequence[str], examples: HeldOutExamples | None) -> None:
        chosen = self._places[self.currentRow()] if 0 <= self.currentRow() < len(self._places) else None
        self._places, self._examples = tuple(each.example for each in seen), examples
        self.blockSignals(True)
        self.clear()
        self._fit([names[each.label] for each in seen])
        for each in seen:
            item = QListWidgetItem(names[each.label])
            item.setSizeHint(self._cell)
            self.addItem(item)
        self._repaint_pictures()
        self.setCurrentRow(self._places.index(chosen) if chosen in self._places else 0)
        self.blockSignals(False)

    def _fit(self, names: Sequence[str]) -> None:
        """Cells as wide as the names need, within reason."""
        metrics = QFontMetrics(small(self.font()))
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        width = min(max(longest + 24, _CELL.width()), _WIDEST)
        if width != self._cell.width():
            self._cell = QSize(width, _CELL.height())
            self.setGridSize(self._cell)
            self.lay_out(sideways=self._sideways, columns=self._columns)

    def _repaint_pictures(self) -> None:
        colours = (self._theme.colour("raised"), self._theme.colour("muted"))
        for row, place in enumerate(self._places):
            picture = thumbnail(self._examples, place, _SIDE, colours, self.devicePixelRatioF())
            self.item(row).setData(Qt.ItemDataRole.DecorationRole, picture)

    def _tell(self, row: int) -> None:
        if row >= 0:
            self.picked.emit(row)


class _Cell(QStyledItemDelegate):
    """One example: picture, label, and a mark whose shape says as much as its colour."""

    def __init__(self, theme: Theme, strip: ExampleStrip) -> None:
        super().__init__(strip)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        square = QRect(area.left() + (area.width() - _SIDE) // 2, area.top() + 4, _SIDE, _SIDE)
        painter.setFont(small(option.font))
        picture: QPixmap | None = index.data(Qt.ItemDataRole.DecorationRole)
        if picture is not None:
            painter.drawPixmap(square.topLeft(), picture)
        painter.setPen(QPen(self._theme.colour("accent" if is_chosen else "border"), 2 if is_chosen else 1))
        painter.drawRect(square.adjusted(-1, -1, 0, 0) if not is_chosen else square.adjusted(-1, -1, 1, 1))
        self._caption(painter, QRect(area.left() + 2, square.bottom() + 3, area.width() - 4, 16), index, is_chosen)

    def _caption(
        self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex, is_chosen: bool
    ) -> None:
        mark = str(index.data(_MARK) or "")
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance(mark) + 4
        name = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, area.width() - wide)
        left = area.left() + (area.width() - metrics.horizontalAdvance(name) - wide) // 2
        baseline = area.top() + metrics.ascent()
        painter.setPen(self._theme.colour("text" if is_chosen else "muted"))
        painter.drawText(left, baseline, name)
        painter.setPen(self._theme.colour("good" if mark == _RIGHT else "bad"))
        painter.drawText(left + metrics.horizontalAdvance(name) + 4, baseline, mark)
