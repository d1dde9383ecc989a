"""A line of text in a form: the unit stands inside it, and undo is the window's, not the line's own."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QStyle, QStyleOptionFrame, QWidget

_UNDOING = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
_GAP = 8


class FormLine(QLineEdit):
    """A QLineEdit for forms.

    Signals:
        stepped: Up (1) or down (-1) was asked for, by key or by the wheel over the focused line.

    Attributes:
        steps: Whether it can be stepped at all.
        names_file: Whether, of a text that is too long, the part behind the last slash matters most.
    """

    stepped = Signal(int)

    def __init__(self, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps = self.names_file = False
        self.setMinimumWidth(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unit = unit
        self._unit_label = QLabel(unit, self)
        self._unit_label.setProperty("role", "muted")
        self._unit_label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._unit_label.setVisible(bool(unit))

    def show_text(self, text: str) -> None:
        """Another text, the cursor where it was; a line nobody is in shows its beginning."""
        place = self.cursorPosition() if self.hasFocus() else 0
        self.setText(text)
        self.setCursorPosition(min(place, len(text)))

    def mark_invalid(self, is_invalid: bool) -> None:
        """A red frame, or none."""
        if bool(self.property("invalid")) != is_invalid:
            self.setProperty("invalid", is_invalid)
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window: the line's own history knows nothing of other fields."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_undoing(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step a number."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if self.steps and step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel steps a number that has the focus, and scrolls the form otherwise."""
        if self.steps and self.hasFocus() and event.angleDelta().y():
            self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A path that is too long shows its file's name while nobody is in the line."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self).adjusted(2, 0, -2, 0)
        metrics = self.fontMetrics()
        if not self.names_file or self.hasFocus() or metrics.horizontalAdvance(self.text()) <= room.width():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        name = self.text().replace("\\", "/").rpartition("/")[2]
        painter.setPen(self.palette().text().color())
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the unit at the right end, at most half as wide as the line."""
        super().resizeEvent(event)
        if not self._unit:
            return
        metrics = self._unit_label.fontMetrics()
        text = metrics.elidedText(self._unit, Qt.TextElideMode.ElideRight, self.width() // 2)
        width = metrics.horizontalAdvance(text) + 1
        self._unit_label.setText(text)
        self._unit_label.setGeometry(self.width() - width - _GAP, 0, width, self.height())
        self.setTextMargins(0, 0, width + _GAP // 2, 0)


def _is_undoing(event: QKeyEvent) -> bool:
    return any(event.matches(key) for key in _UNDOING)
