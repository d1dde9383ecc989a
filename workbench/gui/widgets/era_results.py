"""Published numbers as points on a line with its ends named, and below them where they are published."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.era_numbers import kept_share
from workbench.gui.era_texts import Result
from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.era_words import LinkedLabel
from workbench.gui.widgets.wrapping import wrapped_label

_DOT, _BETWEEN = 5.0, 9


class EraResult(QWidget):
    """One result: what was measured, the points, what they say, the source."""

    def __init__(self, theme: Theme, result: Result, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = wrapped_label(result.title)
        title.setFont(strong(small(title.font(), 0.95)))
        self.points = ResultPoints(theme, result)
        self.words = wrapped_label(said_of(result))
        self.words.setFont(small(self.words.font(), 0.95))
        self.source = LinkedLabel(f"<a href='{result.link}'>{result.source}</a>")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (title, self.points, self.words, self.source):
            column.addWidget(widget)


class ResultPoints(QWidget):
    """The numbers of one result, painted: a name, its number, and a point on a line."""

    def __init__(self, theme: Theme, result: Result, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._result = theme, result
        self.setAccessibleName(result.title)
        self.setAccessibleDescription("; ".join(f"{each.name} {self._number(each.value)}" for each in result.figures))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two lines a number, and one for the ends."""
        return QSize(240, self._row() * len(self._result.figures) + self._line())

    def minimumSizeHint(self) -> QSize:
        """The same, narrower."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Row by row, then the ends of the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._result.ends
        line, width = self._line(), self.width()
        plain, bold = tabular(small(self.font())), strong(tabular(small(self.font())))
        for order, figure in enumerate(self._result.figures):
            top = order * self._row()
            number = self._number(figure.value)
            wide = QFontMetrics(bold).horizontalAdvance(number) + 8
            painter.setPen(self._theme.colour("text"))
            painter.setFont(bold)
            painter.drawText(QRect(0, top, width, line), Qt.AlignmentFlag.AlignRight, number)
            painter.setFont(plain)
            name = QFontMetrics(plain).elidedText(figure.name, Qt.TextElideMode.ElideRight, width - wide)
            painter.drawText(QRect(0, top, width - wide, line), Qt.AlignmentFlag.AlignLeft, name)
            y = top + line + 0.5 * _BETWEEN + 1
            x = _DOT + (figure.value - low) / (high - low) * (width - 2 * _DOT)
            painter.setPen(QPen(self._theme.colour("border"), 1))
            painter.drawLine(QPointF(_DOT, y), QPointF(width - _DOT, y))
            colour = self._theme.colour(figure.colour)
            painter.setPen(QPen(self._theme.colour("raised"), 2))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        painter.setFont(tabular(small(self.font(), 0.8)))
        painter.setPen(self._theme.colour("muted"))
        area = QRect(0, self._row() * len(self._result.figures), width, line)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft, f"{low:g}{self._result.unit}")
        painter.drawText(area, Qt.AlignmentFlag.AlignRight, f"{high:g}{self._result.unit}")
        painter.end()

    def _number(self, value: float) -> str:
        return f"{value:.1f}{self._result.unit}" if self._result.unit else f"{value:,.0f}"

    def _line(self) -> int:
        return QFontMetrics(small(self.font())).height() + 1

    def _row(self) -> int:
        return self._line() + _BETWEEN + 5


def said_of(result: Result) -> str:
    """What a result's numbers say, with what can be computed from them."""
    if "{kept}" not in result.words:
        return result.words
    values = {figure.colour: figure.value for figure in result.figures}
    kept = kept_share(values["baseline"], values["teacher"], values["student"])
    return result.words.format(kept=f"{100 * kept:.0f} %")
