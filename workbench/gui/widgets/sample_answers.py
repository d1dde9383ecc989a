"""What a language model and its exported files answer to the same prompts, side by side."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, pixmap, small, strong
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.session.text_export_report import SampleAnswer, TextFileReport

_ICON, _LONGEST_PROMPT = 14, 280
_SAME, _NOTHING = "the same, word for word", "nothing"
_HOW = "Each always takes the likeliest token; on the left what the student answers in PyTorch."
# Columns are narrow, and what babbles has no spaces.
_LONG_WORD = re.compile(r"(\S{14})(?=\S)")


class SampleAnswers(QFrame):
    """A column for PyTorch and one for each file that answers otherwise, a row for each prompt.

    Attributes:
        marks: What stands beside the names of files that were not kept.
    """

    def __init__(self, theme: Theme, files: Sequence[TextFileReport]) -> None:
        """At least one file."""
        super().__init__()
        self._theme = theme
        self.marks: dict[str, QLabel] = {}
        self._icons: list[QLabel] = []
        self.setProperty("card", "true")
        self.setAccessibleName("Answers of the student and of its files, side by side")
        title = QLabel("Answers before and after")
        title.setFont(strong(title.font()))
        alike = [file.name for file in files if file.answers_alike]
        told = f"{_HOW} {' and '.join(alike)} {'answers' if len(alike) == 1 else 'answer'} {_SAME}." if alike else _HOW
        note = wrapped_label(told)
        note.setFont(small(note.font()))
        note.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(note)
        column.addLayout(self._grid(files[0].samples, [file for file in files if not file.answers_alike]))
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def _grid(self, samples: Sequence[SampleAnswer], files: Sequence[TextFileReport]) -> QGridLayout:
        """Answers under the names of those who gave them."""
        grid, top = QGridLayout(), Qt.AlignmentFlag.AlignTop
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        for place, head in enumerate([_name("PyTorch"), *map(self._head, files)]):
            grid.addWidget(head, 0, place, top)
            grid.setColumnStretch(place, 1)
        for row, sample in enumerate(samples):
            grid.addWidget(_prompt(sample.prompt, first=row == 0), 2 * row + 1, 0, 1, len(files) + 1)
            grid.addWidget(_answer(sample.pytorch), 2 * row + 2, 0, top)
            for place, file in enumerate(files, start=1):
                other = file.samples[row]
                grid.addWidget(_aside(_SAME) if other.is_same else _answer(other.onnx), 2 * row + 2, place, top)
        return grid

    def _head(self, file: TextFileReport) -> QWidget:
        if file.kept:
            return _name(file.name)
        icon, mark = QLabel(), QLabel("babbles" if file.babbles else "not kept")
        mark.setProperty("role", "bad")
        mark.setFont(strong(mark.font()))
        mark.setToolTip(f"{file.name} was not kept.")
        self.marks[file.name] = mark
        self._icons.append(icon)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(icon)
        line.addWidget(mark)
        line.addStretch(1)
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(_name(file.name))
        column.addLayout(line)
        return head

    def _paint_icons(self) -> None:
        for icon in self._icons:
            icon.setPixmap(pixmap("error", self._theme.colour("bad"), _ICON))


def _name(text: str) -> QLabel:
    label = wrapped_label(text)
    label.setFont(strong(label.font()))
    return label


def _prompt(text: str, *, first: bool) -> QLabel:
    """What was asked; of a long prompt the end."""
    end = text.strip()
    label = wrapped_label(end if len(end) <= _LONGEST_PROMPT else f"…{end[-_LONGEST_PROMPT:]}")
    label.setProperty("role", "muted")
    label.setContentsMargins(0, 2 if first else 10, 0, 0)
    return label


def _answer(text: str) -> QLabel:
    if not text.strip():
        return _aside(_NOTHING)
    label = wrapped_label(_LONG_WORD.sub("\\1\u200b", text))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _aside(text: str) -> QLabel:
    """Words of ours, where an answer would stand."""
    label = wrapped_label(text)
    label.setProperty("role", "muted")
    font = label.font()
    font.setItalic(True)
    label.setFont(font)
    return label
