"""The card of the tour: a title, two sentences, how far it is; and where it lies beside a widget."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from workbench.gui.theme import strong
from workbench.gui.widgets.wrapping import wrapped_label

MARGIN = 14
_GAP = 12


class TourCard(QFrame):
    """Title, words, how far it is, and three buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "accent")
        self.title = wrapped_label()
        self.title.setFont(strong(self.title.font(), 1.1))
        self.text = wrapped_label()
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.skip_button = QPushButton("Skip")
        self.skip_button.setToolTip("End the tour (Esc); the Help menu has it again")
        self.back_button = QPushButton("Back")
        self.next_button = QPushButton("Next")
        self.next_button.setProperty("primary", "true")
        self.buttons = (self.skip_button, self.back_button, self.next_button)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.count, 1)
        for button in self.buttons:
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 14, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(4)
        column.addLayout(row)

    def say(self, title: str, text: str, number: int, total: int) -> None:
        """Show the words of a halt, and which of how many it is."""
        self.title.setText(title)
        self.text.setText(text)
        self.count.setText(f"{number} of {total}")
        self.back_button.setEnabled(number > 1)
        self.next_button.setText("Next" if number < total else "Done")
        self.setAccessibleName(f"{title}, {number} of {total}")
        self.setAccessibleDescription(text)


def card_place(room: QRect, hole: QRect, card: QRect) -> QRect:
    """Where the card lies in `room`: below, above, right or left of the target, else over it in the lower right."""
    inner = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    if hole.isEmpty():
        card.moveCenter(inner.center())
        return card
    along = QPoint(hole.left(), hole.top())
    for corner in (
        QPoint(along.x(), hole.bottom() + _GAP),
        QPoint(along.x(), hole.top() - _GAP - card.height()),
        QPoint(hole.right() + _GAP, along.y()),
        QPoint(hole.left() - _GAP - card.width(), along.y()),
    ):
        lying = _moved_into(inner, QRect(corner, card.size()))
        if inner.contains(lying) and not lying.intersects(hole):
            return lying
    card.moveBottomRight(inner.bottomRight())
    return card


def _moved_into(room: QRect, lying: QRect) -> QRect:
    x = max(min(lying.x(), room.right() + 1 - lying.width()), room.left())
    y = max(min(lying.y(), room.bottom() + 1 - lying.height()), room.top())
    return QRect(QPoint(x, y), lying.size())
