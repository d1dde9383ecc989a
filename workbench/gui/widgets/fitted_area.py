"""A widget that is as high as what it holds, up to a limit, and scrolls from there on."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget


class FittedArea(QScrollArea):
    """A frameless area; the widget inside takes the keyboard.

    Args:
        inside: What it holds.
        most: Height in pixels from which on it scrolls.
    """

    def __init__(self, inside: QWidget, most: int) -> None:
        super().__init__()
        self._inside, self._most = inside, most
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self.setWidget(inside)
        inside.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is inside changed: take another height."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """The height that all of it takes at this width."""
        inside, width = self._inside, self.viewport().width()
        height = inside.heightForWidth(width) if inside.hasHeightForWidth() else inside.sizeHint().height()
        return QSize(100, min(height, self._most))

    def minimumSizeHint(self) -> QSize:
        """A few lines."""
        return QSize(0, min(self.sizeHint().height(), 48))
