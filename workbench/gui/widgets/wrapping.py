"""Text that is wrapped inside long words too, such as paths and names of tensors."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

# Not inside numbers, such as -0.05.
_MAY_BREAK_AFTER = re.compile(r"([/\\_](?=\S)|[.\-:=,;)\]](?=[^\s\d]))")
_LONG_WORD = re.compile(r"([^\s\u200b]{24})(?=[^\s\u200b])")
_BREAK = "\u200b"


def breakable(text: str) -> str:
    """The same text with invisible places to break at; for the eye only, never for the clipboard."""
    return _LONG_WORD.sub(rf"\1{_BREAK}", _MAY_BREAK_AFTER.sub(rf"\1{_BREAK}", text))


def wrapped_label(text: str = "") -> QLabel:
    """A label that shows plain text on as many lines as it needs, however long its words are."""
    label = QLabel(breakable(text))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    return label
