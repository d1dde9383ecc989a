"""An error as a card: what happened, what to try, the details folded, and all of it to copy."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QToolButton, QVBoxLayout

from workbench.errors import WorkbenchError
from workbench.gui.reporting import open_log_folder, report_text
from workbench.gui.theme import Theme, pixmap, small, strong
from workbench.gui.widgets.wrapping import wrapped_label

_LONGEST_TITLE = 420
_DETAILS_HEIGHT = 170


class ErrorCard(QFrame):
    """One error.

    Signals:
        dismissed: A person put it away.
        resized: The details were folded or unfolded.

    Attributes:
        error: What it shows.
        times: How often it happened.
        details_box: The details; hidden until they are asked for.
    """

    dismissed = Signal()
    resized = Signal()

    def __init__(self, error: WorkbenchError, theme: Theme, times: int = 1) -> None:
        super().__init__()
        self.error, self.times, self._theme = error, times, theme
        self.setProperty("card", "bad")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        shown = error.title if len(error.title) <= _LONGEST_TITLE else f"{error.title[:_LONGEST_TITLE].rstrip()}…"
        self._picture = QLabel()
        self.title_label = wrapped_label(shown)
        self.title_label.setFont(strong(self.title_label.font()))
        self.times_label = QLabel()
        self.times_label.setProperty("role", "muted")
        self.hint_label = wrapped_label(error.hint)
        self.hint_label.setVisible(bool(error.hint))
        self.close_button = _tool("Put this error away (Esc)")
        self.details_button = _tool("What else is known of it", "Details")
        self.copy_button = _tool("Copy what happened, the details and all versions", "Copy")
        self.log_button = _tool("Open the folder with the log file", "Open log")
        self.close_button.clicked.connect(self.dismissed)
        self.details_button.clicked.connect(self._fold)
        self.copy_button.clicked.connect(self.copy)
        self.log_button.clicked.connect(open_log_folder)
        self.details_button.setCheckable(True)
        self.details_box = self._details_box("" if shown == error.title else f"{error.title}\n\n")
        self.details_button.setVisible(bool(self.details_box.toPlainText()))
        self._lay_out()
        self.count(0)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def count(self, more: int) -> None:
        """It happened so many times more."""
        self.times += more
        self.times_label.setText(f"{self.times:,} times")
        self.times_label.setVisible(self.times > 1)
        often = f", {self.times:,} times" if self.times > 1 else ""
        self.setAccessibleName(f"Error{often}: {self.error.title} {self.error.hint}".strip())

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        QGuiApplication.clipboard().setText(report_text(self.error))
        self.copy_button.setText("Copied")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts the card away, wherever in it the focus is."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
            return
        super().keyPressEvent(event)

    def _details_box(self, before: str) -> QPlainTextEdit:
        box = QPlainTextEdit(f"{before}{self.error.details}".strip())
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)))
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setMinimumHeight(60)
        box.setMaximumHeight(_DETAILS_HEIGHT)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        box.setAccessibleName("Details of the error")
        box.hide()
        return box

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        self._picture.setContentsMargins(0, 4, 0, 0)
        top.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setContentsMargins(0, 6, 0, 0)
        words.setSpacing(4)
        words.addWidget(self.title_label)
        words.addWidget(self.hint_label)
        words.addWidget(self.times_label)
        top.addLayout(words, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.details_button)
        buttons.addStretch(1)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.log_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.details_box)
        column.addLayout(buttons)

    def _fold(self) -> None:
        self.details_box.setVisible(self.details_button.isChecked())
        self._paint_icons()
        self.resized.emit()

    def _paint_icons(self) -> None:
        self._picture.setPixmap(pixmap("error", self._theme.colour("bad"), 20))
        self.close_button.setIcon(self._theme.icon("close", "muted"))
        is_open = self.details_button.isChecked()
        self.details_button.setIcon(self._theme.icon("chevron-down" if is_open else "chevron-right", "muted"))
        self.copy_button.setIcon(self._theme.icon("copy", "muted"))
        self.log_button.setIcon(self._theme.icon("folder", "muted"))


def _tool(tip: str, text: str = "") -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text or tip)
    button.setToolButtonStyle(
        Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else Qt.ToolButtonStyle.ToolButtonIconOnly
    )
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
