"""What a plot shows and how, apart from any drawing: series, marks, edges, and the way between numbers and pixels."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QRectF

from workbench.gui.series import Numbers, within
from workbench.gui.widgets.plot_axes import Height, place
from workbench.gui.widgets.plot_series import Kind, Mark, Series
from workbench.gui.widgets.plot_span import PlotSpan

Line: TypeAlias = tuple[Numbers, Numbers]
_NOTHING: Line = (np.empty(0), np.empty(0))


class PlotState:
    """The facts behind a plot.

    Attributes:
        title: What is shown, in a word or two.
        unit: Of y; stands in the upper left corner.
        number: Writes a value for a person.
        span: The part of the x axis that is seen.
        heights: The part of the y axis that is seen; powers of ten where the axis is logarithmic.
        series: By name, in the order they were added.
        marks: Vertical lines.
        area: Where the curves are, in pixels.
        rubber: The box a person draws; None when none.
        log_y: Whether the y axis is logarithmic.
        smoothing: Values averaged over, for curves that may be smoothed; 1 is none.
        from_zero: Whether the y axis begins at 0 where it is not logarithmic.
        cuts: Whether a few values far above all others are left out.
        holds_height: Whether a person chose the part of the y axis.
        x_label: What x counts.
        x_scale: How much of our x is one of that: steps an epoch.
        empty_text: What stands there before there are values.
        has_focus: Whether keys go here.
        is_pictured: Whether a picture is being made, without what belongs to pointer and keys.
    """

    def __init__(self, title: str, unit: str, number: Callable[[float], str], span: PlotSpan) -> None:
        self.title, self.unit, self.number, self.span = title, unit, number, span
        self.heights = Height()
        self.series: dict[str, Series] = {}
        self.marks: tuple[Mark, ...] = ()
        self.area = QRectF(0, 0, 10, 10)
        self.rubber: QRectF | None = None
        self.log_y, self.smoothing, self.cuts, self.holds_height = False, 1, True, False
        self.from_zero = False
        self.x_label, self.x_scale = "step", 1.0
        self.empty_text = "No numbers yet."
        self.has_focus = self.is_pictured = False

    @property
    def has_data(self) -> bool:
        """Whether any curve or points have values."""
        return any(not series.is_empty for series in self.series.values() if series.kind is not Kind.LEVEL)

    @property
    def ordered(self) -> list[Series]:
        """As they are listed: what the plot is about, levels, what lies behind."""
        return sorted(self.series.values(), key=lambda one: (one.behind, one.kind is Kind.LEVEL, one.is_reference))

    @property
    def traced(self) -> list[Series]:
        """Curves and points that are shown and have values."""
        return [one for one in self.ordered if one.shown and one.kind is not Kind.LEVEL and not one.is_empty]

    @property
    def bounds(self) -> tuple[float, float] | None:
        """From where to where there are values; None where there are none."""
        traces = [one.trace for one in self.series.values() if one.kind is not Kind.LEVEL and not one.is_empty]
        if not traces:
            return None
        return min(float(trace.x[0]) for trace in traces), max(float(trace.x[-1]) for trace in traces)

    @property
    def caption(self) -> str:
        """What y is, and what was done to it."""
        is_smoothed = self.smoothing > 1 and any(one.smooths for one in self.series.values())
        parts = (self.unit, f"moving average over {self.smoothing:,} values" if is_smoothed else "")
        return ", ".join(part for part in parts if part)

    def smooth(self, over: int) -> None:
        """Average over about so many values, where a series may be smoothed."""
        self.smoothing = over
        for series in self.series.values():
            series.trace.smooth(over if series.smooths else 1)

    def let_height_go(self) -> None:
        """Fit the y axis to the data again, tightly."""
        self.holds_height = False
        self.heights.forget()

    def outlines(self) -> dict[str, tuple[Line, Line]]:
        """What is to be drawn of each series, and behind it where averages are drawn; fits the heights to it."""
        lines = {name: self._lines_of(series) for name, series in self.series.items()}
        if not self.holds_height:
            seen = [y for pair in lines.values() for _, y in pair if len(y)]
            zero = [np.zeros(1)] if self.from_zero and not self.log_y and seen else []
            self.heights.fit(np.concatenate([*seen, *zero, np.empty(0)]), cut=self.cuts, log=self.log_y)
        if self.is_pictured:
            # Not every program that shows a drawing clips it.
            edges = self.heights.low, self.heights.high
            curves = [name for name in lines if self.series[name].kind is Kind.CURVE]
            lines |= {name: (within(*lines[name][0], *edges), within(*lines[name][1], *edges)) for name in curves}
        return lines

    def _lines_of(self, series: Series) -> tuple[Line, Line]:
        if series.kind is Kind.LEVEL or not series.shown:
            return _NOTHING, _NOTHING
        columns = max(int(self.area.width()), 1)
        main = self._mapped(*series.trace.outline(self.span.low, self.span.high, columns))
        if series.trace.smoothing == 1:
            return main, _NOTHING
        return main, self._mapped(*series.trace.outline(self.span.low, self.span.high, columns, raw=True))

    def _mapped(self, x: Numbers, y: Numbers) -> Line:
        if self.log_y:
            with np.errstate(invalid="ignore", divide="ignore"):
                y = np.log10(y)
        return x, np.where(np.isfinite(y), y, np.nan)

    def readout(self, x: float) -> list[tuple[Series, float]]:
        """Every visible series that has a value near a place, and the value; none of those whose name tells it."""
        shown = [series for series in self.ordered if series.shown and not series.is_reference]
        pairs = [(series, series.at(x)) for series in shown]
        return [(series, value) for series, value in pairs if np.isfinite(value)]

    def describe(self) -> str:
        """The newest numbers and the last marks, in words."""
        bounds = self.bounds
        if bounds is None:
            return self.empty_text
        known = [series for series in self.ordered if not series.is_empty and not series.is_reference]
        numbers = ", ".join(f"{series.name} {self.number(series.latest)}" for series in known)
        marks = [f"{mark.text} at {self.x_words(mark.x)}" for mark in self.marks[-5:]]
        return "; ".join([f"At {self.x_words(bounds[1])}: {numbers}", *marks]) + "."

    def x_words(self, x: float) -> str:
        """A place on the x axis: "step 1,234"."""
        return f"{self.x_label} {place(x / self.x_scale)}"

    def x_pixel(self, x: float) -> float:
        """Pixels from the left."""
        share = (x - self.span.low) / (self.span.high - self.span.low)
        return float(self.area.left() + share * self.area.width())

    def x_at(self, pixel: float) -> float:
        """The place at so many pixels from the left."""
        share = (pixel - self.area.left()) / self.area.width()
        return float(self.span.low + share * (self.span.high - self.span.low))

    def y_pixel(self, y: float, *, mapped: bool = False) -> float:
        """Pixels from the top; `mapped` values are powers of ten already where the axis is logarithmic."""
        if self.log_y and not mapped:
            y = float(np.log10(y)) if y > 0 else -1e9
        share = (y - self.heights.low) / (self.heights.high - self.heights.low)
        return float(self.area.bottom() - min(max(share, -50.0), 50.0) * self.area.height())

    def y_at(self, pixel: float) -> float:
        """The value, or its power of ten, at so many pixels from the top."""
        share = (self.area.bottom() - pixel) / self.area.height()
        return float(self.heights.low + share * (self.heights.high - self.heights.low))

    def snap(self, x: float) -> float:
        """The nearest place where a curve, or else any points, have a value."""
        leading = self.leading
        return float(leading.trace.x[leading.trace.nearest(x)]) if leading else x

    @property
    def leading(self) -> Series | None:
        """The series whose values the crosshair goes along."""
        curves = [series for series in self.traced if series.kind is Kind.CURVE]
        return next(iter(curves or self.traced), None)
