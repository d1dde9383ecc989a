"""What lies behind and before the curves of a plot: grid, numbers at the edges, levels, marks, the crosshair."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.plot_axes import Ticks, linear_ticks, log_ticks
from workbench.gui.widgets.plot_series import GROUND, Kind, Series, mixed, paint_sample, pen

if TYPE_CHECKING:
    from workbench.gui.widgets.plot_state import PlotState

_GAP = 5.0
_SAMPLE = 16.0
_LABEL_ROWS = 3
_HEIGHT_A_LABEL = 45.0
_WIDE = 520.0
_LONGEST_NAME = 170.0


class PlotSheet:
    """Paints in pixels of the plot, whose state it reads."""

    def __init__(self, plot: "PlotState", theme: Theme, font: QFont) -> None:
        self._plot, self._theme = plot, theme
        self.hint = QRectF()
        self._left = 40.0
        self._font = tabular(small(font, 0.9))
        self._strong = strong(self._font)
        self._metrics = QFontMetricsF(self._font)

    @property
    def line_height(self) -> float:
        """Of one line of small text, in pixels."""
        return self._metrics.height()

    def area(self, width: float, height: float) -> QRectF:
        """Where the curves go in a plot of this size."""
        below, above = self.line_height + _GAP + 2, self.line_height + 4
        return QRectF(self._left, above, max(width - self._left - 12, 10), max(height - below - above, 10))

    def measure(self) -> bool:
        """Make room for the numbers on the left; True when that moved the area."""
        texts = self._ticks_y().texts
        needed = max((self._metrics.horizontalAdvance(text) for text in texts), default=20.0) + 2 * _GAP
        # In steps, so that the area does not move with every digit.
        left = max(40.0, 8.0 * -(-needed // 8.0))
        if left == self._left or self._left - 16 <= left < self._left:
            return False
        self._left = left
        return True

    # -- behind

    def paint_behind(self, painter: QPainter) -> None:
        """Grid, numbers, levels and marks."""
        plot = self._plot
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if not plot.has_data:
            # Numbers at the edges of nothing would mean nothing.
            return
        self._paint_grid(painter)
        self._paint_captions(painter)
        painter.save()
        painter.setClipRect(plot.area)
        for series in plot.series.values():
            if series.kind is Kind.LEVEL and series.shown and not series.is_empty:
                self._paint_level(painter, series, plot.y_pixel(series.value))
        for mark in plot.marks:
            x = plot.x_pixel(mark.x)
            if plot.area.left() <= x <= plot.area.right():
                name, dash = ("muted", "solid") if mark.is_stage else ("mark", "dash")
                painter.setPen(pen(self._theme.colour(name), dash))
                painter.drawLine(QLineF(x, plot.area.top(), x, plot.area.bottom()))
        painter.restore()

    def _paint_level(self, painter: QPainter, series: Series, y: float) -> None:
        area, width = self._plot.area, self._metrics.horizontalAdvance(series.name)
        if not area.top() <= y <= area.bottom():
            return
        painter.setPen(pen(self._theme.colour(series.colour), series.dash))
        painter.drawLine(QLineF(area.left(), y, area.right(), y))
        # The legend names it too.
        if area.height() < 2 * _HEIGHT_A_LABEL or (series.is_reference and area.width() < _WIDE):
            return
        # Losses fall: what is low has room on the left, the line of uniform guessing has it on the right.
        left = area.right() - width - 4 if series.is_reference else area.left() + 6
        above = y - self.line_height - 1
        rect = QRectF(left, above if above > area.top() else y + 1, width, self.line_height)
        painter.fillRect(rect, self._theme.colour(GROUND, 200))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, series.name)

    def _paint_grid(self, painter: QPainter) -> None:
        plot, area, height = self._plot, self._plot.area, self.line_height
        muted = self._theme.colour("muted")
        lines = pen(mixed(self._theme.colour("border"), self._theme.colour(GROUND), 0.6))
        ticks = self._ticks_y()
        for value, text in zip(ticks.places, ticks.texts, strict=True):
            y = plot.y_pixel(value, mapped=True)
            painter.setPen(lines)
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(muted)
            rect = QRectF(0, y - height / 2, area.left() - _GAP, height)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        ticks = self._ticks_x()
        room = self._label_left() - _GAP
        for value, text in zip(ticks.places, ticks.texts, strict=True):
            x = plot.x_pixel(value)
            painter.setPen(lines)
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
            half = self._metrics.horizontalAdvance(text) / 2
            if x + half <= room:
                painter.setPen(muted)
                painter.drawText(QPointF(x - half, area.bottom() + _GAP + self._metrics.ascent()), text)

    def _paint_captions(self, painter: QPainter) -> None:
        plot, area = self._plot, self._plot.area
        painter.setPen(self._theme.colour("muted"))
        baseline = area.bottom() + _GAP + self._metrics.ascent()
        painter.drawText(QPointF(self._label_left(), baseline), plot.x_label)
        caption = self._metrics.elidedText(plot.caption, Qt.TextElideMode.ElideRight, area.right() - _GAP)
        painter.drawText(QPointF(_GAP, self._metrics.ascent()), caption)

    def _label_left(self) -> float:
        return float(self._plot.area.right() - self._metrics.horizontalAdvance(self._plot.x_label))

    def _ticks_y(self) -> Ticks:
        plot = self._plot
        at_most = max(int(plot.area.height() / (2.2 * self.line_height)), 2)
        make = log_ticks if plot.log_y else linear_ticks
        return make(plot.heights.low, plot.heights.high, at_most)

    def _ticks_x(self) -> Ticks:
        plot = self._plot
        at_most = max(int(plot.area.width() / 80), 2)
        return linear_ticks(plot.span.low, plot.span.high, at_most, plot.x_scale)

    # -- before

    def paint_before(self, painter: QPainter) -> None:
        """Words on marks, what is cut off, the crosshair and the box a person draws."""
        plot = self._plot
        painter.setFont(self._font)
        if not plot.has_data:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(plot.area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, plot.empty_text)
        self._paint_labels(painter)
        self._paint_hint(painter)
        if not plot.is_pictured:
            self._paint_hands(painter)

    def _paint_hands(self, painter: QPainter) -> None:
        plot = self._plot
        if plot.rubber is not None:
            painter.setPen(pen(self._theme.colour("accent")))
            painter.setBrush(self._theme.colour("accent", 40))
            painter.drawRect(plot.rubber)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if plot.span.crosshair is not None and plot.has_data:
            self._paint_crosshair(painter, plot.span.crosshair)
        if plot.has_focus:
            painter.setPen(pen(self._theme.colour("accent")))
            painter.drawRect(plot.area.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_labels(self, painter: QPainter) -> None:
        area, colour = self._plot.area, self._theme.colour
        # In a low plot the words would hide the curves; the lines remain.
        ends = [-1e9] * min(int(area.height() / _HEIGHT_A_LABEL), _LABEL_ROWS)
        for mark in sorted(self._plot.marks, key=lambda mark: mark.x):
            x = self._plot.x_pixel(mark.x)
            if not area.left() <= x <= area.right():
                continue
            width = self._metrics.horizontalAdvance(mark.text)
            left = min(x + 3, area.right() - width)
            row = next((row for row, end in enumerate(ends) if left > end), None)
            if row is None or left < area.left():
                continue
            ends[row] = left + width + 8
            rect = QRectF(left, area.top() + 2 + row * (self.line_height + 1), width, self.line_height)
            painter.fillRect(rect.adjusted(-2, 0, 2, 0), colour(GROUND, 220))
            painter.setPen(colour("muted" if mark.is_stage else "mark"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, mark.text)

    def _paint_hint(self, painter: QPainter) -> None:
        """Says that there is more above the upper edge."""
        plot = self._plot
        self.hint = QRectF()
        if plot.heights.above is None:
            return
        text = f"▲ up to {plot.number(plot.heights.above)}"
        width = self._metrics.horizontalAdvance(text)
        self.hint = QRectF(plot.area.right() - width - 4, 0, width + 4, self.line_height)
        painter.setPen(self._theme.colour("warning"))
        painter.drawText(self.hint, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_crosshair(self, painter: QPainter, x: float) -> None:
        plot, area, colour = self._plot, self._plot.area, self._theme.colour
        across = plot.x_pixel(x)
        if not area.left() <= across <= area.right():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(pen(colour("muted")))
        painter.drawLine(QLineF(across, area.top(), across, area.bottom()))
        rows = plot.readout(x)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for series, value in rows:
            down = plot.y_pixel(value)
            if series.kind is not Kind.LEVEL and area.top() <= down <= area.bottom():
                painter.setPen(pen(colour(GROUND)))
                painter.setBrush(colour(series.colour))
                painter.drawEllipse(QPointF(across, down), 3.5, 3.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_readout(painter, across, plot.x_words(x), [(s, s.name, plot.number(v)) for s, v in rows])

    def _paint_readout(self, painter: QPainter, across: float, head: str, rows: list[tuple]) -> None:  # type: ignore[type-arg]
        area, colour = self._plot.area, self._theme.colour
        height = self.line_height + 1
        fits = max(int((area.height() - 12) / height) - 1, 1)
        left_out = len(rows) - fits
        rows = rows[: fits - 1 if left_out > 0 else fits]
        names = max((self._metrics.horizontalAdvance(name) for _, name, _ in rows), default=0.0)
        names = min(names, _LONGEST_NAME)
        numbers = max((self._metrics.horizontalAdvance(text) for _, _, text in rows), default=0.0)
        head_width = QFontMetricsF(self._strong).horizontalAdvance(head)
        width = max(_SAMPLE + names + numbers + 18, head_width) + 16
        lines = 1 + len(rows) + (left_out > 0)
        left = across + 10 if across + 10 + width <= area.right() else across - 10 - width
        box = QRectF(max(left, 2.0), area.top() + 4, width, lines * height + 8)
        painter.setPen(pen(colour("border")))
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(box, 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QRectF(box.left() + 8, box.top() + 4, width - 16, height)
        right, vertical = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._strong)
        painter.setPen(colour("text"))
        painter.drawText(line, vertical, head)
        painter.setFont(self._font)
        for series, name, text in rows:
            line.translate(0, height)
            paint_sample(painter, QRectF(line.left(), line.top(), _SAMPLE, height), series, colour(series.colour))
            painter.setPen(colour("muted"))
            short = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, names + 1)
            painter.drawText(line.adjusted(_SAMPLE + 6, 0, 0, 0), vertical, short)
            painter.setPen(colour("text"))
            painter.drawText(line, right | vertical, text)
        if left_out > 0:
            line.translate(0, height)
            painter.setPen(colour("muted"))
            painter.drawText(line, vertical, f"and {left_out + 1} more")
