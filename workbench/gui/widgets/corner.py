"""What lies above the window in one of its corners, and stays there when the window is resized."""

from PySide6.QtCore import QEvent, QMargins, QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

_GAP = 14
_PLACING = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class Corner(QWidget):
    """The base of what is laid over a window; it takes no room of the layout and no focus by itself.

    Args:
        window: Where it lies on top.
        corner: Which corner it keeps to.
        within: The part of the window it may cover; all of it where it is None.
    """

    def __init__(self, window: QWidget, corner: Qt.Corner, within: QWidget | None = None) -> None:
        super().__init__(window)
        self._window, self._corner, self._within = window, corner, within or window
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for watched in {window, self._within}:
            watched.installEventFilter(self)

    @property
    def area(self) -> QRect:
        """The part of the window it may cover, in the window's coordinates."""
        origin = self._within.mapTo(self._window, QPoint(0, 0)) if self._within is not self._window else QPoint(0, 0)
        return QRect(origin, self._within.size()).marginsRemoved(QMargins(_GAP, _GAP, _GAP, _GAP))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if event.type() in _PLACING and not self.isHidden():
            self.place()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Lie in the corner, as large as the content asks for and the window allows."""
        raise NotImplementedError

    def lie(self, width: int, height: int, away: int = 0) -> None:
        """Take so much room, as far as there is any, so many pixels away from the upper or lower edge."""
        area = self.area
        away = min(away, max(area.height() - height, 0))
        lying = QRect(0, 0, min(width, area.width()), min(height, area.height()))
        right = self._corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner)
        bottom = self._corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner)
        lying.moveTo(
            area.right() + 1 - lying.width() if right else area.left(),
            area.bottom() + 1 - lying.height() - away if bottom else area.top() + away,
        )
        if self.geometry() != lying:
            self.setGeometry(lying)
