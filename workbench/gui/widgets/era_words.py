"""What stands around the two eras in words: what they share, what is not known, and links that open in the browser."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from workbench.gui.era_texts import FORMULA, IDEA, IDEA_WORDS, UNKNOWN
from workbench.gui.opening_outside import open_outside
from workbench.gui.theme import small, strong
from workbench.gui.widgets.wrapping import wrapped_label


class LinkedLabel(QLabel):
    """A small muted label whose links can be followed with the mouse and with the keyboard."""

    def __init__(self, html: str = "") -> None:
        super().__init__(html)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setFont(small(self.font()))
        self.setProperty("role", "muted")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.linkActivated.connect(_open)

    def changeEvent(self, event: QEvent) -> None:
        """Links take the colour of the palette when their text is set, and never again."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            html = self.text()
            self.setText("")
            self.setText(html)


def idea() -> QWidget:
    """What both eras have in common."""
    holder = QWidget()
    title, formula, words = QLabel(IDEA), wrapped_label(FORMULA), wrapped_label(IDEA_WORDS)
    title.setFont(strong(title.font(), 1.5))
    formula.setFont(strong(formula.font(), 1.12))
    words.setProperty("role", "muted")
    column = QVBoxLayout(holder)
    column.setContentsMargins(2, 0, 0, 0)
    column.setSpacing(8)
    for label in (title, formula, words):
        column.addWidget(label)
    column.addStretch(1)
    return holder


def unknown() -> QFrame:
    """What no source says."""
    frame = QFrame()
    frame.setProperty("panel", "true")
    column = QVBoxLayout(frame)
    column.setContentsMargins(2, 0, 2, 0)
    column.addWidget(LinkedLabel(UNKNOWN))
    return frame


def _open(address: str) -> None:
    open_outside(address)
