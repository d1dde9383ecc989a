"""A short program to copy, in one of two languages."""

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from workbench.gui.theme import Theme, strong
from workbench.gui.widgets.segments import Segments

_AROUND = 44


class UsageBox(QFrame):
    """The program, a choice of languages, and a button that copies it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._programs = {"python": "", "javascript": ""}
        self.setProperty("card", "true")
        title = QLabel("Use it")
        title.setFont(strong(title.font()))
        self.languages = Segments("Language", {"python": "Python", "javascript": "JavaScript"})
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Put the program into the clipboard.")
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setAccessibleName("Program that uses the export")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF() * 0.95)
        self.code.setFont(fixed)
        self.code.setTabChangesFocus(True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.languages)
        head.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.code)
        self.languages.chosen.connect(self._show)
        self.copy.clicked.connect(self._copy)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def show_programs(self, python: str, javascript: str) -> None:
        """Show other programs."""
        self._programs = {"python": python, "javascript": javascript}
        self._show(self.languages.value)

    def _show(self, language: str) -> None:
        program = self._programs[language].rstrip()
        self.code.setPlainText(program)
        # All of it, above the bar that moves long lines.
        self.code.setFixedHeight((program.count("\n") + 1) * self.code.fontMetrics().lineSpacing() + _AROUND)
        self.copy.setText("Copy")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._programs[self.languages.value])
        self.copy.setText("Copied")

    def _paint_icon(self) -> None:
        self.copy.setIcon(self._theme.icon("copy"))
