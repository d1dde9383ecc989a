"""A few conversations to read: who says what, with the known answer below."""

from collections.abc import Sequence

from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from workbench.gui.theme import Theme, small, strong
from workbench.session.conversation_card import SpokenSample

_ROLES = {"system": "System", "user": "User", "assistant": "Assistant", "": "Text"}
_COLOURS = {"system": "muted", "user": "accent", "assistant": "hard", "": "muted"}
_INDENT, _GAP, _MARGIN = 10, 12, 8


class SpokenSamples(QTextEdit):
    """One text to scroll through, to select and to copy from."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._samples: Sequence[SpokenSample] = ()
        self.setReadOnly(True)
        # What is in a file is shown as it stands, and never taken for a link or a picture.
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Samples")
        self.document().setDocumentMargin(_MARGIN)
        theme.changed.connect(self._write)

    def show_samples(self, samples: Sequence[SpokenSample]) -> None:
        """Show others."""
        self._samples = samples
        self._write()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _write(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        text, muted = self._theme.colour("text"), self._theme.colour("muted")
        caption, role = small(self.font()), strong(small(self.font()))
        for number, sample in enumerate(self._samples):
            _line(cursor, sample.caption[:1].upper() + sample.caption[1:], muted, caption, above=number and 2 * _GAP)
            for who, words in sample.turns:
                _line(cursor, _ROLES[who], self._theme.colour(_COLOURS[who]), role, above=_GAP / 2)
                _line(cursor, words, text, self.font(), indent=_INDENT)
            if sample.left_out:
                _line(cursor, f"… and {sample.left_out:,} more messages", muted, caption, indent=_INDENT)
            if sample.answer:
                _line(cursor, "Known answer", muted, role, above=_GAP / 2)
                _line(cursor, sample.answer, text, self.font(), indent=_INDENT)


def _line(cursor: QTextCursor, words: str, colour: QColor, font: QFont, *, above: float = 0, indent: float = 0) -> None:
    """Some words in blocks of their own; line ends in them stay."""
    block, look = QTextBlockFormat(), QTextCharFormat()
    block.setTopMargin(above)
    block.setLeftMargin(indent)
    look.setFont(font)
    look.setForeground(colour)
    if cursor.position():
        cursor.insertBlock(block, look)
    else:
        cursor.setBlockFormat(block)
    # A line end within a block, so that the space above belongs to the whole.
    cursor.insertText(words.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\n", "\u2028"), look)
