"""Counts in words, and text from files made safe to show on one line of a terminal or a label."""

import unicodedata

# Format characters that belong to words: joiners, and the marks of direction that emoji and Arabic names may need.
_JOINERS = "\u200c\u200d"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 step", "1,200 steps"; `many` where it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def visible(text: str, *, keep: str = "") -> str:
    """The text, with an escape such as x1b after a backslash for every character that acts instead of being shown.

    These are control characters, marks that change the direction of what follows, separators of lines, surrogates and
    other characters without a shape: a terminal would obey the first, and a reader could be misled by the rest.

    Args:
        text: From anywhere.
        keep: Characters that are meant, such as newlines.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) if character not in keep else character for character in text)


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")
