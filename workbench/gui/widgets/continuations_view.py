"""Watched prompts, and how teacher and student go on from them, side by side; what is new is underlined."""

import difflib
import html
import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.events import Continued
from workbench.gui.theme import Theme, small, strong
from workbench.gui.widgets.plot_series import mixed

_PIECES = re.compile(r"\s+|[^\s]+")
_NOTHING = "(nothing)"
# With less room the two texts stand below each other.
_ABREAST = 380
_TINT = 0.14


class ContinuationsView(QWidget):
    """One card a prompt; the cards stay, only their words are others."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Sequence[Continued], Sequence[Continued]] = ((), ())
        self.cards: list[ContinuationCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        theme.changed.connect(self._draw)

    def show_continued(self, continued: Sequence[Continued], before: Sequence[Continued]) -> None:
        """Show newer texts.

        Args:
            continued: What both wrote now.
            before: What they wrote the last time; empty where that is not known.
        """
        self._shown = (continued, before)
        self._draw()

    def minimumSizeHint(self) -> QSize:
        """Low: a layout takes the height that the narrowest width would need for the least there can be."""
        return QSize(140, 40)

    def _draw(self) -> None:
        continued, before = self._shown
        while len(self.cards) < len(continued):
            self.cards.append(ContinuationCard(self._theme))
            self._column.insertWidget(len(self.cards) - 1, self.cards[-1])
        earlier = {one.prompt: one.student for one in before}
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(continued))
            if place < len(continued):
                card.show_pair(continued[place], earlier.get(continued[place].prompt), place + 1)


class ContinuationCard(QFrame):
    """A prompt over what teacher and student wrote."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("card", "true")
        self.prompt, self.teacher, self.student = _text(), _text(), _text()
        self._titles = [_title(), _title()]
        self.prompt.setProperty("role", "muted")
        self.prompt.setFont(small(self.font()))
        for label in (self.teacher, self.student):
            label.setTextFormat(Qt.TextFormat.RichText)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 12, 10)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(3)
        self._has_teacher, self._is_abreast = True, False
        self._arrange(abreast=True)
        theme.changed.connect(self._dress)
        self._dress()

    def show_pair(self, pair: Continued, before: str | None, number: int) -> None:
        """Show other words; what the student did not write `before` is underlined."""
        self._put(self.prompt, pair.prompt.strip() or "(empty prompt)")
        self._put(self.teacher, marked(pair.teacher, None, ""))
        tint = mixed(self._theme.colour("student"), self._theme.colour("raised"), _TINT).name()
        self._put(self.student, marked(pair.student, before, tint))
        has_teacher = bool(pair.teacher)
        for label, who, said in (
            (self.prompt, "Prompt", pair.prompt),
            (self.teacher, "Teacher continues", pair.teacher),
            (self.student, "Student continues", pair.student),
        ):
            label.setAccessibleName(f"{who}, prompt {number}")
            label.setAccessibleDescription(said)
        if has_teacher != self._has_teacher:
            self._has_teacher = has_teacher
            self._arrange(abreast=self._is_abreast)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side, or below each other."""
        super().resizeEvent(event)
        abreast = self.width() >= _ABREAST
        if abreast is not self._is_abreast:
            self._arrange(abreast=abreast)

    def _arrange(self, *, abreast: bool) -> None:
        self._is_abreast = abreast
        parts = [self._titles[0], self.teacher, self._titles[1], self.student]
        for widget in (self.prompt, *parts):
            self._grid.removeWidget(widget)
        self._grid.addWidget(self.prompt, 0, 0, 1, 2)
        wide = abreast and self._has_teacher
        for place, widget in enumerate(parts):
            row, column = (1 + place % 2, place // 2) if wide else (1 + place, 0)
            self._grid.addWidget(widget, row, column, 1, 1 if wide else 2, Qt.AlignmentFlag.AlignTop)
        for widget in parts[:2]:
            widget.setVisible(self._has_teacher)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if wide else 0)

    def _put(self, label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def _dress(self) -> None:
        for label, who in zip(self._titles, ("teacher", "student"), strict=True):
            label.setText(f'<span style="color: {self._theme.colour(who).name()}">{who.capitalize()}</span>')


def marked(text: str, before: str | None, tint: str) -> str:
    """A text as HTML in which the words that are not in the text before are underlined on a tint."""
    if not text.strip():
        return f"<i>{_NOTHING}</i>"
    words = _PIECES.findall(text)
    if before is None:
        return _kept(html.escape("".join(words), quote=False))
    matcher = difflib.SequenceMatcher(None, _PIECES.findall(before), words, autojunk=False)
    parts = []
    for kind, _, _, start, end in matcher.get_opcodes():
        piece = html.escape("".join(words[start:end]), quote=False)
        bare = piece.strip()
        if kind in ("replace", "insert") and bare:
            # The spaces around it are no words.
            new = f'<span style="text-decoration: underline; background-color: {tint}">{bare}</span>'
            before_it, after_it = piece.split(bare, 1)
            piece = f"{before_it}{new}{after_it}"
        parts.append(piece)
    return _kept("".join(parts))


def _kept(content: str) -> str:
    """With its spaces and lines as they are: code is written too."""
    return f'<div style="white-space: pre-wrap">{content}</div>'


def _text() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _title() -> QLabel:
    label = QLabel()
    label.setFont(strong(small(label.font())))
    return label
