"""A text token by token, each on the colour of what the student misses there; one can be pointed at."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.events import TokenSeen
from workbench.gui.theme import Theme
from workbench.gui.widgets.token_layout import GAP, PAD, TokenLayout, shown_text
from workbench.gui.widgets.token_scale import DIVERGENCE, SURPRISE, Scale, TokenColours, value_of
from workbench.wording import counted

_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class TokenText(QWidget):
    """A flowing text on coloured tokens; hover and the arrow keys move from token to token.

    Signals:
        pointed: Another token is pointed at, or none.
        reached: The keyboard came to a token in this QRect, which should be scrolled into sight.
    """

    pointed = Signal()
    reached = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tokens: tuple[TokenSeen, ...] = ()
        self._scale = DIVERGENCE
        self._colours = TokenColours(theme, self._scale)
        self._layout = TokenLayout()
        self._hovered: int | None = None
        # Where the keyboard is; it stays where the mouse leaves.
        self._cursor: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Watched text, token by token")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._dress)

    @property
    def tokens(self) -> tuple[TokenSeen, ...]:
        """What is shown."""
        return self._tokens

    @property
    def scale(self) -> Scale:
        """What the colours say."""
        return self._scale

    @property
    def current(self) -> int | None:
        """The token that is pointed at, by the mouse or else by the keyboard; None when none is."""
        if self._hovered is not None:
            return self._hovered
        return self._cursor if self.hasFocus() else None

    def show_tokens(self, tokens: Sequence[TokenSeen], scale: Scale) -> None:
        """Show newer numbers, or another text."""
        tokens = tuple(tokens)
        is_other_text = [token.text for token in tokens] != [token.text for token in self._tokens]
        self._tokens, self._scale = tokens, scale
        self._colours = TokenColours(self._theme, scale)
        if is_other_text:
            self._hovered = self._cursor = None
        self._set_text()
        if is_other_text:
            self.updateGeometry()
        self.setAccessibleDescription(self._in_words())
        self.update()
        self.pointed.emit()

    def area_of(self, place: int) -> QRect:
        """Where a token is, all of its lines."""
        return self._layout.area_of(place)

    # -- laying out

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all lines."""
        self._layout.lay_out(width)
        return self._layout.height

    def sizeHint(self) -> QSize:
        """As wide as it is, as high as that needs."""
        width = max(self.width(), 200)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """A few words."""
        return QSize(120, self.fontMetrics().height() + 2 * PAD)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._layout.lay_out(self.width())

    def changeEvent(self, event: QEvent) -> None:
        """Another font takes another room."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._set_text()
            self.updateGeometry()

    def _dress(self) -> None:
        self._colours = TokenColours(self._theme, self._scale)
        self._set_text()
        self.update()

    def _set_text(self) -> None:
        inks = []
        for token in self._tokens:
            value = value_of(token, self._scale)
            plain = self._theme.colour("text" if token.is_scored else "muted")
            inks.append(plain if value is None else self._colours.ink(value))
        self._layout.set_text([shown_text(token) for token in self._tokens], inks, self.font())
        self._layout.lay_out(max(self.width(), 1))

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grounds, text, and a frame around the current token."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for token, pieces in zip(self._tokens, self._layout.pieces, strict=True):
                self._paint_ground(painter, token, pieces)
            self._layout.draw(painter)
            current = self.current
            if current is not None:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._theme.colour("accent"), 2))
                for piece in self._layout.pieces[current]:
                    painter.drawRoundedRect(piece, 3, 3)
            elif self.hasFocus():
                painter.setPen(QPen(self._theme.colour("accent"), 1, Qt.PenStyle.DotLine))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_ground(self, painter: QPainter, token: TokenSeen, pieces: list[QRectF]) -> None:
        value = value_of(token, self._scale)
        if value is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours.ground(value))
        for piece in pieces:
            painter.drawRoundedRect(piece.adjusted(0.5, 0, -0.5, 0), 3, 3)
        if differs(token):
            painter.setPen(QPen(self._colours.ink(value), 1, Qt.PenStyle.DotLine))
            for piece in pieces:
                painter.drawLine(piece.bottomLeft() + QPointF(2, -2), piece.bottomRight() - QPointF(2, 2))

    # -- pointing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the token under the mouse."""
        self._hover(self._layout.at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The keyboard goes on from here."""
        self._cursor = self._layout.at(event.position())
        self._tell()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to where the keyboard is."""
        super().leaveEvent(event)
        self._hover(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first token that is scored."""
        super().focusInEvent(event)
        if self._cursor is None and self._tokens and event.reason() in _BY_KEY:
            self._cursor = self._first
        self._tell()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is pointed at any more, unless the mouse does."""
        super().focusOutEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End move; Esc points at nothing."""
        target = self._target(Qt.Key(event.key()))
        if target is None or not self._tokens:
            super().keyPressEvent(event)
            return
        self._hovered = None
        self._cursor = None if target < 0 else min(target, len(self._tokens) - 1)
        self._tell()
        if self._cursor is not None:
            self.reached.emit(self.area_of(self._cursor))

    def _target(self, key: Qt.Key) -> int | None:
        """The token that a key leads to, -1 for none; None where the key means nothing here."""
        here = self._cursor
        if key in (*_STEPS, Qt.Key.Key_Up, Qt.Key.Key_Down):
            if here is None:
                return self._first
            return max(here + _STEPS[key], 0) if key in _STEPS else self._line_from(here, up=key is Qt.Key.Key_Up)
        if key == Qt.Key.Key_Escape and here is not None:
            return -1
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._tokens) - 1}.get(key)

    @property
    def _first(self) -> int:
        """The first token that is scored."""
        return next((place for place, token in enumerate(self._tokens) if token.is_scored), 0)

    def _line_from(self, here: int, *, up: bool) -> int:
        area = self.area_of(here)
        half = (self.fontMetrics().height() + GAP) / 2
        middle = QPointF(area.center().x(), area.top() - half if up else area.bottom() + half)
        found = self._layout.at(middle, nearest=True)
        return here if found is None else found

    def _hover(self, place: int | None) -> None:
        if place != self._hovered:
            self._hovered = place
            self._tell()

    def _tell(self) -> None:
        self.update()
        self.pointed.emit()

    def _in_words(self) -> str:
        values = [value for token in self._tokens if (value := value_of(token, self._scale)) is not None]
        if not values:
            return f"{counted(len(self._tokens), 'token')}, none of them scored."
        mean = sum(values) / len(values)
        return f"{len(values):,} scored tokens, {self._scale.short} {mean:.3f} on average."


def scale_for(tokens: Sequence[TokenSeen], wanted: Scale) -> Scale:
    """What can be coloured: without a teacher there is no divergence."""
    return wanted if any(token.kl is not None for token in tokens) else SURPRISE


def differs(token: TokenSeen) -> bool:
    """Whether teacher and student have another first choice here."""
    return bool(token.teacher and token.student) and token.teacher[0][0] != token.student[0][0]
