"""The terminal: text that came from files is shown and never obeyed, whoever prints it."""

import json
import logging
import math
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

from workbench.wording import visible


class Terminal(Console):
    """A console that shows control characters, line breaks in names, and marks of direction as escapes.

    A string is one line, in a table as well: `print_lines` prints more than one. Markup is read as usual.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """As the base class does; here the width that the escapes need is known in time."""
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As the base class does, also for text that was not a string."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text, keep="\n"))

    def print_lines(self, text: str, style: str = "") -> None:
        """Text of several lines; all but the first are indented, so that none passes for a line of the program."""
        for place, line in enumerate(text.split("\n")):
            self.print(("  " if place else "") + escape(line), style=style, soft_wrap=True)


def json_line(record: dict[str, Any]) -> str:
    """One object on one line; numbers that JSON does not know become null, and what is not shown an escape of JSON."""
    line = json.dumps(_finite(record), ensure_ascii=False)
    # Inside strings only: all else that JSON writes is shown. A terminal must not obey it, and no reader break there.
    return line if line.isprintable() else "".join(each if each.isprintable() else _escaped(each) for each in line)


def print_json(record: dict[str, Any]) -> None:
    """One object on one line of standard output."""
    sys.stdout.write(json_line(record) + "\n")
    sys.stdout.flush()


def keep_logs_visible() -> None:
    """Log records that nobody handles, such as warnings of libraries, go to standard error in the same way."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Visible())


class _Visible(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record), keep="\n\t")


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
