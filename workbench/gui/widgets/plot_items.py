"""The items a series is drawn with, and which lines are worth smooth edges."""

from typing import Any

import numpy as np
from PySide6.QtGui import QPen

from workbench.gui.theme import Theme
from workbench.gui.widgets.plot_series import GROUND, Kind, Series, gaps, mixed, pen
from workbench.gui.widgets.plot_state import Line

_MOST_DOTS = 400
# Pixels up and down below which a line gets smooth edges; a jagged one would need too much time for them.
_CALM = 8_000.0


class PlotItems:
    """One series in the scene; a level is painted without any items.

    Args:
        series: What is drawn.
        theme: Colours.
        box: What the items are put into.
        items: A line for the values behind averages, a line, and dots, as pyqtgraph makes them.
        depth: Items of a higher one lie above.
    """

    def __init__(self, series: Series, theme: Theme, box: Any, items: tuple[Any, Any, Any], depth: int) -> None:
        self._series, self._theme, self._box = series, theme, box
        self._items = self._raw, self._main, self._dots = items
        self._raw.setSegmentedLineMode("on")
        for height, item in enumerate(items):
            item.setZValue(depth + 0.1 * height)
            item.setVisible(False)
            box.addItem(item, ignoreBounds=True)
        self.dress()

    def remove(self) -> None:
        """Draw nothing any more."""
        for item in self._items:
            self._box.removeItem(item)

    def dress(self) -> None:
        """Put on the theme's colours."""
        colour = self._theme.colour(self._series.colour)
        raw = pen(mixed(colour, self._theme.colour(GROUND), 0.3))
        raw.setCosmetic(True)
        self._raw.setPen(raw)
        self._dots.setPen(None)
        self._dots.setBrush(colour)

    def draw(self, main: Line, raw: Line, scale: tuple[float, float], ratio: float) -> None:
        """Draw lines.

        Args:
            main: The line itself.
            raw: What lies behind it.
            scale: Pixels a unit, along x and y.
            ratio: Pixels of the screen a pixel.
        """
        (x, y), dash = main, self._series.dash
        is_sparse = len(x) < _MOST_DOTS
        dots = self._series.kind is Kind.POINTS and is_sparse
        if dots:
            self._dots.setData(x, y)
        if not is_sparse:
            y, dash = gaps(x, y, scale[0], dash), "solid"
        is_calm = float(np.nansum(np.abs(np.diff(y)))) * scale[1] < _CALM
        self._main.setPen(self._pen(dash, 1.5 if is_calm else 1.0, ratio))
        # Line by line is ten times as fast as along a path, but dashes begin anew on each.
        self._main.setSegmentedLineMode("on" if dash == "solid" else "off")
        self._main.setData(x, y, connect="finite", antialias=is_calm)
        self._raw.setData(*raw, connect="finite")
        for item, seen in zip(self._items, (len(raw[0]) > 0, len(x) > 0, dots), strict=True):
            item.setVisible(seen)

    def _pen(self, dash: str, width: float, ratio: float) -> QPen:
        """Cosmetic pens count pixels of the screen; a jagged line takes just one of them."""
        made = pen(self._theme.colour(self._series.colour), dash, width)
        made.setCosmetic(True)
        if width > 1.0:
            made.setWidthF(width * ratio)
        return made
