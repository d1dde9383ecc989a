"""What is wrong, a line each below the form: a click goes there."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from workbench.gui.theme import Theme, small, strong
from workbench.gui.widgets.elided_button import ElidedButton
from workbench.gui.widgets.form_part import Problems, put_visible
from workbench.gui.widgets.naming import as_tooltip
from workbench.recipe.drafts import Location

_MOST_LINES = 3


class ProblemList(QFrame):
    """A few lines at the foot of the form; hidden while nothing is wrong.

    Signals:
        chosen: The Location of the problem that a person wants to mend.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("panel", "true")
        self._theme = theme
        self._places: list[Location] = []
        self._title = QLabel()
        self._title.setFont(strong(self.font()))
        self._title.setProperty("role", "bad")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        self.lines = [ElidedButton() for _ in range(_MOST_LINES)]
        for line in self.lines:
            line.setFont(small(line.font()))
            line.clicked.connect(self._clicked)
            layout.addWidget(line)
        theme.changed.connect(self._colour)
        self._colour()
        self.hide()

    def show_problems(self, problems: Problems) -> None:
        """List them, in the order of the form."""
        self._places = list(problems)[:_MOST_LINES]
        put_visible(self, bool(problems))
        count = len(problems)
        more = f", the first {_MOST_LINES} of them" if count > _MOST_LINES else ""
        self._title.setText("One value to mend" if count == 1 else f"{count} values to mend{more}")
        for place, line in enumerate(self.lines):
            put_visible(line, place < len(self._places))
            if place < len(self._places):
                line.setText(problems[self._places[place]])
                line.setToolTip(as_tooltip(line.text()))
                line.setAccessibleName(f"Go to: {line.text()}")

    def _clicked(self) -> None:
        sender = self.sender()
        place = next(number for number, line in enumerate(self.lines) if line is sender)
        self.chosen.emit(self._places[place])

    def _colour(self) -> None:
        for line in self.lines:
            line.setIcon(self._theme.icon("error", "bad"))
