"""The commands that fit what was typed, as a list for a view."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.gui.commands import Found

FOUND = Qt.ItemDataRole.UserRole


class FoundCommands(QAbstractListModel):
    """Read-only; replaced as a whole at every letter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: list[Found] = []

    def show(self, found: list[Found]) -> None:
        """Hold these and no others."""
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """How many fit."""
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The Found itself for the painter; words for everybody else."""
        found = self.found[index.row()]
        command = found.command
        if role == FOUND:
            return found
        if role == Qt.ItemDataRole.DisplayRole:
            return command.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return command.why_not or command.tip
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if command.is_on is None else "on" if command.is_on else "off"
            not_now = f"not possible now: {command.why_not}" if command.why_not else ""
            return ", ".join(part for part in (command.text, state, command.path, command.shortcut, not_now) if part)
        return None
