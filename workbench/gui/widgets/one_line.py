"""A label of one line: what does not fit ends in an ellipsis, and the whole text is in the tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from workbench.wording import visible


class OneLine(QLabel):
    """A label that may get narrower than its text; `elide` says where it is cut."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__(visible(text), parent)
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """One line also of a name with line breaks or other characters that act instead of being shown."""
        super().setText(visible(text))

    def say(self, text: str) -> None:
        """Show another text, where it is another."""
        if visible(text) != self.text():
            self.setText(text)
            self.setToolTip(text)

    def sizeHint(self) -> QSize:
        """One line, whatever it says now: nothing moves when words come or go."""
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much of the text as fits."""
        with QPainter(self) as painter:
            text = self.fontMetrics().elidedText(self.text(), self._elide, self.width())
            style: QStyle = self.style()
            alignment = self.alignment() | Qt.AlignmentFlag.AlignVCenter
            style.drawItemText(
                painter, self.rect(), alignment, self.palette(), self.isEnabled(), text, self.foregroundRole()
            )
