"""The parts of the playground in their places: tools, pad, answers, what the models see, held-out examples."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.theme import Theme, small
from workbench.gui.widgets.answers_view import AnswersView
from workbench.gui.widgets.drawing_pad import DrawingPad
from workbench.gui.widgets.pad_tools import PadTools
from workbench.gui.widgets.sample_strip import SampleStrip
from workbench.gui.widgets.seen_picture import SeenPicture
from workbench.gui.widgets.segments import Segments

AT_1, AT_T = "1", "t"
_NO_TEXT, _NO_ROW = "Type a text…", "The row that is asked about"
_SEEN_SIDE = 56
_LEAST_PAD = 120
_MARGIN = 10


class PlaygroundView(QStackedWidget):
    """The parts, or words where there is nothing to play with."""

    def __init__(self, theme: Theme, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad = DrawingPad(theme)
        self.tools = PadTools(theme, self.pad)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(_NO_TEXT)
        self.text.setAccessibleName("Text to ask about")
        self.text.setTabChangesFocus(True)
        self.text.hide()
        self.answers = AnswersView(theme)
        self.seen = SeenPicture(theme, _SEEN_SIDE)
        self.samples = SampleStrip(theme)
        self.temperatures = Segments("Temperature", {AT_1: "T = 1", AT_T: "T"})
        self.temperatures.setToolTip("Probabilities at T = 1, as they are used, or as soft as in training")
        self._seen_column = _under(_caption("Models see", "The picture as the models are fed with it"), self.seen)
        self._empty = QLabel(empty)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._parts = QWidget()
        row = QHBoxLayout(self._parts)
        row.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        row.setSpacing(8)
        row.addWidget(self.tools)
        row.addWidget(self.pad, 2)
        row.addWidget(self.text, 2)
        row.addSpacing(8)
        row.addLayout(self._right(), 3)
        self.addWidget(self._empty)
        self.addWidget(self._parts)

    def show_parts(self, *, there: bool) -> None:
        """Whether there are models to play with."""
        self.setCurrentWidget(self._parts if there else self._empty)

    def show_drawing(self, *, pictures: bool, texts: bool, rows: bool = False) -> None:
        """Whether there is something to draw or to write, or only examples to choose, whose rows can be read."""
        for part in (self.pad, self.tools, self._seen_column):
            part.setVisible(pictures)
        self.text.setVisible(texts or rows)
        if self.text.isReadOnly() is not rows:
            self.text.setReadOnly(rows)
            self.text.setPlaceholderText(_NO_ROW if rows else _NO_TEXT)
            self.text.setAccessibleName("The row that is asked about" if rows else "Text to ask about")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pad is a square as high as the panel; its stretch leaves the answers their room."""
        super().resizeEvent(event)
        self.pad.setMaximumWidth(max(self.height() - 2 * _MARGIN, _LEAST_PAD))

    def _right(self) -> QVBoxLayout:
        header = QHBoxLayout()
        header.addWidget(self.answers.sentence, 1)
        header.addWidget(self.temperatures)
        lower = QHBoxLayout()
        lower.setSpacing(10)
        lower.addWidget(self._seen_column)
        examples = _under(_caption("Held-out examples", "Choose one with the mouse or the arrow keys"), self.samples)
        lower.addWidget(examples, 1)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addLayout(header)
        right.addWidget(self.answers, 1)
        right.addLayout(lower)
        return right


def _caption(text: str, tip: str) -> QLabel:
    label = QLabel(text)
    label.setFont(small(label.font()))
    label.setProperty("role", "muted")
    label.setToolTip(tip)
    return label


def _under(caption: QLabel, part: QWidget) -> QWidget:
    """A part with its caption above it."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(caption)
    column.addWidget(part)
    column.addStretch(1)
    return widget
