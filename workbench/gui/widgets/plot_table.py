"""The numbers of plots as a table, for who cannot see the curves or wants to copy them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.gui.theme import small, tabular
from workbench.gui.widgets.plot_axes import NONE, place
from workbench.gui.widgets.plot_series import Kind, Series
from workbench.gui.widgets.plot_state import PlotState

_Index = QModelIndex | QPersistentModelIndex


class PlotTable(QTableView):
    """The newest numbers first, then a row for every place where a series of points has one, newest first.

    Ctrl+C copies what is selected, ready for a spreadsheet.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Numbers(self)
        self.setModel(self._model)
        self.setFont(tabular(small(self.font())))
        self.setStyleSheet("QTableView::item { padding: 0 8px; }")
        self.setAccessibleName("Numbers of the curves")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setMaximumSectionSize(170)
        self.horizontalHeader().setHighlightSections(False)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self, self.copy_selected).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )

    def show_numbers(self, plots: Sequence[PlotState]) -> None:
        """Show the series of these plots, side by side."""
        self._model.show_numbers(plots)

    def copy_selected(self) -> None:
        """Put the selected cells, or all where none are, on the clipboard with their headings."""
        chosen = self.selectionModel().selectedIndexes()
        rows = sorted({index.row() for index in chosen}) or list(range(self._model.rowCount()))
        columns = sorted({index.column() for index in chosen}) or list(range(self._model.columnCount()))
        lines = [[self._model.headings[column] for column in columns]]
        lines += [[self._model.rows[row][column] for column in columns] for row in rows]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))


class _Numbers(QAbstractTableModel):
    """Texts by row and column; a row that comes pushes no selection away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.headings: list[str] = []
        self.rows: list[list[str]] = []
        self._places: list[float] = []

    def show_numbers(self, plots: Sequence[PlotState]) -> None:
        columns = [(plot, one) for plot in plots for one in plot.ordered if _is_told(one)]
        bounds = [plot.bounds for plot in plots if plot.bounds is not None]
        headings = [
            plots[0].x_label.capitalize() if plots else "",
            *(_heading(plot, one, plots) for plot, one in columns),
        ]
        if not bounds:
            headings, columns = [], []
        seen = {float(x) for _, one in columns if one.kind is Kind.POINTS for x in one.trace.x}
        newest = max((high for _, high in bounds), default=0.0)
        places = [newest, *sorted(seen - {newest}, reverse=True)] if bounds else []
        come = len(places) - len(self._places)
        if headings != self.headings or come < 0 or (self._places and places[come + 1 :] != self._places[1:]):
            self.beginResetModel()
            self.headings, self._places = headings, places
            self.rows = [_row(columns, x) for x in places]
            self.endResetModel()
            return
        if come:
            self.beginInsertRows(QModelIndex(), 1, come) if self._places else self.beginInsertRows(
                QModelIndex(), 0, come - 1
            )
            rows = [_row(columns, x) for x in places[: come + 1]]
            self.rows = rows + self.rows[1:]
            self._places = places
            self.endInsertRows()
        elif places:
            self._places, self.rows[0] = places, _row(columns, places[0])
        if places:
            self.dataChanged.emit(self.index(0, 0), self.index(0, len(headings) - 1))

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.headings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


def _is_told(series: Series) -> bool:
    return not series.is_empty and not series.is_reference


def _heading(plot: PlotState, series: Series, plots: Sequence[PlotState]) -> str:
    return series.name if len(plots) == 1 else f"{plot.title}: {series.name}"


def _row(columns: Sequence[tuple[PlotState, Series]], x: float) -> list[str]:
    if not columns:
        return []
    scale = columns[0][0].x_scale
    texts = [plot.number(value) if np.isfinite(value := series.at(x)) else NONE for plot, series in columns]
    return [place(x / scale), *texts]
