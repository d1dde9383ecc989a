"""Small notices that come and go by themselves: something was saved, something is to be known."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, pixmap
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.corner import Corner
from workbench.gui.widgets.error_stack import ErrorStack
from workbench.gui.widgets.wrapping import wrapped_label

LEVELS = {"ok": ("Done", "good"), "info": ("Note", "accent"), "warning": ("Warning", "warning")}
_WIDTH = 380
_MOST_VISIBLE = 3
# Time to look up, and time to read: some 15 characters a second.
_SHORTEST_MS, _LONGEST_MS, _MS_A_CHARACTER = 4000, 12_000, 65
# After the mouse has left, nobody is surprised.
_AFTER_HOVER_MS = 1500


class Notice(QFrame):
    """One notice; it waits while the mouse is on it, and a click puts it away.

    Signals:
        over: Its time is up, or it was clicked.
    """

    over = Signal()

    def __init__(self, level: str, text: str, theme: Theme) -> None:
        super().__init__()
        self.level, self.text, self._theme = level, text, theme
        word, _ = LEVELS[level]
        self.setProperty("card", "true")
        self.setAccessibleName(f"{word}: {text}")
        self.setToolTip("Click to put it away")
        self._picture = QLabel()
        self._picture.setAccessibleName(word)
        self._label = wrapped_label(text)
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Put this notice away")
        # It goes by itself and must not be in the way of Tab.
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.close_button.clicked.connect(self.over)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 7, 7)
        row.setSpacing(10)
        row.addWidget(self._picture)
        row.addWidget(self._label, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.over)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()
        self.begin()

    def begin(self) -> None:
        """Let its time begin, anew where it is said again."""
        self.timer.start(min(max(_SHORTEST_MS, _MS_A_CHARACTER * len(self.text)), _LONGEST_MS))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait for the reader."""
        self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go on."""
        self.timer.start(_AFTER_HOVER_MS)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere puts it away."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.over.emit()

    def _paint_icons(self) -> None:
        self._picture.setPixmap(pixmap(self.level, self._theme.colour(LEVELS[self.level][1]), 20))
        self.close_button.setIcon(self._theme.icon("close", "muted"))


class Notices(Corner):
    """The notices in the lower right, newest on top, above the error cards; they go without being put away.

    Connect the workspace's `noticed` to `add`.
    """

    def __init__(self, window: QWidget, theme: Theme, errors: ErrorStack, within: QWidget | None = None) -> None:
        super().__init__(window, Qt.Corner.BottomRightCorner, within)
        self._theme, self._errors = theme, errors
        errors.installEventFilter(self)
        self.notices: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self.hide()

    def add(self, level: str, text: str) -> None:
        """Show a notice; one that is shown already only stays longer."""
        for notice in self.notices:
            if (notice.level, notice.text) == (level, text):
                notice.begin()
                return
        notice = Notice(level, text, self._theme)
        notice.over.connect(self._drop_sender)
        self.notices.insert(0, notice)
        self._column.insertWidget(0, notice)
        # A layout leaves out what is not shown yet.
        notice.show()
        for old in self.notices[_MOST_VISIBLE:]:
            self._drop(old)
        # Placed before it is seen: else it would appear under a mouse that is elsewhere, and wait for it to leave.
        self.place()
        self.show()
        self.raise_()
        announce(notice, notice.accessibleName())

    def place(self) -> None:
        """As large as the notices are."""
        width = min(_WIDTH, self.area.width())
        errors = 0 if self._errors.isHidden() else self._errors.height() + self._column.spacing()
        self.lie(width, self._column.totalHeightForWidth(width), errors)

    def _drop_sender(self) -> None:
        notice = self.sender()
        assert isinstance(notice, Notice), "only notices are connected"
        if notice in self.notices:
            self._drop(notice)

    def _drop(self, notice: Notice) -> None:
        self.notices.remove(notice)
        self._column.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self.place()
        self.setVisible(bool(self.notices))
