"""How hard the soft term pulls at the student's logits over T, without and with its factor T²; both axes log."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.distributions import Row, gradient_sizes, hard_gradient, limit_gradient
from workbench.gui.telling import plain, power_of_ten
from workbench.gui.theme import Theme, small, strong, tabular

LEAST_T, MOST_T = 0.5, 100.0
_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100)
_TEMPERATURES = np.geomspace(LEAST_T, MOST_T, 97)
# Where teacher and student say the same, rounding is all that is left.
_NOTHING = 1e-9
_MOST_DECADES = 8


class GradientChart(QWidget):
    """Two curves, the limit of one of them, and the pull of the hard label beside them.

    Signals:
        temperature_picked: A person pressed or dragged in the chart at this T.
    """

    temperature_picked = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._temperature = 1.0
        self._teacher: Row = np.zeros(2)
        self._student: Row = np.zeros(2)
        self._without: Row = np.zeros_like(_TEMPERATURES)
        self._with: Row = np.zeros_like(_TEMPERATURES)
        self.limit = self.hard = 0.0
        self.setAccessibleName("Gradient of the soft term over T")
        self.setToolTip("Press or drag to choose T.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_logits(self, teacher_C: Row, student_C: Row, label: int) -> None:
        """Draw for other logits; `label` is the true class."""
        self._teacher, self._student = teacher_C, student_C
        self._without, self._with = gradient_sizes(teacher_C, student_C, _TEMPERATURES)
        self.limit = float(np.linalg.norm(limit_gradient(teacher_C, student_C)))
        self.hard = float(np.linalg.norm(hard_gradient(student_C, label)))
        self._tell()

    def set_temperature(self, temperature: float) -> None:
        """Mark another T."""
        self._temperature = temperature
        self._tell()

    @property
    def here(self) -> tuple[float, float]:
        """Lengths of the gradient at the marked T: without T², and with it."""
        without, squared = gradient_sizes(self._teacher, self._student, [self._temperature])
        return float(without[0]), float(squared[0])

    @property
    def is_still(self) -> bool:
        """Whether teacher and student say the same, so that nothing pulls."""
        return float(self._with.max()) < _NOTHING

    def sizeHint(self) -> QSize:
        """As small as it can be read; it grows with the room there is."""
        return QSize(200, 120)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the T under the mouse."""
        self._choose(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag T along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, curves, and the marked T."""
        painter = QPainter(self)
        painter.setFont(tabular(small(self.font())))
        if self.is_still:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Student and teacher agree: nothing pulls.")
        else:
            _Painting(self, painter).paint()
        painter.end()

    def _choose(self, point: QPointF) -> None:
        area = _area_of(self)
        along = min(max((point.x() - area.left()) / max(area.width(), 1), 0.0), 1.0)
        self.temperature_picked.emit(LEAST_T * (MOST_T / LEAST_T) ** along)

    def _tell(self) -> None:
        without, squared = self.here
        self.setAccessibleDescription(
            f"At T = {self._temperature:g}: {plain(without)} without T², {plain(squared)} with T². "
            f"As T grows the second tends to {plain(self.limit)}. The hard label’s gradient is {plain(self.hard)}."
        )
        self.update()


def _area_of(chart: GradientChart) -> QRect:
    """Where curves are drawn: axes stand at the left and below, a title above."""
    metrics = QFontMetrics(tabular(small(chart.font())))
    left = metrics.horizontalAdvance("10⁻⁴") + 8
    return chart.rect().adjusted(
        left, metrics.height() + 12, -metrics.horizontalAdvance("without T²") - 10, -metrics.height() - 5
    )


class _Painting:
    """One painting of the chart."""

    def __init__(self, chart: GradientChart, painter: QPainter) -> None:
        self.chart, self.painter, self.theme = chart, painter, chart._theme
        self.area = _area_of(chart)
        self.line = painter.fontMetrics().height()
        sizes = [*chart._with[[0, -1]], *chart._without[[0, -1]], float(chart._with.max()), chart.limit, chart.hard]
        top = math.ceil(math.log10(max(sizes)))
        low = math.floor(math.log10(max(min(sizes), 10.0 ** (top - _MOST_DECADES))))
        self.decades = (low, max(top, low + 1))

    def paint(self) -> None:
        """Everything from back to front."""
        chart = self.chart
        self._axes()
        self._across(chart.limit, self.theme.colour("accent", 150), Qt.PenStyle.DashLine)
        self._across(chart.hard, self.theme.colour("hard"), Qt.PenStyle.DotLine)
        self._curve(chart._without, self.theme.colour("mark"))
        self._curve(chart._with, self.theme.colour("accent"))
        self._names()
        self._here()

    def _axes(self) -> None:
        painter, area = self.painter, self.area
        low, high = self.decades
        every = max(round((high - low) * (self.line + 2) / max(area.height(), 1) + 0.499), 1)
        for power in range(low, high + 1):
            y = round(self._y(10.0**power))
            painter.setPen(self.theme.colour("grid"))
            painter.drawLine(area.left(), y, area.right(), y)
            if (power - low) % every == 0:
                self._text(
                    QRect(0, y - self.line // 2, area.left() - 6, self.line), _decade(power), "muted", right=True
                )
        for tick in _TICKS:
            x = round(self._x(tick))
            painter.setPen(self.theme.colour("grid"))
            painter.drawLine(x, area.top(), x, area.bottom())
            if area.width() > 260 or tick in (1, 10, 100):
                painter.setPen(self.theme.colour("muted"))
                text = QRect(x - 20, area.bottom() + 3, 40, self.line)
                painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, f"{tick:g}")
        usual = painter.font()
        painter.setFont(strong(usual))
        self._text(QRect(0, 0, self.chart.width(), self.line), "Length of the gradient ∂L/∂z", "text")
        painter.setFont(usual)
        self._text(QRect(area.right() + 18, area.bottom() + 3, 60, self.line), "T", "muted")

    def _across(self, size: float, colour: QColor, style: Qt.PenStyle) -> None:
        if size > 10.0 ** self.decades[0]:
            self.painter.setPen(QPen(colour, 1, style))
            y = round(self._y(size))
            self.painter.drawLine(self.area.left(), y, self.area.right(), y)

    def _curve(self, sizes: Row, colour: QColor) -> None:
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(QPen(colour, 2))
        points = [QPointF(self._x(t), self._y(size)) for t, size in zip(_TEMPERATURES, sizes, strict=True)]
        self.painter.setClipRect(self.area.adjusted(0, -2, 1, 2))
        self.painter.drawPolyline(QPolygonF(points))
        self.painter.setClipping(False)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _names(self) -> None:
        """At the right end of each line, pushed apart where they would lie over each other."""
        chart = self.chart
        named = [
            (self._y(size), text, colour)
            for size, text, colour in (
                (float(chart._with[-1]), "with T²", "accent"),
                (float(chart._without[-1]), "without T²", "mark"),
                (chart.hard, "hard label", "hard"),
            )
            if size >= 10.0 ** self.decades[0]
        ]
        lowest = -1e9
        for y, text, colour in sorted(named):
            lowest = max(y, lowest + self.line)
            area = QRect(self.area.right() + 7, round(lowest) - self.line // 2, self.chart.width(), self.line)
            self._text(area, text, colour)

    def _here(self) -> None:
        """The marked T, and what the curves are there."""
        chart, painter, area = self.chart, self.painter, self.area
        x = round(self._x(chart._temperature))
        painter.setPen(QPen(self.theme.colour("text", 150), 1))
        painter.drawLine(x, area.top(), x, area.bottom())
        without, squared = chart.here
        # The upper number stands above its dot and the lower one below, so that they never lie over each other.
        for size, colour, is_upper in ((without, "mark", without > squared), (squared, "accent", squared >= without)):
            y = self._y(size)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.theme.colour("surface"), 2))
            painter.setBrush(self.theme.colour(colour))
            painter.drawEllipse(QPointF(x, y), 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self._number(x, y - self.line - 4 if is_upper else y + 5, plain(size), colour)

    def _number(self, x: int, top: float, text: str, colour: str) -> None:
        width = self.painter.fontMetrics().horizontalAdvance(text) + 8
        left = x - width - 8 if x + width + 8 > self.area.right() else x + 8
        inside = min(max(top, self.area.top() - 8), self.area.bottom() - self.line)
        area = QRect(left, round(inside), width, self.line)
        self.painter.fillRect(area, self.theme.colour("window", 200))
        self._text(area.adjusted(4, 0, -2, 0), text, colour)

    def _text(self, area: QRect, text: str, colour: str, *, right: bool = False) -> None:
        self.painter.setPen(self.theme.colour(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _x(self, temperature: float) -> float:
        return self.area.left() + math.log(temperature / LEAST_T) / math.log(MOST_T / LEAST_T) * self.area.width()

    def _y(self, size: float) -> float:
        low, high = self.decades
        along = (math.log10(max(size, 10.0 ** (low - 1))) - low) / (high - low)
        return self.area.bottom() - along * self.area.height()


def _decade(power: int) -> str:
    return {0: "1", 1: "10", 2: "100"}.get(power) or power_of_ten(power)
