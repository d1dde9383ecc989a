"""A plot of numbers that grow: the program's only use of pyqtgraph."""

import time
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from workbench.gui.series import Numbers
from workbench.gui.theme import Theme
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.plot_axes import number as four_digits
from workbench.gui.widgets.plot_gestures import PlotGestures
from workbench.gui.widgets.plot_items import PlotItems
from workbench.gui.widgets.plot_series import GROUND, Kind, Mark, Series
from workbench.gui.widgets.plot_sheet import PlotSheet
from workbench.gui.widgets.plot_span import PlotSpan
from workbench.gui.widgets.plot_state import PlotState

# A screen reader hears the numbers at most this often.
_SECONDS_BETWEEN_WORDS = 1.0


class LivePlot(pg.GraphicsView):  # type: ignore[misc]
    """One plot: curves, points and levels over an x that never falls, with marks.

    Values are given with `set` and drawn by `redraw`, whose cost does not grow with the number of values. What was
    given before must be the beginning of what is given next, or the series is taken for another one.

        plot = LivePlot(theme, "Loss", unit="nats")
        plot.curve("total", "student", smooths=True)
        plot.level("ln 10", "muted", math.log(10), dash="dot")
        plot.set("total", steps, totals)
        plot.redraw()

    Signals:
        changed: Series were added, removed, hidden or shown, or drawn with other values.
        cut_changed: `leaves_out_spikes` is another.
        height_held: A person chose a part of the y axis, or gave it up.
        menu_wanted: A person asks what can be done, at this QPoint of the screen.

    Attributes:
        theme: Colours.
        state: What is shown, for reading; `state.empty_text` and `state.marks` may be set.
        span: The part of the x axis that is seen; plots that share one move together, and so do their crosshairs.
        wheel_needs_focus: Whether the wheel scrolls what the plot lies in until the plot was clicked.
    """

    changed = Signal()
    cut_changed = Signal()
    height_held = Signal()
    menu_wanted = Signal(object)
    # The base class sends events before anything is made.
    _gestures: PlotGestures | None = None

    def __init__(
        self,
        theme: Theme,
        title: str,
        *,
        unit: str = "",
        number: Callable[[float], str] = four_digits,
        span: PlotSpan | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, background=None)
        self.theme = theme
        self.span = span or PlotSpan(self)
        self.state = PlotState(title, unit, number, self.span)
        self.wheel_needs_focus = False
        self._drawn: dict[str, PlotItems] = {}
        self._is_drawing = False
        self._ratio: float | None = None
        self._told = 0.0
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self._box.disableAutoRange()
        self.setCentralItem(None)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.scene().addItem(self._box)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setMinimumSize(140, 90)
        self._sheet = PlotSheet(self.state, theme, self.font())
        self._gestures = PlotGestures(self)
        self.setAccessibleName(title)
        theme.changed.connect(self._dress)
        self.span.moved.connect(self._follow_span)
        self.span.crosshair_moved.connect(self._repaint)

    # -- what is shown

    def add(self, series: Series) -> None:
        """Show one more series, or an old one with another look."""
        old = self.state.series.get(series.name)
        if old is not None:
            series.trace, series.shown = old.trace, old.shown
            self._drawn.pop(series.name).remove()
        series.trace.smooth(self.state.smoothing if series.smooths else 1)
        self.state.series[series.name] = series
        self._drawn[series.name] = self._items_of(series)

    def curve(self, name: str, colour: str, **look: object) -> None:
        """Add a curve; further arguments as for `Series`."""
        self.add(Series(name, Kind.CURVE, colour, **look))  # type: ignore[arg-type]

    def points(self, name: str, colour: str, **look: object) -> None:
        """Add points joined by lines; further arguments as for `Series`."""
        self.add(Series(name, Kind.POINTS, colour, **look))  # type: ignore[arg-type]

    def level(self, name: str, colour: str, value: float, **look: object) -> None:
        """Add a horizontal line, for which the plot does not grow; further arguments as for `Series`."""
        self.add(Series(name, Kind.LEVEL, colour, value=value, **look))  # type: ignore[arg-type]

    def set(self, name: str, x: Numbers, y: Numbers) -> None:
        """Give a curve or points their values; nothing is drawn before `redraw`."""
        self.state.series[name].trace.set(x, y)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show these vertical lines and no others."""
        self.state.marks = tuple(marks)

    def remove(self, name: str) -> None:
        """Show a series no more."""
        del self.state.series[name]
        self._drawn.pop(name).remove()

    def clear(self) -> None:
        """Remove all series and marks; what comes next is seen whole."""
        for name in list(self.state.series):
            self.remove(name)
        self.set_marks(())
        self.span.cover(id(self), None)
        self.state.let_height_go()

    def show_series(self, name: str, *, shown: bool) -> None:
        """Show or hide one series."""
        self.state.series[name].shown = shown
        self.redraw()

    # -- how it is shown

    @property
    def log_y(self) -> bool:
        """Whether the y axis is logarithmic; what is not above 0 is not drawn then."""
        return self.state.log_y

    @log_y.setter
    def log_y(self, log_y: bool) -> None:
        self.state.log_y = log_y
        self.state.let_height_go()
        self.redraw()

    @property
    def smoothing(self) -> int:
        """Values averaged over, for curves that may be smoothed; 1 is none."""
        return self.state.smoothing

    @smoothing.setter
    def smoothing(self, over: int) -> None:
        self.state.smooth(over)
        self._dress()

    @property
    def leaves_out_spikes(self) -> bool:
        """Whether a few values far above all others are cut off, which is said at the edge."""
        return self.state.cuts

    @leaves_out_spikes.setter
    def leaves_out_spikes(self, cuts: bool) -> None:
        self.state.cuts = cuts
        self.state.let_height_go()
        self.redraw()
        self.cut_changed.emit()

    def set_x_axis(self, label: str, scale: float) -> None:
        """Count x in another unit, `scale` of ours each: epochs, of so many steps."""
        self.state.x_label, self.state.x_scale = label, max(scale, 1e-12)
        self._repaint()

    def fit(self) -> None:
        """Show everything, and follow the newest values."""
        self.state.let_height_go()
        self.span.fit()
        self.redraw()
        self.height_held.emit()

    def hold_height(self, low: float, high: float) -> None:
        """Show this part of the y axis until `fit`; powers of ten where it is logarithmic."""
        self.state.holds_height = True
        self.state.heights.hold(low, high)
        self._draw()
        self.height_held.emit()

    @property
    def hint_rect(self) -> QRectF:
        """Where it says that spikes are left out; empty where it does not."""
        return self._sheet.hint

    def say(self, words: str) -> None:
        """Tell a screen reader."""
        self.setAccessibleDescription(words)
        announce(self, words)

    # -- drawing

    def redraw(self) -> None:
        """Draw what was given since the last time."""
        self._is_drawing = True
        self.span.cover(id(self), self.state.bounds)
        self._is_drawing = False
        self._draw()
        self.changed.emit()
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_WORDS:
            self._told = now
            self.setAccessibleDescription(self.state.describe())

    def pose(self, ratio: float | None) -> None:
        """For a picture with so many pixels a pixel: hide what belongs to pointer and keys; None shows it again."""
        self._ratio = ratio
        self.state.is_pictured = ratio is not None
        self._draw()

    def sizeHint(self) -> QSize:
        """No more than it needs; whoever has more room gives it more."""
        return QSize(320, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the curves in."""
        super().resizeEvent(event)
        if self._gestures is not None:
            self._place()
            self._draw()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """What lies behind the curves."""
        painter.fillRect(rect, self.theme.colour(GROUND))
        self._sheet.paint_behind(painter)

    def drawForeground(self, painter: QPainter, _: QRectF) -> None:
        """What lies before them."""
        self.state.has_focus = self.hasFocus()
        self._sheet.paint_before(painter)

    def viewportEvent(self, event: QEvent) -> bool:
        """Mouse and wheel are ours: pyqtgraph's scene would look through all its items at every move."""
        if self._gestures is not None and self._gestures.handle(event):
            return True
        return bool(super().viewportEvent(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that mean something here; others go on to whatever holds the plot."""
        event.setAccepted(self._gestures is not None and self._gestures.key(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Whoever holds the plot has a menu; pyqtgraph's is not ours."""
        self.menu_wanted.emit(event.globalPos())

    def leaveEvent(self, _: QEvent) -> None:
        """Nothing: pyqtgraph would ask its scene."""

    def close(self) -> bool:
        """Hide, as any widget does: pyqtgraph would take the scene apart under a plot that may be shown again."""
        return bool(QGraphicsView.close(self))

    def _draw(self) -> None:
        state = self.state
        lines = state.outlines()
        if self._sheet.measure():
            self._place()
        edges = (self.span.low, self.span.high), (state.heights.low, state.heights.high)
        self._box.setRange(xRange=edges[0], yRange=edges[1], padding=0, disableAutoRange=False)
        scale = state.area.width() / (edges[0][1] - edges[0][0]), state.area.height() / (edges[1][1] - edges[1][0])
        for name, (main, raw) in lines.items():
            self._drawn[name].draw(main, raw, scale, self._ratio or self.devicePixelRatioF())
        self._repaint()

    def _items_of(self, series: Series) -> PlotItems:
        # What was added first is what the plot is about.
        depth = -len(self.state.series) - 100 * series.behind
        dots = pg.ScatterPlotItem(pxMode=True, size=7, antialias=True)
        return PlotItems(series, self.theme, self._box, (pg.PlotCurveItem(), pg.PlotCurveItem(), dots), depth)

    def _place(self) -> None:
        self.state.area = self._sheet.area(self.width(), self.height())
        self._box.setGeometry(self.state.area)

    def _dress(self) -> None:
        for drawn in self._drawn.values():
            drawn.dress()
        self.redraw()

    def _follow_span(self) -> None:
        if not self._is_drawing and self.isVisible():
            self._draw()

    def _repaint(self) -> None:
        self.viewport().update()
