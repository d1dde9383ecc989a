"""The facts about a data set: a line of name and words for each, and below them what a person should know."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from workbench.events import Finding
from workbench.gui.theme import Theme, small, tabular
from workbench.gui.widgets.note_lines import NoteLines


class DataAbout(QWidget):
    """Facts in a fixed order.

    Args:
        theme: For the marks of the notes.
        names: Of the facts, in order.
        tips: What a fact means, by its name.

    Attributes:
        notes: What a person should know.
    """

    def __init__(self, theme: Theme, names: Sequence[str], tips: Mapping[str, str]) -> None:
        super().__init__()
        self.notes = NoteLines(theme)
        self._facts = {name: QLabel() for name in names}
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, (name, fact) in enumerate(self._facts.items()):
            title = QLabel(name[:1].upper() + name[1:])
            title.setProperty("role", "muted")
            for label in (title, fact):
                label.setFont(tabular(small(self.font())))
                label.setToolTip(tips.get(name, ""))
            fact.setWordWrap(True)
            fact.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(fact, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        column.addLayout(grid)
        column.addWidget(self.notes)
        column.addStretch(1)

    def tell(self, words: Mapping[str, str], notes: Sequence[Finding]) -> None:
        """Show other facts by their names, and of the notes those that are no mere confirmation."""
        for name, text in words.items():
            self._facts[name].setText(text)
            self._facts[name].setAccessibleName(f"{name}: {text}")
        self.notes.show_notes([note for note in notes if note.level != "ok"])

    def fact(self, name: str) -> str:
        """What is said under a name."""
        return self._facts[name].text()
