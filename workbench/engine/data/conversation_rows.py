"""Rows that hold prompts or conversations, told by content: JSON, Parquet, Arrow, separated values, plain text."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.engine.data.reading_tables import read_rows
from workbench.engine.data.text_lines import lines_of, refuse_many, text_of
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

if TYPE_CHECKING:
    import polars

MOST_MESSAGES = 10_000
_PLAIN = (".txt", ".text", ".md")
_MOST_CELLS = 50_000_000
_MOST_JSON = 256 * 2**20
_SLICE = 2_000
_EVERY = 20_000
_LIKE = 'Every line holds one object, such as {"prompt": "…", "response": "…"}.'


@dataclass(frozen=True)
class Row:
    """One row of a file.

    Attributes:
        place: Where it begins: "line 3", "row 3" or "item 3".
        values: By the name of the column or field.
        problem: Why it cannot be read; empty where it can.
    """

    place: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class RowStream:
    """The rows of a file, read once, and how many were left out for having too many or too few values."""

    rows: Iterator[Row]
    ragged: int = 0


def rows_of(
    path: Path,
    plain_text: Literal["prompts", "passages"],
    *,
    skip_broken: bool,
    pulse: Callable[[str], None] = lambda _: None,
) -> RowStream:
    """All rows of a file.

    Args:
        path: The file.
        plain_text: What a text file holds.
        skip_broken: Whether rows with too many or too few values are left out rather than refused.
        pulse: Hears how far it is; what it raises ends reading.

    Raises:
        WorkbenchError: It cannot be read; also while rows are taken.
    """
    refuse_unless_plain(path)
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_plain = path.suffix.lower() in _PLAIN and not start.startswith((b"PAR1", b"ARROW1"))
    # A prompt may begin with a bracket as well.
    if text[:1] == b"{" or (text[:1] == b"[" and not is_plain):
        is_lines = _is_json_lines(path)
        if is_lines or not is_plain:
            return RowStream(_paced(_json_lines(path) if is_lines else _whole_json(path), path, pulse))
    if is_plain:
        plain = _prompts(path) if plain_text == "prompts" else _passages(path)
        return RowStream(_paced(plain, path, pulse))
    table = read_rows(path, skip_broken=skip_broken, pulse=pulse, most_cells=_MOST_CELLS)
    return RowStream(_paced(_table_rows(table.frame, table.lines, table.unit), path, pulse), table.broken)


def _paced(rows: Iterator[Row], path: Path, pulse: Callable[[str], None]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _EVERY == 0:
            pulse(f"Reading {path.name}: {number:,} rows")
        yield row


# -- plain text


def _prompts(path: Path) -> Iterator[Row]:
    for number, line in lines_of(path):
        if line.strip():
            yield Row(f"line {number:,}", {"prompt": line.strip()})


def _passages(path: Path) -> Iterator[Row]:
    begins, lines = 0, list[str]()
    for number, line in lines_of(path):
        if line.strip():
            begins = begins if lines else number
            lines.append(line)
        elif lines:
            yield Row(f"line {begins:,}", {"text": "".join(lines).strip("\r\n")})
            lines = []
    if lines:
        yield Row(f"line {begins:,}", {"text": "".join(lines).strip("\r\n")})


# -- JSON


def _is_json_lines(path: Path) -> bool:
    """Whether there are several lines, the first of which is an object by itself as far as its ends tell."""
    first = list(islice((line.strip() for _, line in lines_of(path) if line.strip()), 2))
    return len(first) > 1 and first[0].startswith("{") and first[0].endswith("}")


def _json_lines(path: Path) -> Iterator[Row]:
    for number, line in lines_of(path):
        if not line.strip():
            continue
        refuse_many(f"{path}, line {number:,}", line)
        try:
            yield _json_row(f"line {number:,}", json.loads(line))
        except (ValueError, RecursionError) as error:
            yield Row(f"line {number:,}", problem=f"it is no JSON ({str(error)[:120]})")


def _whole_json(path: Path) -> Iterator[Row]:
    size = path.stat().st_size
    if size > _MOST_JSON:
        raise WorkbenchError(
            f"{path} is one JSON value of {size / 2**20:,.0f} MiB; at most {_MOST_JSON >> 20} MiB are read at once.",
            f"Save it as JSON lines or Parquet. {_LIKE}",
        )
    text = text_of(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(f"{path} is no JSON: {str(error)[:200]}.", _LIKE) from None
    for number, item in enumerate(_items(whole), start=1):
        yield _json_row(f"item {number:,}", item)


def _items(whole: Any) -> Sequence[Any]:
    """The rows in a JSON value: its items, those of the one list of objects in it, or the value itself."""
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if _is_list_of(value, dict) and not _is_conversation(value)]
        return lists[0] if len(lists) == 1 else [whole]
    return [whole] if _is_conversation(whole) or not isinstance(whole, list) else whole


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, kind) for item in value)


def _is_conversation(value: Any) -> bool:
    return _is_list_of(value, dict) and ("role" in value[0] or "from" in value[0])


def _json_row(place: str, item: Any) -> Row:
    if isinstance(item, dict):
        return Row(place, item)
    if isinstance(item, list):
        return Row(place, {"messages": item})
    if isinstance(item, str):
        return Row(place, {"prompt": item})
    return Row(place, problem="it is a JSON value, not an object")


# -- Parquet, Arrow and separated values


def _table_rows(frame: "polars.DataFrame", lines: "polars.Series", unit: str) -> Iterator[Row]:
    import polars

    nested = [name for name, kind in frame.schema.items() if isinstance(kind, polars.List)]
    start = 0
    for part in frame.iter_slices(_SLICE):
        # A few bytes can stand for any number of equal messages: one more than can be used is enough to refuse them.
        shown = part.with_columns(polars.col(name).list.head(MOST_MESSAGES + 1) for name in nested)
        places = lines.slice(start, part.height).to_list()
        for place, values in zip(places, shown.iter_rows(named=True), strict=True):
            yield Row(f"{unit} {place:,}", values)
        start += part.height
