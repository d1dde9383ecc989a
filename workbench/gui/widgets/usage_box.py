"""A short program to copy, in one of several languages or for one of several libraries."""

from collections.abc import Mapping
from math import ceil

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from workbench.gui.theme import Theme, strong
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.sheet import at_left

_AROUND = 44
# What is not named here is the name of a library.
_NAMES = {"python": "Python", "javascript": "JavaScript", "onnxruntime-genai": "genai"}
_MOST_IN_HEAD = 2


class UsageBox(QFrame):
    """The program, a choice of languages or libraries, and a button that copies it."""

    def __init__(self, theme: Theme, programs: Mapping[str, str]) -> None:
        """Show the first of the programs, at least one."""
        super().__init__()
        self._theme, self._programs = theme, dict(programs)
        self.setProperty("card", "true")
        title = QLabel("Use it")
        title.setFont(strong(title.font()))
        self.languages = Segments("Written for", {key: _NAMES.get(key, key) for key in programs})
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
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 14)
        column.setSpacing(8)
        column.addLayout(head)
        if len(programs) <= _MOST_IN_HEAD:
            head.addWidget(self.languages)
        else:
            column.addLayout(at_left(self.languages))
        head.addWidget(self.copy)
        column.addWidget(self.code)
        self.languages.chosen.connect(self._show)
        self.copy.clicked.connect(self._copy)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()
        self._show(self.languages.value)

    def _show(self, language: str) -> None:
        program = self._programs[language].rstrip()
        self.code.setPlainText(program)
        # All of it, above the bar that moves long lines.
        line = self.code.blockBoundingRect(self.code.document().firstBlock()).height()
        self.code.setFixedHeight(ceil((program.count("\n") + 1) * line) + _AROUND)
        self.copy.setText("Copy")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._programs[self.languages.value])
        self.copy.setText("Copied")

    def _paint_icon(self) -> None:
        self.copy.setIcon(self._theme.icon("copy"))
