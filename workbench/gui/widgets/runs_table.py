"""The table of runs: curves and progress in its cells, and only the columns there is room for."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.gui.models.run_wording import progress_share
from workbench.gui.models.runs_model import (
    COLUMNS,
    LOSS,
    PROGRESS,
    RUN,
    RUN_ROLE,
    STARTED,
    STATUS,
    STUDENT,
    TAGS,
    TEACHER,
    TIME,
    VERDICT,
    RunsOrder,
)
from workbench.gui.theme import Theme, tabular
from workbench.gui.widgets.sparkline import paint_sparkline

_Index = QModelIndex | QPersistentModelIndex

_ROW = 30
_RUN_WIDTH = 170
_CURVE_WIDTH = 96
_BAR_WIDTH, _BAR_HEIGHT = 44, 4
# Around the text of a cell, and beside it where there is an icon.
_PADDING, _ICON_ROOM = 22, 24
_INSET = 5
# What stands in a cell at its widest, and the columns that come first where there is little room.
_SAMPLES = {
    STATUS: "Interrupted",
    STUDENT: "1,234 (12.34 %)",
    LOSS: "",
    STARTED: "yesterday 00:00",
    VERDICT: "Does not beat",
    PROGRESS: "100 %",
    TIME: "00 min 00 s",
    TEACHER: "1,234 (12.34 %)",
    TAGS: "tag, another tag",
}


class RunsTable(QTableView):
    """All runs; sorted by a click on a header, newest first."""

    def __init__(self, theme: Theme, order: RunsOrder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(order)
        self.setFont(tabular(self.font()))
        self.setAccessibleName("Runs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(16, 16))
        self.setItemDelegate(_CellDelegate(self))
        self.setItemDelegateForColumn(LOSS, _CurveDelegate(theme, self))
        self.setItemDelegateForColumn(PROGRESS, _ProgressDelegate(theme, self))
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for column in range(len(COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(column, self._width(column))
        header.setSectionResizeMode(RUN, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sortByColumn(STARTED, Qt.SortOrder.DescendingOrder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns that fit, the important ones first; the details have all the rest."""
        room = event.size().width() - _RUN_WIDTH
        for column in _SAMPLES:
            room -= self.columnWidth(column) or self._width(column)
            if self.isColumnHidden(column) is not (room < 0):
                self.setColumnHidden(column, room < 0)
        super().resizeEvent(event)

    def _width(self, column: int) -> int:
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(_SAMPLES.get(column, ""))
        words += _ICON_ROOM if column in (STATUS, VERDICT) else 0
        words += _BAR_WIDTH + 8 if column == PROGRESS else 0
        words = max(words, _CURVE_WIDTH) if column == LOSS else words
        # The arrow of the sorted column needs its room too.
        return max(words, metrics.horizontalAdvance(COLUMNS[column].title) + 18) + _PADDING


class _CellDelegate(QStyledItemDelegate):
    """Words in line with those of the header."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw."""
        table = option.widget
        table.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, table)
        inner = QStyleOptionViewItem(option)
        inner.rect = option.rect.adjusted(_INSET, 0, -_INSET, 0)
        super().paint(painter, inner, index)


class _CurveDelegate(_CellDelegate):
    """The course of the loss."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw."""
        super().paint(painter, option, index)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        colour = self._theme.colour("on_accent" if selected else "student")
        inner = QRectF(option.rect).adjusted(8, 5, -8, -5)
        paint_sparkline(painter, inner, index.data(RUN_ROLE).sparkline, colour)


class _ProgressDelegate(_CellDelegate):
    """A share in words, with a bar beside it until it is whole."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw."""
        super().paint(painter, option, index)
        run = index.data(RUN_ROLE)
        share = progress_share(run)
        if not run.total_steps or share >= 1.0:
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        whole: QRect = option.rect
        bar = QRectF(whole.left() + 8, whole.center().y() - _BAR_HEIGHT / 2 + 1, _BAR_WIDTH, _BAR_HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("on_accent" if selected else "muted", 70))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(self._theme.colour("on_accent" if selected else "student"))
        bar.setWidth(max(bar.width() * share, _BAR_HEIGHT))
        painter.drawRoundedRect(bar, 2, 2)
        painter.restore()
