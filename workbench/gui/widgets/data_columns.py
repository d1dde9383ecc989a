"""The columns of a table: what kind each is, and between which values it lies."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from workbench.gui.theme import small, tabular
from workbench.session.data_card import ColumnRow

_HEADINGS = ("Column", "Kind", "Smallest", "Mean", "Largest", "Missing")
_TIPS = (
    "As in the file",
    "A number, or one of a few categories",
    "Smallest number, or most frequent category",
    "Mean of the numbers, or how many categories there are",
    "Largest number, or rarest category",
    "Share of the rows without a value that is known",
)
_MOST_WIDTH = 200


class DataColumns(QTableWidget):
    """One row a column of the data."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADINGS), parent)
        self.setAccessibleName("Columns of the table")
        self.setFont(tabular(small(self.font())))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMaximumSectionSize(_MOST_WIDTH)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, tip in enumerate(_TIPS):
            heading = QTableWidgetItem(_HEADINGS[place])
            heading.setToolTip(tip)
            self.setHorizontalHeaderItem(place, heading)

    def show_columns(self, columns: Sequence[ColumnRow]) -> None:
        """Show other columns."""
        self.setRowCount(len(columns))
        for row, column in enumerate(columns):
            missing = f"{100 * column.missing:.1f} %" if column.missing else "–"
            for place, text in enumerate((column.name, column.kind, column.min, column.mean, column.max, missing)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(row, place, item)
        self.resizeColumnsToContents()
