"""Where each token of a flowing text lies: lines are broken at words, and one token may lie on two of them."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from workbench.events import TokenSeen

# Around the text, and between its lines.
PAD, GAP = 8, 6
_NEW_LINE = "↵\u2028"


class TokenLayout:
    """A text whose pieces are tokens.

    Attributes:
        pieces: The places of each token, one a line it lies on.
    """

    def __init__(self) -> None:
        self.pieces: list[list[QRectF]] = []
        self._texts: list[str] = []
        self._layout = QTextLayout()
        self._width = -1

    def set_text(self, texts: Sequence[str], inks: Sequence[QColor], font: QFont) -> None:
        """Take another text; `lay_out` places it.

        Args:
            texts: Of each token, as it is shown.
            inks: The colour of each.
            font: Of all.
        """
        formats, start = [], 0
        for text, ink in zip(texts, inks, strict=True):
            written = QTextCharFormat()
            written.setForeground(ink)
            piece = QTextLayout.FormatRange()
            piece.start, piece.length, piece.format = start, _units(text), written
            formats.append(piece)
            start += _units(text)
        self._texts = list(texts)
        self._layout = QTextLayout("".join(texts), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setFormats(formats)
        self._width = -1

    @property
    def height(self) -> int:
        """Of all lines, in pixels."""
        return round(self._layout.boundingRect().bottom()) + 2 * PAD

    def lay_out(self, width: int) -> None:
        """Break the lines for a width, unless that was done."""
        if width == self._width:
            return
        self._width = width
        room, top, layout = max(width - 2 * PAD, 40), 0.0, self._layout
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(room)
            line.setPosition(QPointF(0, top + GAP / 2))
            top += line.height() + GAP
        layout.endLayout()
        self.pieces = self._measured(room)

    def area_of(self, place: int) -> QRect:
        """Where a token is, all of its lines."""
        whole = QRectF()
        for piece in self.pieces[place] if place < len(self.pieces) else ():
            whole = whole.united(piece)
        return whole.toAlignedRect()

    def at(self, where: QPointF, *, nearest: bool = False) -> int | None:
        """The token at a point; where asked for, the nearest of its line."""
        for place, pieces in enumerate(self.pieces):
            if any(piece.adjusted(0, -GAP / 2, 0, GAP / 2).contains(where) for piece in pieces):
                return place
        if not nearest:
            return None
        beside = [
            (abs(piece.center().x() - where.x()), place)
            for place, pieces in enumerate(self.pieces)
            for piece in pieces
            if piece.top() - GAP / 2 <= where.y() <= piece.bottom() + GAP / 2
        ]
        return min(beside)[1] if beside else None

    def draw(self, painter: QPainter) -> None:
        """The text alone."""
        self._layout.draw(painter, QPointF(PAD, PAD))

    def _measured(self, room: int) -> list[list[QRectF]]:
        lines = [self._layout.lineAt(number) for number in range(self._layout.lineCount())]
        pieces: list[list[QRectF]] = []
        start, at = 0, 0
        for text in self._texts:
            end = start + _units(text)
            own: list[QRectF] = []
            while at < len(lines):
                line = lines[at]
                first, last = line.textStart(), line.textStart() + line.textLength()
                left, right = _x(line, max(start, first)), _x(line, min(end, last))
                # A space at the end of a line hangs over.
                left, right = min(left, right, room), min(max(left, right), room)
                if right > left:
                    own.append(QRectF(PAD + left, PAD + line.y() - 1, right - left, line.height() + 2))
                if end <= last:
                    break
                at += 1
            pieces.append(own)
            start = end
        return pieces


def shown_text(token: TokenSeen) -> str:
    """A token as it stands in the text: what would break a line or not be seen has a sign of its own."""
    text = token.text.replace("\r", "").replace("\t", "⇥").replace("\n", _NEW_LINE)
    return text or "∅"


def _units(text: str) -> int:
    """How long Qt finds a text: it counts UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _x(line: object, place: int) -> float:
    found = line.cursorToX(place)  # type: ignore[attr-defined]
    return float(found[0] if isinstance(found, tuple) else found)
