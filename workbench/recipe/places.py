"""Finds the line of a key in a TOML text, since the parser keeps values but not where they stood."""

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")
# Long quotes, strings on one line, comments and brackets: all that decides where a statement ends.
_SIGNS = re.compile(r"""\"{3}|'{3}|"(?:[^"\\]|\\.)*"|'[^']*'|\#.*|[\[\]{}]""")
# From inside a long string to behind its end; up to two quotes more belong to the string.
_CLOSING = {
    '"""': re.compile(r"""(?:[^"\\]|\\.|"(?!""))*"{3,5}"""),
    "'''": re.compile(r"""(?:[^']|'(?!''))*'{3,5}"""),
}
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
    for number, line in _statements(text):
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            section = _with_positions(_split(header[2]), counts, is_array=bool(header[1]))
            path = section
        elif key:
            path = section + _split(key[1])
        else:
            continue
        depth = depth_of(path, location)
        if depth > best_depth:
            best_line, best_depth = number, depth
    return best_line


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines on which a statement begins: not those inside a long string or a list over several lines."""
    number, depth, opened = 1, 0, ""
    for line in text.split("\n"):
        if not opened and depth <= 0:
            yield number, line
            depth = 0
        # A header's brackets open nothing.
        rest = "" if not opened and depth == 0 and _HEADER.match(line) else line
        opened, depth = _after(rest, opened, depth)
        number += 1


def _after(line: str, opened: str, depth: int) -> tuple[str, int]:
    """What is open at the end of a line: a long string's quotes, and how many brackets."""
    place = 0
    while True:
        found = _CLOSING[opened].match(line, place) if opened else _SIGNS.search(line, place)
        if found is None or (not opened and found[0].startswith("#")):
            return opened, depth
        place = found.end()
        if opened:
            opened = ""
        elif found[0] in _CLOSING:
            opened = found[0]
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)


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


def depth_of(path: tuple[str, ...], location: Sequence[int | str]) -> int:
    """How many parts of a written path the location goes through, 0 where the path leads elsewhere."""
    place = 0
    for depth, part in enumerate(path):
        # The word of a kind may stand between a section and its key; nothing else is passed over.
        if depth and place + 1 < len(location) and _is_kind(location, place, part):
            place += 1
        if place >= len(location) or str(location[place]) != part:
            return 0
        place += 1
    return len(path)


def _is_kind(location: Sequence[int | str], place: int, part: str) -> bool:
    return isinstance(location[place], str) and location[place] != part and str(location[place + 1]) == part
