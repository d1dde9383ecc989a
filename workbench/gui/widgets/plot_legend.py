"""The legend of a plot: what each line is, its newest number, and a press to hide or show it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QToolButton, QWidget

from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_series import Series, paint_sample, pen

_SAMPLE = 18.0
_PAD = 6.0
_LONGEST_NAME = 190.0
_SPACE = 2


class PlotLegend(QWidget):
    """Entries beside each other, on as many lines as there is room for; the others after a press on "more".

    Args:
        plot: What it is the legend of.
        parent: Its owner.

    Attributes:
        more: Shows and hides what there is no room for.
    """

    def __init__(self, plot: LivePlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self._entries: dict[str, LegendEntry] = {}
        self._title = QLabel(plot.state.title, self)
        self._title.setFont(strong(self.font()))
        self._title.setContentsMargins(6, 0, 6, 0)
        self.more = QToolButton(self)
        self.more.setFont(small(self.font()))
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more.setToolTip("Show or hide the rest of the legend.")
        self.more.hide()
        self.more.toggled.connect(self._arrange)
        self._room = 1000
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        plot.changed.connect(self.follow)

    @property
    def entries(self) -> list["LegendEntry"]:
        """In the order of the series."""
        return list(self._entries.values())

    def show_title(self, *, shown: bool) -> None:
        """Whether the plot's title stands before the entries."""
        self._title.setVisible(shown)
        self._arrange()

    def fit_into(self, height: int) -> None:
        """Take at most so many pixels, but one line at least."""
        if height != self._room:
            self._room = height
            self._arrange()

    def follow(self) -> None:
        """Show the series that there are and their newest numbers."""
        wanted = {series.name: series for series in self._plot.state.ordered if not series.is_empty}
        changed = False
        for name in [name for name, entry in self._entries.items() if wanted.get(name) is not entry.series]:
            gone = self._entries.pop(name)
            gone.hide()
            gone.deleteLater()
            changed = True
        for name, series in wanted.items():
            if name not in self._entries:
                self._entries[name] = LegendEntry(self._plot, series, self)
                self._entries[name].show()
                changed = True
        for entry in self._entries.values():
            changed |= entry.follow()
        if changed:
            self._entries = {name: self._entries[name] for name in wanted}
            self._arrange()

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all lines."""
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        """On one line."""
        return QSize(300, self._place(max(self.width(), 200), move=False))

    def minimumSizeHint(self) -> QSize:
        """One entry wide."""
        return QSize(80, self._title.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self._place(self.width(), move=True)
        self.updateGeometry()

    def _place(self, width: int, *, move: bool) -> int:
        """Lay out the entries, or only tell how high they would be."""
        widgets: list[QWidget] = [] if self._title.isHidden() else [self._title]
        widgets += self._entries.values()
        line = max((widget.sizeHint().height() for widget in widgets), default=0)
        places = self._places(widgets, width, 0)
        most = max(self._room // max(line, 1), 1)
        overflows = bool(places) and places[-1][1] >= most
        if overflows and not self.more.isChecked():
            reserved = self.more.fontMetrics().horizontalAdvance("99 more") + 16
            places = [one for one in self._places(widgets, width, reserved) if one[1] < most]
        if move:
            self._show(widgets, places, line, more=overflows)
        return line * (places[-1][1] + 1) if places else 0

    def _places(self, widgets: list[QWidget], width: int, reserved: int) -> list[tuple[int, int]]:
        """Left edge and line of each; every line keeps some room free at its end."""
        places: list[tuple[int, int]] = []
        left = line = 0
        for widget in widgets:
            needed = widget.sizeHint().width()
            if left > 0 and left + needed > width - reserved:
                left, line = 0, line + 1
            places.append((left, line))
            left += needed + _SPACE
        return places

    def _show(self, widgets: list[QWidget], places: list[tuple[int, int]], line: int, *, more: bool) -> None:
        end = 0
        for widget, (left, row) in zip(widgets, places, strict=False):
            wide = min(widget.sizeHint().width(), self.width())
            widget.setGeometry(left, row * line, wide, line)
            widget.setVisible(True)
            end = left + wide + _SPACE
        for widget in widgets[len(places) :]:
            widget.setVisible(False)
        hidden = len(widgets) - len(places)
        self.more.setVisible(more)
        if more:
            self.more.setText("fewer" if self.more.isChecked() else f"{hidden} more")
            size = self.more.sizeHint()
            row = places[-1][1]
            left = min(end, self.width() - size.width())
            self.more.setGeometry(left, row * line, size.width(), line)


class LegendEntry(QAbstractButton):
    """One series: a piece of its line, its name, its newest number. Pressed, it is hidden or shown."""

    def __init__(self, plot: LivePlot, series: Series, parent: QWidget) -> None:
        super().__init__(parent)
        self.series = series
        self._plot = plot
        self._value = ""
        self._widest = 0.0
        self.setCheckable(True)
        self.setChecked(series.shown)
        self.setFont(tabular(small(self.font())))
        self.setToolTip((f"{series.words}\n" if series.words else "") + "Press to hide or show it.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.toggled.connect(self._show_series)

    def follow(self) -> bool:
        """Show the newest number; True when that takes more room."""
        value = "" if self.series.is_reference else self._plot.state.number(self.series.latest)
        if value == self._value:
            return False
        self._value = value
        self.setAccessibleName(f"{self.series.name} {value}")
        self.update()
        width = QFontMetricsF(self.font()).horizontalAdvance(value)
        wider = width > self._widest
        self._widest = max(width, self._widest)
        return wider

    def sizeHint(self) -> QSize:
        """Sample, name and number."""
        metrics = QFontMetricsF(self.font())
        name = min(metrics.horizontalAdvance(self.series.name), _LONGEST_NAME)
        number = self._widest + _PAD if self._widest else 0.0
        return QSize(round(_PAD + _SAMPLE + _PAD + name + number + _PAD) + 1, round(metrics.height() + 6))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw."""
        theme: Theme = self._plot.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse() or self.hasFocus():
            painter.setPen(pen(theme.colour("accent" if self.hasFocus() else "border")))
            painter.setBrush(theme.colour("surface"))
            painter.drawRoundedRect(frame, 5, 5)
        font, metrics = self.font(), QFontMetricsF(self.font())
        font.setStrikeOut(not self.isChecked())
        painter.setFont(font)
        colour = theme.colour(self.series.colour if self.isChecked() else "border")
        paint_sample(painter, QRectF(_PAD, 0, _SAMPLE, self.height()), self.series, colour)
        left = _PAD + _SAMPLE + _PAD
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        room = self.width() - left - _PAD - (self._widest + _PAD if self._widest else 0)
        name = metrics.elidedText(self.series.name, Qt.TextElideMode.ElideMiddle, room + 1)
        painter.setPen(theme.colour("muted"))
        painter.drawText(QPointF(left, baseline), name)
        if self._value:
            font.setStrikeOut(False)
            painter.setFont(font)
            painter.setPen(theme.colour("text" if self.isChecked() else "muted"))
            right = self.width() - _PAD - metrics.horizontalAdvance(self._value)
            painter.drawText(QPointF(right, baseline), self._value)
        painter.end()

    def _show_series(self, shown: bool) -> None:
        self._plot.show_series(self.series.name, shown=shown)
