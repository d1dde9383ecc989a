"""Finds the line of a key in a TOML text, since the parser keeps values but not where they stood."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"' ]+?)\s*=")


def line_of(text: str, location: Sequence[int | str]) -> int:
    """The line, counted from 1, of the deepest part of `location` that is written in the text.

    Args:
        text: A whole TOML document.
        location: Keys and list positions from the outside in; words that name no key, such as the kind of a
            section, are passed over.

    Returns:
        The line of the key itself where it is written, else of the nearest section around it, else 1.
    """
    best_line, best_depth = 1, 0
    section: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            section = _with_positions(_split(header[2]), counts, is_array=bool(header[1]))
            path = section
        elif key:
            path = section + _split(key[1])
        else:
            continue
        depth = _depth_of(path, location)
        if depth > best_depth:
            best_line, best_depth = number, depth
    return best_line


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _with_positions(parts: tuple[str, ...], counts: dict[tuple[str, ...], int], *, is_array: bool) -> tuple[str, ...]:
    """Insert list positions: a second [[stages]] becomes ("stages", "1")."""
    path: tuple[str, ...] = ()
    for place, part in enumerate(parts):
        path += (part,)
        if is_array and place == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (str(counts[path]),)
    return path


def _depth_of(path: tuple[str, ...], location: Sequence[int | str]) -> int:
    """How many parts of a written path the location goes through, 0 where the path leads elsewhere."""
    rest = iter(str(part) for part in location)
    return len(path) if all(part in rest for part in path) else 0
