"""How many examples train and judge each class: a table whose numbers stand on bars, to sort and to scroll."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.gui.theme import Theme, small, tabular
from workbench.session.data_card import ClassRow

_Index = QModelIndex | QPersistentModelIndex
_HEADINGS = ("Class", "Training", "Held out")
_TIPS = ("In the order of the labels; a click on a heading sorts", "Examples to train on", "Examples to judge by")
_COLOURS = {1: "accent", 2: "baseline"}
_SORT = Qt.ItemDataRole.UserRole
_PAD, _BAR = 8, 6
# In line with the headings; once items are dressed, their selection must be too.
_SHEET = """
QTableView { outline: 0; }
QTableView::item { padding: 0 8px; border: 0; }
QTableView::item:selected { background: palette(highlight); color: palette(highlighted-text); }
"""


class DataClassTable(QTableView):
    """One row a class."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Classes(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(_SORT)
        self.setModel(self._proxy)
        self.setItemDelegate(_Bars(theme, self))
        self.setFont(tabular(small(self.font())))
        self.setStyleSheet(_SHEET)
        self.setAccessibleName("Examples of each class")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.2) + _BAR + 6)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(70)
        # In the order of the labels until a heading is clicked.
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        theme.changed.connect(self.viewport().update)

    def show_classes(self, classes: Sequence[ClassRow]) -> None:
        """Show other classes."""
        self._model.show_classes(classes)


class _Classes(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._classes: Sequence[ClassRow] = ()
        self.most = (1, 1)

    def show_classes(self, classes: Sequence[ClassRow]) -> None:
        self.beginResetModel()
        self._classes = classes
        self.most = (
            max((row.training for row in classes), default=0) or 1,
            max((row.held_out for row in classes), default=0) or 1,
        )
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._classes)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_HEADINGS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._classes[index.row()], index.column()
        value = (row.name, row.training, row.held_out)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{value:,}" if isinstance(value, int) else value
        if role == _SORT:
            return value
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.name}: {row.training:,} to train on, {row.held_out:,} to judge by"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            return {Qt.ItemDataRole.DisplayRole: _HEADINGS, Qt.ItemDataRole.ToolTipRole: _TIPS}.get(
                Qt.ItemDataRole(role), (None,) * len(_HEADINGS)
            )[section]
        return None


class _Bars(QStyledItemDelegate):
    """The number above, its bar below."""

    def __init__(self, theme: Theme, table: DataClassTable) -> None:
        super().__init__(table)
        self._theme, self._table = theme, table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if index.column() not in _COLOURS:
            super().paint(painter, option, index)
            return
        above = QStyleOptionViewItem(option)
        super().paint(painter, above, index)
        value = index.data(_SORT)
        most = self._table._model.most[index.column() - 1]
        room = QRectF(option.rect).adjusted(_PAD, 0, -_PAD, -2)
        room.setTop(room.bottom() - _BAR / 2)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("grid"))
        painter.drawRect(room)
        painter.setBrush(self._theme.colour(_COLOURS[index.column()]))
        painter.drawRect(QRectF(room.left(), room.top(), room.width() * value / most, room.height()))
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return super().sizeHint(option, index) + QSize(0, _BAR)
