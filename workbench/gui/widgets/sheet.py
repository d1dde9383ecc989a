"""Rows of names and fields under headings, all aligned: the body of a dialog; it scrolls where the screen is small."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLayout, QScrollArea, QWidget

from workbench.gui.theme import strong

_NAMES_WIDTH = 104


class Sheet(QScrollArea):
    """Filled from above to below."""

    def __init__(self) -> None:
        super().__init__()
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(24, 18, 24, 10)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, _NAMES_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.setWidgetResizable(True)
        self.setWidget(self._body)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The fields inside are what the keyboard goes to.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def add_heading(self, text: str) -> None:
        """Begin a section."""
        label = QLabel(text)
        label.setFont(strong(label.font(), 1.08))
        if self._grid.rowCount() > 1:
            label.setContentsMargins(0, 14, 0, 0)
        self._grid.addWidget(label, self._grid.rowCount(), 0, 1, 2)

    def add_row(self, name: str, field: QWidget | QLayout, focused: QWidget | None = None) -> list[QWidget]:
        """Add a row.

        Args:
            name: Stands before the field; & marks its letter for the keyboard.
            field: A widget, or a row of some.
            focused: Where the name leads to; the field itself where it is None.

        Returns:
            Its widgets, for hiding it; a field that is a layout is not among them.
        """
        row, parts = self._grid.rowCount(), list[QWidget]()
        if name:
            label = QLabel(name)
            label.setProperty("role", "muted")
            # The name stands on the first line of its field, however many lines that has.
            top = Qt.AlignmentFlag.AlignTop if isinstance(field, QLabel) else Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(label, row, 0, top)
            parts.append(label)
            buddy = focused or (field if isinstance(field, QWidget) else None)
            if buddy is not None:
                label.setBuddy(buddy)
        if isinstance(field, QWidget):
            self._grid.addWidget(field, row, 1)
            parts.append(field)
        else:
            self._grid.addLayout(field, row, 1)
        return parts

    def end(self) -> None:
        """Let what room is left be below."""
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def size_for(self, width: int) -> QSize:
        """How much room everything takes at a width."""
        return QSize(width, self._grid.totalHeightForWidth(width))


def at_left(widget: QWidget) -> QHBoxLayout:
    """A widget as wide as it wants to be, with the rest of the row left free."""
    row = QHBoxLayout()
    row.addWidget(widget)
    row.addStretch(1)
    return row
