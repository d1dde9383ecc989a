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
_LONGEST_ROW, _MOST_VALUES = 64 * 2**20, 1_000_000
_HEAD_LETTERS = 2**20
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
        WorkbenchError: It is empty, no UTF-8, its quotes do not close, or a row is absurdly long; also while rows are
            read.
    """
    lines = lines_of(path)
    head, letters = list[tuple[int, str]](), 0
    for number, text in islice(lines, _HEAD):
        head.append((number, text))
        letters += len(text)
        if letters > _HEAD_LETTERS:
            break
    delimiter = _guess("".join(text for _, text in head)[:_HEAD_LETTERS])
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


class _Texts:
    """The lines of a file as the csv module takes them, refused where a row of them would not end."""

    def __init__(self, path: Path, lines: Iterator[tuple[int, str]], delimiter: str) -> None:
        self._path, self._lines, self._delimiter = path, lines, delimiter
        # Of the row that is being read.
        self.letters = self.values = 0

    def __iter__(self) -> Iterator[str]:
        for number, text in self._lines:
            self.letters += len(text)
            self.values += text.count(self._delimiter)
            if self.letters > _LONGEST_ROW or self.values > _MOST_VALUES:
                raise WorkbenchError(
                    f"{self._path}, line {number:,}: a row has {self.values:,} values and {self.letters:,} letters so "
                    f"far; at most {_MOST_VALUES:,} and {_LONGEST_ROW:,} are read.",
                    "Close every quote, and end every row with a line end.",
                )
            yield text


def _rows(path: Path, lines: Iterator[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    texts = _Texts(path, lines, delimiter)
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    begins = 1
    while True:
        texts.letters = texts.values = 0
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
