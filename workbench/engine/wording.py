"""Numbers and names in sentences for people."""

from collections.abc import Sequence

_SHOWN = 5


def axes_in_words(shape: Sequence[int]) -> str:
    """The axes of an input, such as "3 × 224 × 224"."""
    return " × ".join(map(str, shape))


def some_of(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def share_of(part: int, whole: int) -> str:
    """A share in per cent."""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
