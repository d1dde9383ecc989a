"""What was said to one model and by it: read only, and only added to while it writes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QFont, QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from workbench.gui.theme import Theme, small

_MARGIN, _LEAST_HEIGHT = 4, 44
_THOUGHTS = re.compile(r"(<think>|</think>)")


@dataclass(frozen=True)
class Exchange:
    """One question and what came of it.

    Attributes:
        question: What was asked.
        answer: What was written so far.
        trouble: Why there is no more, in words; empty where there is nothing to say.
    """

    question: str
    answer: str = ""
    trouble: str = ""


class ChatTranscript(QTextEdit):
    """Questions in a tint, answers in plain text, thoughts muted; it stays at its end while somebody reads there."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._opening: tuple[Mapping[str, str], ...] = ()
        self._shown: tuple[Exchange, ...] = ()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        # It lies on a card: a frame of its own would be one too many.
        self.setStyleSheet("QTextEdit { border: 0; background: transparent; padding: 0; }")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setAccessibleName(f"What {title} answers")
        self.document().setDocumentMargin(_MARGIN)
        theme.changed.connect(self._redraw)

    def show_exchanges(self, opening: Sequence[Mapping[str, str]], exchanges: Sequence[Exchange]) -> None:
        """Show a conversation; where only its last answer grew, only what is new is written.

        Args:
            opening: What was said before, role and content each.
            exchanges: Oldest first.
        """
        told, before = tuple(exchanges), self._shown
        if (tuple(opening), told) == (self._opening, before):
            return
        grows = bool(told) and len(told) == len(before) and told[:-1] == before[:-1] and tuple(opening) == self._opening
        self._opening, self._shown = tuple(opening), told
        if grows and _is_continued(before[-1], told[-1]):
            self._keep_end(lambda: self._write_answer(told[-1].answer, len(before[-1].answer)))
        else:
            self._keep_end(self._write_all)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Who reads the end goes on reading it."""
        at_end = self._is_at_end()
        super().resizeEvent(event)
        if at_end:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _is_at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bool(bar.value() >= bar.maximum() - 4)

    def _redraw(self) -> None:
        self._keep_end(self._write_all)

    def _keep_end(self, write: Callable[[], None]) -> None:
        bar = self.verticalScrollBar()
        at_end, value = self._is_at_end(), bar.value()
        write()
        bar.setValue(bar.maximum() if at_end else value)

    def _write_all(self) -> None:
        self.clear()
        for message in self._opening:
            self._write_block(message["content"], "muted", tinted=message["role"] == "user")
        for exchange in self._shown:
            self._write_block(exchange.question, "text", tinted=True)
            if exchange.answer:
                self._write_block("", "text")
                self._write_answer(exchange.answer, 0)
            if exchange.trouble:
                self._write_block(exchange.trouble, "bad")

    def _write_answer(self, answer: str, start: int) -> None:
        """What is new of an answer from a place on, at the end of the text."""
        cursor, place, is_thought = self._end(), 0, False
        if start == 0 and not self._ends_with_answer():
            self._write_block("", "text")
            cursor = self._end()
        for piece in _THOUGHTS.split(answer):
            is_thought = (is_thought or piece == "<think>") and bool(piece)
            new = piece[max(start - place, 0) :]
            place += len(piece)
            if new:
                cursor.insertText(new, self._format("muted" if is_thought else "text"))
            is_thought = is_thought and piece != "</think>"

    def _ends_with_answer(self) -> bool:
        cursor = self._end()
        return not self.document().isEmpty() and cursor.block().length() == 1

    def _write_block(self, text: str, colour: str, *, tinted: bool = False) -> None:
        cursor = self._end()
        if not self.document().isEmpty():
            cursor.insertBlock()
        block = QTextBlockFormat()
        block.setTopMargin(_MARGIN if cursor.blockNumber() else 0)
        if tinted:
            block.setBackground(self._theme.colour("grid"))
        cursor.setBlockFormat(block)
        written = self._format(colour)
        if tinted:
            written.setFontWeight(QFont.Weight.DemiBold)
            written.setFontPointSize(small(self.font()).pointSizeF())
        cursor.setBlockCharFormat(written)
        # A soft break keeps several lines of one message in one tinted block.
        cursor.insertText(text.replace("\n", "\u2028"), written)

    def _format(self, colour: str) -> QTextCharFormat:
        written = QTextCharFormat()
        written.setForeground(self._theme.colour(colour))
        return written

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor


def _is_continued(before: Exchange, now: Exchange) -> bool:
    return (
        bool(before.answer)
        and now.question == before.question
        and now.trouble == before.trouble
        and now.answer.startswith(before.answer)
    )
