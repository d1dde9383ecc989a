"""One era: its name, whose example it shows, what happens at this step, the picture, the loss, results."""

from collections.abc import Sequence

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.era_texts import Result
from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.era_results import EraResult
from workbench.gui.widgets.era_words import LinkedLabel
from workbench.gui.widgets.wrapping import wrapped_label


class EraCard(QFrame):
    """The frame of an era; what is inside is given.

    Attributes:
        source: Whose example is shown.
        says: What happens at this step.
        formula: The loss in symbols.
        numbers: The same with the numbers in it.
        about: Where the example comes from.
        results: What was published.
    """

    _margins = QMargins(16, 12, 16, 14)

    def __init__(self, theme: Theme, names: tuple[str, str, str], controls: QWidget, picture: QWidget) -> None:
        super().__init__()
        name, year, what = names
        self.setProperty("card", "true")
        self.setAccessibleName(f"{name}, {year}")
        self._theme = theme
        self.source = QComboBox()
        self.source.setAccessibleName(f"Example of the {name.lower()} era")
        self.source.setToolTip("An example anyone knows, or one of the run on the screen")
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(14)
        self.says, self.about = wrapped_label(), LinkedLabel()
        self.formula, self.numbers = QLabel(), QLabel()
        self.results: list[EraResult] = []
        self._published = QWidget()
        self._results = QVBoxLayout(self._published)
        self._results.setContentsMargins(0, 0, 0, 0)
        self._results.setSpacing(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(self._margins)
        column.setSpacing(8)
        column.addLayout(self._head(name, year))
        subtitle = wrapped_label(what)
        subtitle.setProperty("role", "muted")
        for widget in (subtitle, self.says, controls, picture):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(self._formulas())
        column.addWidget(self.about)
        column.addStretch(1)
        column.addWidget(_line())
        column.addWidget(self._published)
        self.says.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def add_results(self, results: Sequence[Result]) -> None:
        """Show what was published."""
        for result in results:
            self.results.append(EraResult(self._theme, result))
            self._results.addWidget(self.results[-1])
        self._results.addStretch(1)

    def heights_at(self, texts: Sequence[str], width: int) -> tuple[int, int]:
        """How high the longest of some words, and all results, are in a card of this width."""
        metrics, margins = self.says.fontMetrics(), self._margins
        room = max(width - margins.left() - margins.right() - 2, 100)
        flags = int(Qt.TextFlag.TextWordWrap)
        words = max(metrics.boundingRect(0, 0, room, 10_000, flags, text).height() for text in texts)
        return words, max(self._results.heightForWidth(room), 0)

    def keep_room(self, words: int, results: int) -> None:
        """Leave so much room for the words of a step and for results: what is below the words must not jump."""
        if words != self.says.minimumHeight():
            self.says.setFixedHeight(words)
        self._published.setMinimumHeight(results)

    def _head(self, name: str, year: str) -> QHBoxLayout:
        heading, when = QLabel(name), QLabel(year)
        heading.setFont(strong(heading.font(), 1.25))
        when.setFont(tabular(when.font()))
        when.setProperty("role", "muted")
        named = QHBoxLayout()
        named.setSpacing(8)
        for label in (heading, when):
            named.addWidget(label, 0, Qt.AlignmentFlag.AlignBottom)
        head = QHBoxLayout()
        head.addLayout(named)
        head.setAlignment(named, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        head.addWidget(self.source, 3)
        return head

    def _formulas(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("panel", "true")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        for label in (self.formula, self.numbers):
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            label.setMinimumWidth(1)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        self.formula.setFont(small(self.font(), 1.05))
        self.numbers.setFont(tabular(self.font()))
        self.numbers.setMinimumHeight(2 * self.numbers.fontMetrics().lineSpacing() + 2)
        self.numbers.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return frame


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    return line
