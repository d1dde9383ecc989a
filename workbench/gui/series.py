"""Numbers behind curves that grow: outlines of a million points in a few thousand, smoothing, training speed."""

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_EMPTY: Numbers = np.empty(0)
_FANOUT = 16
# Powers of the decay are divided by inside a block; this keeps eight digits.
_SMALLEST_POWER = 1e-8


class Growing:
    """An array that is appended to without being copied each time."""

    def __init__(self) -> None:
        self._room: Numbers = np.empty(256)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, values: Numbers) -> None:
        """Add values at the end."""
        end = self._count + len(values)
        if end > len(self._room):
            larger = np.empty(max(2 * len(self._room), end))
            larger[: self._count] = self.view
            self._room = larger
        self._room[self._count : end] = values
        self._count = end

    @property
    def view(self) -> Numbers:
        """What there is, without a copy."""
        return self._room[: self._count]


class Extremes:
    """Smallest and largest values of ever larger blocks of an array that grows; what is not a number is left out.

    Each level has blocks sixteen times as large as the one below, so that any outline costs as much as it is wide,
    however many values there are.
    """

    def __init__(self) -> None:
        self._levels: list[tuple[Growing, Growing]] = []

    def grow(self, values: Numbers) -> None:
        """Take in what came since the last call; values seen before must be the same."""
        low, high = values, values
        place = 0
        while len(low) >= _FANOUT:
            if place == len(self._levels):
                self._levels.append((Growing(), Growing()))
            lows, highs = self._levels[place]
            start, stop = len(lows) * _FANOUT, len(low) // _FANOUT * _FANOUT
            lows.append(np.fmin.reduce(low[start:stop].reshape(-1, _FANOUT), axis=1))
            highs.append(np.fmax.reduce(high[start:stop].reshape(-1, _FANOUT), axis=1))
            low, high = lows.view, highs.view
            place += 1

    def of_groups(self, values: Numbers, first: int, last: int, size: int) -> tuple[Numbers, Numbers]:
        """Extremes of groups of `size` values, a power of two; group k holds the values from k · size on.

        Args:
            values: What `grow` was given last.
            first: The first group.
            last: The one after the last, which may be a part of a group.
            size: Values a group.
        """
        low, high, block = values, values, 1
        for lows, highs in self._levels:
            if block * _FANOUT > size:
                break
            low, high, block = lows.view, highs.view, block * _FANOUT
        ratio = size // block
        whole = min(last, len(low) // ratio)
        low = np.fmin.reduce(low[first * ratio : whole * ratio].reshape(-1, ratio), axis=1)
        high = np.fmax.reduce(high[first * ratio : whole * ratio].reshape(-1, ratio), axis=1)
        rest = values[whole * size : last * size]
        if len(rest):
            low, high = np.append(low, np.fmin.reduce(rest)), np.append(high, np.fmax.reduce(rest))
        return low, high


class Smoothed:
    """The exponential moving average of an array that grows, over about so many values.

    The first values count as one would expect: the average of those there are. What is not finite is left out.
    """

    def __init__(self, over: int) -> None:
        self.over = over
        self._keep = 1 - 1 / over
        self._values = Growing()
        self._carry = np.zeros((2, 1))

    @property
    def view(self) -> Numbers:
        """The average after each value."""
        return self._values.view

    def grow(self, values: Numbers) -> None:
        """Take in what came since the last call."""
        new = values[len(self._values) :]
        if not len(new):
            return
        finite = np.isfinite(new)
        sums = np.stack((np.where(finite, new, 0.0), finite.astype(np.float64)))
        sums = self._average(sums)
        self._carry = sums[:, -1:]
        with np.errstate(invalid="ignore", divide="ignore"):
            self._values.append(np.where(finite, sums[0] / sums[1], np.nan))

    def _average(self, rows: Numbers) -> Numbers:
        """Of both rows at once: a running sum in blocks that are short enough for the powers to be exact."""
        keep, count = self._keep, rows.shape[1]
        length = max(min(int(math.log(_SMALLEST_POWER) / math.log(keep)), count), 1)
        blocks = -(-count // length)
        padded = np.zeros((2, blocks * length))
        padded[:, :count] = rows
        powers = keep ** np.arange(length)
        inside = np.cumsum(padded.reshape(2, blocks, length) / powers, axis=2) * powers * (1 - keep)
        whole = keep**length
        before = np.empty((2, blocks))
        value, ends = self._carry[:, 0], inside[:, :, -1]
        # What lies two blocks back has faded to a ten-millionth of a billionth.
        before[:, 0] = value
        before[:, 1:] = ends[:, :-1]
        before[:, 1:2] += whole * value[:, np.newaxis]
        before[:, 2:] += whole * ends[:, :-2]
        inside += before[:, :, np.newaxis] * (powers * keep)
        smoothed: Numbers = inside.reshape(2, -1)[:, :count]
        return smoothed


class Trace:
    """One curve: values over an x that never falls, growing at the end; gives outlines of any part of it.

    Attributes:
        x: Where, never falling.
        y: How much; NaN is a gap.
    """

    def __init__(self) -> None:
        self.x = self.y = _EMPTY
        self._extremes = Extremes()
        self._smoothed: Smoothed | None = None
        self._smooth_extremes = Extremes()

    def __len__(self) -> int:
        return len(self.y)

    def set(self, x: Numbers, y: Numbers) -> None:
        """Show these values; where the old ones are their beginning, only what is new costs anything."""
        if not self._goes_on_in(y):
            over = self.smoothing
            self.__init__()  # type: ignore[misc]
            self.smooth(over)
        self.x, self.y = x, y
        self._extremes.grow(y)
        self._grow_smoothed()

    @property
    def smoothing(self) -> int:
        """Values averaged over; 1 is none."""
        return self._smoothed.over if self._smoothed else 1

    def smooth(self, over: int) -> None:
        """Average over about so many values."""
        if over != self.smoothing:
            self._smoothed = Smoothed(over) if over > 1 else None
            self._smooth_extremes = Extremes()
            self._grow_smoothed()

    @property
    def shown(self) -> Numbers:
        """The averages where there are any, else the values."""
        return self._smoothed.view if self._smoothed else self.y

    def outline(self, low: float, high: float, columns: int, *, raw: bool = False) -> tuple[Numbers, Numbers]:
        """What a curve looks like between two places of x: as if every value were drawn, in at most 2 points a column.

        Args:
            low: The left edge.
            high: The right edge.
            columns: Pixels between them.
            raw: The values themselves where averages are shown.
        """
        averages = self._smoothed is not None and not raw
        values = self.shown if averages else self.y
        first = max(int(np.searchsorted(self.x, low)) - 1, 0)
        last = min(int(np.searchsorted(self.x, high, side="right")) + 1, len(values))
        if last - first < 2 or high <= low:
            return self.x[first:last], values[first:last]
        seen = max(float(self.x[last - 1] - self.x[first]) / (high - low) * columns, 1.0)
        density = (last - first) / seen
        # An average has no spikes to lose: one value a column draws it.
        if density <= (1 if averages else 2):
            return self.x[first:last], values[first:last]
        # A power of two, counted from the first value ever: an outline that grows or is moved does not flicker.
        size = 2 ** math.ceil(math.log2(density))
        extremes = self._smooth_extremes if averages else self._extremes
        begin, end = first // size, -(-last // size)
        lows, highs = extremes.of_groups(values, begin, end, size)
        middles = np.minimum(np.arange(begin, begin + len(lows)) * size + size // 2, len(values) - 1)
        if averages:
            return self.x[middles], (lows + highs) / 2
        outline = np.empty((len(lows), 2))
        outline[:, 0], outline[:, 1] = highs, lows
        return np.repeat(self.x[middles], 2), outline.ravel()

    def nearest(self, x: float) -> int:
        """The place of the value nearest to x; the trace must not be empty."""
        place = int(np.searchsorted(self.x, x))
        if place == 0:
            return 0
        if place == len(self.x) or x - self.x[place - 1] <= self.x[place] - x:
            return place - 1
        return place

    def _goes_on_in(self, y: Numbers) -> bool:
        known = len(self.y)
        if known == 0:
            return True
        if len(y) < known:
            return False
        ends = np.array([0, known // 2, known - 1])
        return bool(np.array_equal(y[ends], self.y[ends], equal_nan=True))

    def _grow_smoothed(self) -> None:
        if self._smoothed is not None:
            self._smoothed.grow(self.y)
            self._smooth_extremes.grow(self._smoothed.view)


def within(x: Numbers, y: Numbers, low: float, high: float) -> tuple[Numbers, Numbers]:
    """The parts of a line between two heights, ended where it crosses them; NaN parts them."""
    for edge in (low, high):
        before, after = y[:-1] - edge, y[1:] - edge
        crossed = np.flatnonzero(before * after < 0)
        share = before[crossed] / (before[crossed] - after[crossed])
        places = x[crossed] + share * (x[crossed + 1] - x[crossed])
        x, y = np.insert(x, crossed + 1, places), np.insert(y, crossed + 1, edge)
    return x, np.where((y >= low) & (y <= high), y, np.nan)


class Pace:
    """Steps a second, over the last second of training before each step."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._rates = Growing()

    def grow(self, steps: Numbers, seconds: Numbers) -> Numbers:
        """Take in what came since the last call; returns a rate for each step, NaN where none can be told."""
        known = len(self._rates)
        if len(steps) > known:
            now = np.arange(known, len(steps))
            since = np.maximum(np.searchsorted(seconds, seconds[known:] - self._window, side="right") - 1, 0)
            taken = seconds[now] - seconds[since]
            with np.errstate(invalid="ignore", divide="ignore"):
                rates = np.where(taken > 0, (steps[now] - steps[since]) / taken, np.nan)
            self._rates.append(rates)
        return self._rates.view
