"""A class × class map, and the scale that turns its shares into colours.

R rows and columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Means are kept to four digits: less cannot be told from nothing.
FLOOR = 1e-4

Map = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassMap:
    """One map.

    Attributes:
        title: Above it.
        colour: What the largest values look like: a colour of the theme by its name.
        values_RR: Shares: a row a true class, a column a class said. Differences may be below 0.
        below: The colour of values below 0; "" where there are none.
    """

    title: str
    colour: str
    values_RR: Map
    below: str = ""


@dataclass(frozen=True)
class MapScale:
    """How shares become colours: the same for every map.

    Attributes:
        top: The share of the strongest colour.
        low: The share of no colour; 0 on a linear scale.
        is_log: Whether equal ratios, rather than equal differences, look equally far apart.
    """

    top: float
    low: float
    is_log: bool

    def along(self, shares: Map) -> Map:
        """Where shares lie between no colour, 0, and the strongest, 1."""
        if not self.is_log:
            return np.asarray((shares / self.top).clip(0, 1))
        decades = np.log10(self.top / self.low)
        return np.asarray((np.log10(np.maximum(shares, self.low) / self.low) / decades).clip(0, 1))


def scale_of(maps: "tuple[ClassMap, ...]", *, log: bool, hides_diagonal: bool) -> MapScale:
    """The scale on which all shares that are shown, whoever gives them, use the whole range of colours."""
    shown = [shown_of(each.values_RR, hides_diagonal) for each in maps if not each.below]
    top = max((float(values.max()) for values in shown), default=1.0)
    top = max(top, 10 * FLOOR)
    least = min((float(values.min()) for values in shown), default=FLOOR)
    return MapScale(top, min(max(least, FLOOR), top / 10) if log else 0.0, log)


def shown_of(values_RR: Map, hides_diagonal: bool) -> Map:
    """The values that are shown, in one row."""
    hidden = np.eye(len(values_RR), dtype=bool) & (hides_diagonal and len(values_RR) > 1)
    return np.asarray(values_RR[~hidden])
