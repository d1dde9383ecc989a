"""Round numbers on axes, numbers in words, and the height of what is seen."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NONE = "–"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Ticks:
    """Where lines are drawn behind a plot, in its own coordinates, and what stands beside them."""

    places: tuple[float, ...]
    texts: tuple[str, ...]


def linear_ticks(low: float, high: float, at_most: int, scale: float = 1.0) -> Ticks:
    """Round numbers between two edges.

    Args:
        low: The lower edge.
        high: The upper edge.
        at_most: How many there is room for.
        scale: What one unit of the text is in coordinates, such as steps an epoch.
    """
    low, high = low / scale, high / scale
    if not high > low:
        return Ticks((), ())
    step = _round_step((high - low) / max(at_most, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [place * step for place in range(first, last + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Ticks(tuple(value * scale for value in values), tuple(_plain(value, decimals) for value in values))


def log_ticks(low: float, high: float, at_most: int) -> Ticks:
    """Round numbers between two edges given as powers of ten; more than one a power where there is room."""
    if not high > low:
        return Ticks((), ())
    if high - low < 0.6:
        inner = linear_ticks(10**low, 10**high, at_most)
        return Ticks(tuple(math.log10(place) for place in inner.places if place > 0), inner.texts)
    every = max(1, math.ceil((high - low) / max(at_most, 1)))
    parts = (1, 2, 5) if (high - low) * 3 <= at_most else (1,)
    powers = range(math.floor(low) // every * every, math.ceil(high) + 1, every)
    values = [(power, part) for power in powers for part in parts]
    inside = [(power, part) for power, part in values if low <= power + math.log10(part) <= high]
    return Ticks(
        tuple(power + math.log10(part) for power, part in inside),
        tuple(_power(power, part) for power, part in inside),
    )


def number(value: float) -> str:
    """Four digits that count, for losses and the like."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-4 or size >= 1e6:
        return f"{value:.2e}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(size)))}f}"


def percent(value: float) -> str:
    """A number that is per cent already."""
    return f"{value:.2f} %" if math.isfinite(value) else NONE


def rate(value: float) -> str:
    """Learning rates: three digits that count."""
    if not math.isfinite(value):
        return NONE
    return f"{value:.3g}" if value == 0 or abs(value) >= 1e-3 else f"{value:.2e}"


def per_second(value: float) -> str:
    """Steps a second."""
    return f"{value:,.1f}" if math.isfinite(value) else NONE


def place(value: float) -> str:
    """A step or an epoch: whole where it is whole."""
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-6 or abs(value) >= 1e4 else f"{value:,.2f}"


class Height:
    """The lower and upper edge of what is seen; holds still while the data stays well inside.

    Attributes:
        low: The lower edge.
        high: The upper edge.
        above: The largest value that is cut off at the top; None where nothing is.
    """

    def __init__(self) -> None:
        self.low, self.high = 0.0, 1.0
        self.above: float | None = None
        self._is_set = False

    def forget(self) -> None:
        """Fit tightly the next time."""
        self._is_set = False

    def hold(self, low: float, high: float) -> None:
        """A person wants these edges."""
        if high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
            self.low, self.high, self.above = low, high, None

    def fit(self, seen: NDArray[np.float64], *, cut: bool, log: bool) -> None:
        """Make room for values.

        Args:
            seen: Every value that is drawn, in the coordinates of the plot.
            cut: Whether a few values far above all others are left out.
            log: Whether the values are powers of ten.
        """
        seen = seen[np.isfinite(seen)]
        if not len(seen):
            return
        low, high = float(seen.min()), float(seen.max())
        self.above = None
        if cut and not log:
            usual = float(np.percentile(seen, 90))
            if high - low > 6 * (usual - low) > 0:
                self.above, high = high, low + 2.5 * (usual - low)
        if high - low < 1e-9 * max(abs(high), 1e-9):
            spread = abs(high) * 0.1 or 0.5
            low, high = low - spread, high + spread
        if not log and 0 <= low < 0.35 * high:
            low = 0.0
        fills = (high - low) / (self.high - self.low)
        if self._is_set and self.low <= low and high <= self.high and fills >= 0.6:
            return
        self._is_set = True
        room = 0.06 * (high - low)
        self.low, self.high = (low if low == 0.0 and not log else low - room), high + room


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(part * power for part in (1, 2, 5, 10) if part * power >= least * (1 - 1e-9))


def _plain(value: float, decimals: int) -> str:
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e7):
        return f"{value:.3g}"
    text = f"{value:,.{decimals}f}"
    return "0" if text.strip("-0.,") == "" else text


def _power(power: int, part: int) -> str:
    if -4 <= power <= 5:
        return f"{part * 10.0**power:,.{max(0, -power)}f}"
    digits = str(power).translate(_SUPERSCRIPTS)
    return f"10{digits}" if part == 1 else f"{part}·10{digits}"
