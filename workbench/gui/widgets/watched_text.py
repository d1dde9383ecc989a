"""A text token by token with its legend, and a card about the token that is pointed at."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.events import TokenSeen
from workbench.gui.theme import Theme
from workbench.gui.widgets.scrolled import scrolled
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.token_card import TokenCard
from workbench.gui.widgets.token_scale import DIVERGENCE, SURPRISE, TokenLegend
from workbench.gui.widgets.token_text import TokenText, scale_for

_SCALES = {"divergence": DIVERGENCE, "surprise": SURPRISE}


class WatchedText(QWidget):
    """Colours, legend and card.

    Attributes:
        text: The tokens.
        legend: What their colours mean.
        card: About one of them.
        colouring: What is coloured; hidden without a teacher.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = TokenText(theme)
        self.legend = TokenLegend(theme)
        self.colouring = Segments("Colour by", {"divergence": "KL", "surprise": "−log p"})
        self.colouring.button("divergence").setToolTip("Colour by how far the student is from the teacher")
        self.colouring.button("surprise").setToolTip("Colour by how unlikely the student finds the token")
        self._area = scrolled(self.text)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.colouring)
        row.addWidget(self.legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._area, 1)
        column.addLayout(row)
        self.card = TokenCard(theme, self)
        self.text.pointed.connect(self._point)
        self.text.reached.connect(self._reach)
        self.colouring.chosen.connect(self._colour)
        self._area.verticalScrollBar().valueChanged.connect(self._point)

    def show_tokens(self, tokens: Sequence[TokenSeen]) -> None:
        """Show newer numbers, or another text."""
        has_teacher = any(token.kl is not None for token in tokens)
        if self.colouring.isVisibleTo(self) != has_teacher:
            self.colouring.setVisible(has_teacher)
        scale = scale_for(tokens, _SCALES[self.colouring.value])
        if scale is not self.legend.scale:
            self.legend.show_scale(scale)
        self.text.show_tokens(tokens, scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The card goes along."""
        super().resizeEvent(event)
        self._point()

    def hideEvent(self, event: QHideEvent) -> None:
        """No card without its text."""
        super().hideEvent(event)
        self.card.hide()

    def _colour(self, _key: str) -> None:
        self.show_tokens(self.text.tokens)

    def _point(self, _: object = None) -> None:
        place = self.text.current
        if place is None or not self.isVisible():
            self.card.hide()
            return
        area = self.text.area_of(place)
        beside = QRect(self.text.mapTo(self, area.topLeft()), area.size())
        if not self._area.geometry().intersects(beside):
            self.card.hide()
            return
        if self.card.parentWidget() is not self.window():
            # The card may reach beyond a low panel, and a panel may have been moved to a window of its own.
            self.card.setParent(self.window())
        words = f"token {place + 1:,} of {len(self.text.tokens):,}"
        self.card.show_token(
            self.text.tokens[place], words, QRect(self.text.mapTo(self.window(), area.topLeft()), area.size())
        )

    def _reach(self, area: QRect) -> None:
        middle = QPoint(area.center())
        self._area.ensureVisible(middle.x(), middle.y(), 0, area.height() // 2 + 8)
