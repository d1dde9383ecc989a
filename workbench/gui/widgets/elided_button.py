"""A flat button in one line of text that is shortened to the room there is."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from workbench.wording import visible

_ICON, _GAP, _PAD = 14, 5, 0


class ElidedButton(QToolButton):
    """Its whole text belongs in the tooltip too.

    Args:
        is_muted: Whether it is read second.
    """

    def __init__(self, *, is_muted: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_muted = is_muted
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def setText(self, text: str) -> None:
        """One line also of a name with line breaks or other characters that act instead of being shown."""
        super().setText(visible(text))

    def sizeHint(self) -> QSize:
        """As high as a line of text, and as wide as is given."""
        return QSize(60, self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon and shortened text; underlined while it is pointed at or has the focus."""
        painter = QPainter(self)
        middle = (self.height() - _ICON) // 2
        self.icon().paint(painter, QRect(_PAD, middle, _ICON, _ICON))
        font = self.font()
        font.setUnderline(self.underMouse() or self.hasFocus())
        painter.setFont(font)
        palette = self.palette()
        painter.setPen((palette.placeholderText() if self._is_muted else palette.windowText()).color())
        room = QRect(_PAD + _ICON + _GAP, 0, self.width() - 2 * _PAD - _ICON - _GAP, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
