"""Comma, semicolon, tab or bar separated values: the delimiter guessed, every row with the line it begins in."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from workbench.engine.data.text_lines import lines_of
from workbench.errors import WorkbenchError

_DELIMITERS = ",;\t|"
_HEAD = 50
# The module's own limit, 131,072 letters, is less than some texts are long.
csv.field_size_limit(16 * 2**20)


@dataclass(frozen=True)
class Delimited:
    """A file of delimited values, read row by row.

    Attributes:
        delimiter: As guessed.
        header: The names in the first row.
        rows: The others, each with the number of its line; blank lines are passed over.
    """

    delimiter: str
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]


def delimited_rows(path: Path) -> Delimited:
    """The rows of a file; quoted as RFC 4180 says.

    Raises:
        WorkbenchError: It is empty, no UTF-8, or its quotes do not close; also while rows are read.
    """
    lines = lines_of(path)
    head = list(islice(lines, _HEAD))
    delimiter = _guess("".join(text for _, text in head))
    rows = _rows(path, chain(head, lines), delimiter)
    first = next(rows, None)
    if first is None:
        raise WorkbenchError(f"{path} is empty.")
    return Delimited(delimiter, [name.strip() for name in first[1]], rows)


def _guess(head: str) -> str:
    """What cuts most of the first rows into the same number of pieces; more pieces win."""
    best, pieces = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(head.splitlines(keepends=True), delimiter=delimiter) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) if width > 1 else 0
        if (alike, width) > pieces:
            best, pieces = delimiter, (alike, width)
    return best


def _rows(path: Path, lines: Iterator[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader((text for _, text in lines), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise WorkbenchError(
                f"{path}, line {reader.line_num:,} cannot be read: {error}; the row begins in line {begins:,}.",
                "Close every quote, and write a quote inside quotes twice.",
            ) from None
        if "".join(row).strip():
            yield begins, row
        begins = reader.line_num + 1
