"""The part of the x axis that is seen, and where the crosshair stands; shared by plots that move together."""

from PySide6.QtCore import QObject, Signal

# A run that grows gets this much room on the right, so that the axis does not move with every step.
_HEADROOM = 1.3
_MARGIN = 0.012
_ZOOM_IN_AT_MOST = 1e-9


class PlotSpan(QObject):
    """Follows the data until a person looks closer, and again after `fit`.

    Signals:
        moved: Other edges.
        follows_changed: Whether the newest data is followed changed.
        crosshair_moved: The crosshair is elsewhere, or gone.

    Attributes:
        end: Where the data will end, where that is known.
    """

    moved = Signal()
    follows_changed = Signal()
    crosshair_moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.end: float | None = None
        self._grows = False
        self._low, self._high = 0.0, 1.0
        self._reach = 0.0
        self._follows = True
        self._crosshair: float | None = None
        self._covered: dict[int, tuple[float, float]] = {}

    @property
    def low(self) -> float:
        """The left edge."""
        return self._low

    @property
    def high(self) -> float:
        """The right edge."""
        return self._high

    @property
    def follows(self) -> bool:
        """Whether the edges go with the data."""
        return self._follows

    @property
    def grows(self) -> bool:
        """Whether more data is to come: only then is room left for it."""
        return self._grows

    @grows.setter
    def grows(self, grows: bool) -> None:
        if grows != self._grows:
            self._grows, self._reach = grows, 0.0
            if self._follows:
                self.follow()

    @property
    def crosshair(self) -> float | None:
        """Where the crosshair stands; None when it is hidden."""
        return self._crosshair

    @crosshair.setter
    def crosshair(self, x: float | None) -> None:
        if x != self._crosshair:
            self._crosshair = x
            self.crosshair_moved.emit()

    @property
    def bounds(self) -> tuple[float, float] | None:
        """From where to where there is data in any plot; None where there is none."""
        if not self._covered:
            return None
        return min(low for low, _ in self._covered.values()), max(high for _, high in self._covered.values())

    def cover(self, who: int, bounds: tuple[float, float] | None) -> None:
        """A plot, named by its id, has data from here to there; None when it has none."""
        if bounds == self._covered.get(who):
            return
        if bounds is None:
            self._covered.pop(who, None)
        else:
            self._covered[who] = bounds
        if self._follows:
            self.follow()

    def fit(self) -> None:
        """Show everything, and follow the newest from now on."""
        self._set_follows(True)
        self._reach = 0.0
        self.follow()

    def follow(self) -> None:
        """Put the edges where the data is; while it grows, only when it reaches the right edge."""
        bounds = self.bounds
        if bounds is None:
            self._reach = 0.0
            self._move(0.0, self.end or 1.0)
            return
        low, high = bounds
        if not self._grows:
            self._reach = high
        elif not high <= self._reach <= max(2 * (high - low) + low, low + 20):
            room = low + max((high - low) * _HEADROOM, 10.0)
            self._reach = min(room, self.end) if self.end is not None and self.end >= high else room
        margin = _MARGIN * max(self._reach - low, 1e-12)
        self._move(low - margin, max(self._reach, low + 1e-9) + margin)

    def set(self, low: float, high: float) -> None:
        """A person wants to see from here to there; the data is followed no more."""
        width = self._high - self._low
        if high - low <= _ZOOM_IN_AT_MOST * max(abs(low), abs(high), width, 1e-300):
            return
        self._set_follows(False)
        self._move(low, high)

    def zoom(self, factor: float, centre: float) -> None:
        """Make everything so many times wider, around a place that stays where it is."""
        low, high = centre - (centre - self._low) / factor, centre + (self._high - centre) / factor
        bounds = self.bounds
        if bounds is not None:
            # There is nothing to see beyond.
            room = 0.5 * max(bounds[1] - bounds[0], 1e-12)
            low, high = max(low, min(bounds[0] - room, self._low)), min(high, max(bounds[1] + room, self._high))
        self.set(low, high)

    def pan(self, distance: float) -> None:
        """Move both edges."""
        self.set(self._low + distance, self._high + distance)

    def _move(self, low: float, high: float) -> None:
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.moved.emit()

    def _set_follows(self, follows: bool) -> None:
        if follows != self._follows:
            self._follows = follows
            self.follows_changed.emit()
