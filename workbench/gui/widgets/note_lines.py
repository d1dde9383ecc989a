"""Findings as small lines: a mark for how serious each is, the sentence, and below it the fix."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.events import Finding
from workbench.gui.theme import Theme, pixmap, small
from workbench.gui.widgets.form_part import put_visible
from workbench.gui.widgets.wrapping import breakable, wrapped_label

_ICON = 14
# Mark, colour, and the word for who does not see either, by level.
LOOKS = {
    "ok": ("ok", "good", "Good"),
    "warning": ("warning", "warning", "Warning"),
    "refusal": ("error", "bad", "Refused"),
}
_ORDER = ("refusal", "warning", "ok")


class NoteLines(QWidget):
    """The lines; what refuses first. Hidden while there are none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        theme.changed.connect(self._paint)
        self.hide()

    def show_notes(self, notes: Sequence[Finding]) -> None:
        """Show these, in place."""
        ordered = sorted(notes, key=lambda note: _ORDER.index(note.level))
        while len(self._lines) < len(ordered):
            self._lines.append(_Line(self._theme))
            self._column.addWidget(self._lines[-1])
        for place, line in enumerate(self._lines):
            put_visible(line, place < len(ordered))
            if place < len(ordered):
                line.show_note(ordered[place])
        put_visible(self, bool(ordered))

    def texts(self) -> list[str]:
        """What is shown, a text a line."""
        return [line.accessibleName() for line in self._lines if not line.isHidden()]

    def _paint(self) -> None:
        for line in self._lines:
            line.paint_mark()


class _Line(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._note: Finding | None = None
        self._mark, self._title, self._fix = QLabel(), wrapped_label(), wrapped_label()
        self._fix.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._mark.setContentsMargins(0, 1, 0, 0)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._title, self._fix):
            label.setFont(small(self.font()))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(label)
        row.addLayout(words, 1)

    def show_note(self, note: Finding) -> None:
        if note == self._note:
            return
        self._note = note
        self._title.setText(breakable(note.title))
        self._fix.setText(breakable(note.fix))
        put_visible(self._fix, bool(note.fix))
        self.setAccessibleName(f"{LOOKS[note.level][2]}: {note.title} {note.fix}".strip())
        self.paint_mark()

    def paint_mark(self) -> None:
        if self._note is not None:
            name, colour, word = LOOKS[self._note.level]
            self._mark.setPixmap(pixmap(name, self._theme.colour(colour), _ICON))
            self._mark.setToolTip(word)
