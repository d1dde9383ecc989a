"""Paints a line of the command palette: icon, name with the typed letters strong, where it is, its shortcut."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workbench.gui.commands import Command, Found
from workbench.gui.models.found_commands import FOUND
from workbench.gui.theme import Theme, small

ROW_HEIGHT = 34
_ICON = 18
_LEFT, _GAP = 12, 12


class CommandPainter(QStyledItemDelegate):
    """One line high, whatever its texts; what does not fit is elided."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All lines are of one height."""
        return QSize(200, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint it."""
        found: Found = index.data(FOUND)
        command = found.command
        rect, font = QRect(option.rect), QFont(option.font)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 6, 6)
        self._paint_icon(painter, QPoint(rect.left() + _LEFT, rect.center().y() - _ICON // 2 + 1), command, is_selected)
        line = rect.adjusted(_LEFT + _ICON + _GAP, 0, -_LEFT - 4, 0)
        line.setRight(self._paint_shortcut(painter, line, command, font, is_selected))
        used = self._paint_name(painter, line, found, font, is_selected)
        line.setLeft(line.left() + used + _GAP)
        self._paint_beside(painter, line, command, font, is_selected)
        painter.restore()

    def _colour(self, command: Command, *, is_selected: bool, is_muted: bool = False) -> QColor:
        if is_selected:
            return self._theme.colour("on_accent", 190 if is_muted or command.why_not else 255)
        return self._theme.colour("muted" if is_muted or command.why_not else "text")

    def _paint_icon(self, painter: QPainter, corner: QPoint, command: Command, is_selected: bool) -> None:
        mode = QIcon.Mode.Disabled if command.why_not else QIcon.Mode.Normal
        picture = command.icon.pixmap(QSize(_ICON, _ICON), painter.device().devicePixelRatio(), mode)
        if picture.isNull():
            return
        if is_selected:
            tint = QPainter(picture)
            tint.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
            tint.fillRect(picture.rect(), self._colour(command, is_selected=True))
            tint.end()
        painter.drawPixmap(corner, picture)

    def _paint_shortcut(self, painter: QPainter, line: QRect, command: Command, font: QFont, is_selected: bool) -> int:
        """Paint what stands at the right; returns where it begins."""
        state = {None: "", True: "on", False: "off"}[command.is_on]
        words = "   ".join(part for part in (state, command.shortcut) if part)
        if not words:
            return line.right()
        painter.setFont(small(font))
        painter.setPen(self._colour(command, is_selected=is_selected, is_muted=True))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return line.right() - painter.fontMetrics().horizontalAdvance(words) - _GAP

    def _paint_name(self, painter: QPainter, line: QRect, found: Found, font: QFont, is_selected: bool) -> int:
        """Paint the name; returns its width."""
        painter.setFont(font)
        text = painter.fontMetrics().elidedText(found.command.text, Qt.TextElideMode.ElideRight, line.width())
        layout = QTextLayout(text, font)
        layout.setFormats([_strong(place) for place in found.places if place < len(text)])
        layout.beginLayout()
        row = layout.createLine()
        row.setLineWidth(line.width())
        layout.endLayout()
        painter.setPen(self._colour(found.command, is_selected=is_selected))
        layout.draw(painter, QPointF(line.left(), line.center().y() - row.height() / 2 + 1))
        return round(row.naturalTextWidth())

    def _paint_beside(self, painter: QPainter, line: QRect, command: Command, font: QFont, is_selected: bool) -> None:
        words = f"Not now: {command.why_not}" if command.why_not else command.path
        if line.width() < 40 or not words:
            return
        painter.setFont(small(font))
        painter.setPen(self._colour(command, is_selected=is_selected, is_muted=True))
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _strong(place: int) -> QTextLayout.FormatRange:
    letters = QTextLayout.FormatRange()
    letters.start, letters.length = place, 1
    form = QTextCharFormat()
    form.setFontWeight(QFont.Weight.Bold)
    form.setFontUnderline(True)
    letters.format = form
    return letters
