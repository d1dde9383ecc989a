"""Numbers that are infinite or far beyond what is computed with, in every format that can hold them."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from malformed import good
from malformed.case import REFUSED, Case

FAMILY = "numbers beyond measure"
_SECTION: dict[str, Any] = {"kind": "table", "label": "label", "validation_fraction": 0.25}
_WORDS = {
    "infinity": "inf",
    "minus infinity": "-Infinity",
    "1e400": "1e400",
    "a number of 400 digits": "9" * 400,
    "1e39, which float32 cannot hold": "1e39",
}
# In JSON these are numbers; Python's own reader takes them.
_JSON = {"infinity": "Infinity", "minus infinity": "-Infinity", "1e400": "1e400", "a number of 400 digits": "9" * 400}


def cases() -> Iterator[Case]:
    """A feature once, a feature in a third of the rows, a label: in CSV, JSON lines and Parquet."""
    for name, word in _WORDS.items():
        for where, (place, every, column) in _PLACES.items():
            yield Case(f"CSV: {name} {where}", good.write("table.csv", _separated(word, place, every, column)), "data",
                       REFUSED, _reason(column, word), _SECTION | {"file": "table.csv"})  # fmt: skip
    for name, word in _JSON.items():
        for where, (place, every, column) in _PLACES.items():
            yield Case(f"JSONL: {name} {where}", good.write("rows.jsonl", _lines(word, place, every, column)), "data",
                       REFUSED, _reason(column, ""), _SECTION | {"file": "rows.jsonl"})  # fmt: skip
    for value in (float("inf"), float("-inf"), 1e300):
        for where, (place, every, column) in _PLACES.items():
            content = _columns(value, place, every, column)
            yield Case(f"Parquet: {value} {where}", good.write("table.parquet", content), "data", REFUSED,
                       _reason(column, ""), _SECTION | {"file": "table.parquet"})  # fmt: skip


_PLACES = {
    "in one row": (7, 1000, "size"),
    "in every third row": (0, 3, "size"),
    "for a label": (7, 1000, "label"),
}
_COUNT = 40


def _reason(column: str, word: str) -> str:
    """Column, row and value."""
    value = word[:20] if word else "inf|9999|e"
    return f"{column}.*(line|row)s? .*({value})|{column}.*({value}).*(line|row)s? "


def _rows(odd: Any, place: int, every: int, column: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"size": n + 0.5, "label": n % 2} for n in range(_COUNT)]
    for n in range(place, _COUNT, every):
        rows[n][column] = odd
    return rows


def _separated(word: str, place: int, every: int, column: str) -> bytes:
    return good.comma_separated(_rows(word, place, every, column))


def _lines(word: str, place: int, every: int, column: str) -> bytes:
    rows = _rows("ODD", place, every, column)
    return "".join(json.dumps(row).replace('"ODD"', word) + "\n" for row in rows).encode()


def _columns(value: float, place: int, every: int, column: str) -> Callable[[], bytes]:
    def content() -> bytes:
        import polars

        buffer = io.BytesIO()
        rows = _rows(value, place, every, column)
        polars.DataFrame({name: [float(row[name]) for row in rows] for name in rows[0]}).write_parquet(buffer)
        return buffer.getvalue()

    return content
