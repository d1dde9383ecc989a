"""The tensors of a checkpoint as a table to search, and what did not fit where loading failed."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import Theme, small, tabular
from workbench.gui.widgets.search_field import SearchField
from workbench.session.inspecting import TensorFacts
from workbench.wording import counted

_Index = QModelIndex | QPersistentModelIndex
_HEADINGS = ("Name", "Shape", "Type")
_SIZE = (640, 460)
_MISFITS_HEIGHT = 150
# In line with the headings; once items are dressed, their selection must be too.
_SHEET = """
QTableView::item { padding: 0 8px; border: 0; }
QTableView::item:selected { background: palette(highlight); color: palette(highlighted-text); }
"""


class TensorsDialog(QDialog):
    """One checkpoint.

    Attributes:
        search: Narrows the table.
        table: Name, shape and type of each tensor.
        count: How many are shown, of how many.
    """

    def __init__(
        self, name: str, tensors: Sequence[TensorFacts], misfits: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Tensors of {name}")
        self._model = _Rows(tensors, self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterKeyColumn(-1)
        self.search = SearchField(theme, "Search tensors", "Search the tensors by name, shape or type")
        self.search.textChanged.connect(self._narrow)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.table = self._table(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        if misfits:
            box = QPlainTextEdit(misfits)
            box.setReadOnly(True)
            box.setTabChangesFocus(True)
            box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            box.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)))
            box.setAccessibleName("What does not fit")
            needed = (misfits.count("\n") + 1) * box.fontMetrics().lineSpacing() + 24
            box.setFixedHeight(min(needed, _MISFITS_HEIGHT))
            title = QLabel("What does not fit")
            title.setBuddy(box)
            layout.addWidget(title)
            layout.addWidget(box)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count)
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(*_SIZE)
        self.search.setFocus()
        self._narrow("")

    def _table(self, name: str) -> QTableView:
        table = QTableView()
        table.setModel(self._proxy)
        table.setAccessibleName(f"Tensors of {name}")
        table.setFont(tabular(small(self.font())))
        table.setStyleSheet(_SHEET)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(table.fontMetrics().height() * 1.6))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, 150)
        header.resizeSection(2, 90)
        return table

    def _narrow(self, text: str) -> None:
        self._proxy.setFilterFixedString(text)
        shown, total = self._proxy.rowCount(), self._model.rowCount()
        self.count.setText(
            f"{counted(total, 'tensor')}" if shown == total else f"{shown:,} of {counted(total, 'tensor')}"
        )


class _Rows(QAbstractTableModel):
    def __init__(self, tensors: Sequence[TensorFacts], parent: QWidget) -> None:
        super().__init__(parent)
        self._tensors = tensors

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._tensors)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_HEADINGS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        tensor = self._tensors[index.row()]
        return (tensor.name, " × ".join(map(str, tensor.shape)) or "one number", tensor.dtype)[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        return None
