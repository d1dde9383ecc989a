"""Columns of a table as the numbers a model reads: numbers as they are, categories one-hot in sorted order.

N rows, F features.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from workbench.engine.data.reading_tables import Rows
from workbench.errors import WorkbenchError
from workbench.events import Finding

if TYPE_CHECKING:
    import polars

_MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")
# From this share of readable numbers on, a column is one of numbers, and the others are mistakes in it.
_MOSTLY = 0.9
_MOST_CATEGORIES = 1000
_MOST_BYTES = 16 * 2**30
LARGEST = float(np.finfo(np.float32).max)
_DATES = r"^(\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}( .*)?)$"
_MEND = "Fill them in, leave the column out of data.columns, or set data.skip_broken to leave such rows out."


@dataclass(frozen=True)
class Column:
    """How one column becomes features.

    Attributes:
        name: As in the file.
        categories: Sorted; None for a column of numbers.
    """

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """What its features are called: "age", or "city=Oslo" and "city=Rome"."""
        return (self.name,) if self.categories is None else tuple(f"{self.name}={value}" for value in self.categories)


def columns_of(features: Iterable[str]) -> tuple[Column, ...]:
    """The columns that became these features."""
    found: dict[str, list[str] | None] = {}
    for feature in features:
        name, equals, category = feature.partition("=")
        known = found.setdefault(name, [] if equals else None)
        if known is not None:
            known.append(category)
    return tuple(Column(name, None if values is None else tuple(values)) for name, values in found.items())


def numbers_in(series: "polars.Series", *, comma: bool) -> tuple["polars.Series", "polars.Series"]:
    """A column read as numbers.

    Args:
        series: The column.
        comma: Whether a number may have a decimal comma.

    Returns:
        The numbers, null where there is none, and which values are neither numbers nor missing.
    """
    import polars

    if series.dtype.is_numeric():
        numbers = series.cast(polars.Float64, strict=False)
        return numbers, numbers.is_infinite().fill_null(value=False) | (numbers.abs() > LARGEST).fill_null(value=False)
    text = texts_in(series)
    numbers = text.cast(polars.Float64, strict=False)
    if comma:
        numbers = numbers.fill_null(text.str.replace(",", ".", literal=True).cast(polars.Float64, strict=False))
    missing = text.is_null() | text.str.to_lowercase().is_in(_MISSING).fill_null(value=False)
    unreadable = ~missing & (numbers.is_null() | ~(numbers.abs() <= LARGEST))
    return numbers, unreadable.fill_null(value=True)


def texts_in(series: "polars.Series") -> "polars.Series":
    """A column read as words, null where there are none."""
    import polars

    if series.dtype.is_float():
        # Categories that are numbers may have become floats only because some are missing.
        whole = (series == series.floor()).fill_null(value=False) & (series.abs() < 2**53).fill_null(value=False)
        return series.cast(polars.String).zip_with(~whole, series.cast(polars.Int64, strict=False).cast(polars.String))
    text = series.cast(polars.String).str.strip_chars()
    return text.set(text == "", None)


def learn_columns(
    rows: Rows, names: Sequence[str], categorical: Sequence[str], *, skip_broken: bool
) -> tuple[tuple[Column, ...], Rows, tuple[Finding, ...]]:
    """What the columns of a table are, by the values in it.

    Args:
        rows: The table.
        names: The columns to learn from.
        categorical: Those whose numbers are names.
        skip_broken: Whether rows with missing or unreadable values are left out rather than refused.

    Returns:
        The columns, the rows whose values are all there, and what a person should know.

    Raises:
        WorkbenchError: A column cannot be used, or values are missing.
    """
    kinds = {name: name not in categorical and _holds_numbers(rows, name) for name in names}
    kept, notes = _whole(rows, {name: _gaps(rows, name, numeric=kind) for name, kind in kinds.items()}, skip_broken)
    columns = tuple(Column(name, None if kinds[name] else _categories(kept, name)) for name in names)
    same = [column.name for column in columns if kept.frame[column.name].n_unique() == 1]
    if same and len(kept) > 1:
        title = f"The same in every row, so that nothing can be learned from it: {', '.join(same[:5])}."
        notes += (Finding(level="ok", title=title),)
    return columns, kept, notes


def whole_rows(rows: Rows, columns: Sequence[Column], *, skip_broken: bool) -> tuple[Rows, tuple[Finding, ...]]:
    """The rows of another table with a value in each of these columns.

    Raises:
        WorkbenchError: A column is not there, or values are missing.
    """
    absent = [column.name for column in columns if column.name not in rows.frame.columns]
    if absent:
        raise WorkbenchError(
            f"{rows.name} has no column “{absent[0]}”, which the training data has.",
            "Give held-out rows with the same columns.",
            f"Missing: {', '.join(absent)}",
        )
    gaps = {column.name: _gaps(rows, column.name, numeric=column.categories is None) for column in columns}
    return _whole(rows, gaps, skip_broken)


def encode(rows: Rows, columns: Sequence[Column]) -> tuple[Tensor, tuple[Finding, ...]]:
    """Rows as float32 [N, F]; a category that no column knows has a 1 nowhere, and a note says so.

    Raises:
        WorkbenchError: There would be too many numbers.
    """
    import polars

    width = sum(len(column.features) for column in columns)
    if len(rows) * width * 4 > _MOST_BYTES:
        raise WorkbenchError(
            f"{rows.name}: {len(rows):,} rows with {width:,} features take more than {_MOST_BYTES >> 30} GiB.",
            "Leave out columns with many categories.",
        )
    features_NF = np.zeros((len(rows), width), np.float32)
    notes, place = [], 0
    for column in columns:
        series = rows.frame[column.name]
        if column.categories is None:
            features_NF[:, place] = numbers_in(series, comma=rows.comma)[0].to_numpy()
        else:
            known = texts_in(series).cast(polars.Enum(column.categories), strict=False)
            codes_N = known.to_physical().cast(polars.Int64).fill_null(-1).to_numpy()
            given_N = np.flatnonzero(codes_N >= 0)
            features_NF[given_N, place + codes_N[given_N]] = 1
            notes += _unknown(rows, column, known.is_null())
        place += len(column.features)
    return torch.from_numpy(features_NF), tuple(notes)


def _unknown(rows: Rows, column: Column, unknown: "polars.Series") -> list[Finding]:
    count = int(unknown.sum())
    if not count:
        return []
    values = sorted(set(texts_in(rows.frame[column.name].filter(unknown)).head(1000).to_list()))[:3]
    return [
        Finding(
            level="warning",
            title=f"{rows.name}: {count:,} rows have a “{column.name}” that the training data never has, "
            f"such as “{values[0]}”.",
            fix="They are read as none of the known ones; give training rows with them.",
        )
    ]


def _holds_numbers(rows: Rows, name: str) -> bool:
    import polars

    series = rows.frame[name]
    if "=" in name:
        raise WorkbenchError(
            f"{rows.name}: the column “{name}” has a “=” in its name, which stands between column and category.",
            "Give it another name.",
        )
    if series.dtype.is_temporal():
        raise _dates(rows, name)
    if series.dtype.is_nested() or series.dtype in (polars.Binary, polars.Object):
        raise WorkbenchError(
            f"{rows.name}: the column “{name}” holds {series.dtype}, neither numbers nor words.",
            "Leave it out: name the others in data.columns.",
        )
    if series.dtype.is_numeric() or series.dtype == polars.Boolean:
        return bool(series.dtype.is_numeric())
    numbers, unreadable = numbers_in(series, comma=rows.comma)
    # Infinity and numbers beyond float32 are mistakes in a column of numbers, and no names.
    numeric = int(numbers.is_not_nan().fill_null(value=False).sum())
    words = int((unreadable & numbers.is_null()).sum())
    if numeric and numeric >= _MOSTLY * (numeric + words):
        return True
    given = texts_in(series).drop_nulls()
    if len(given) and bool(given.str.contains(_DATES).all()):
        raise _dates(rows, name)
    return False


def _dates(rows: Rows, name: str) -> WorkbenchError:
    return WorkbenchError(
        f"{rows.name}: the column “{name}” holds dates or times, which no model here reads.",
        "Turn them into numbers, such as days since a first day, or leave the column out: "
        "name the others in data.columns.",
    )


def _gaps(rows: Rows, name: str, *, numeric: bool) -> "polars.Series":
    """Where a column has no value that can be read."""
    if not numeric:
        return texts_in(rows.frame[name]).is_null()
    numbers, unreadable = numbers_in(rows.frame[name], comma=rows.comma)
    return numbers.is_null() | numbers.is_nan().fill_null(value=True) | unreadable


def _whole(rows: Rows, gaps: dict[str, "polars.Series"], skip_broken: bool) -> tuple[Rows, tuple[Finding, ...]]:
    """The rows without gaps, refused or noted where there are any; ragged rows were left out before."""
    broken = {name: flags for name, flags in gaps.items() if flags.any()}
    words = [_gap_in_words(rows, name, flags) for name, flags in broken.items()]
    if words and not skip_broken:
        more = f" {len(words) - 1} more columns have gaps." if len(words) > 1 else ""
        raise WorkbenchError(f"{rows.name}: {words[0]}.{more}", _MEND, "\n".join(words))
    kept = rows
    if broken:
        whole = ~next(iter(broken.values()))
        for flags in broken.values():
            whole &= ~flags
        kept = rows.keep(whole)
    out = len(rows) - len(kept) + rows.broken
    if not len(kept):
        raise WorkbenchError(f"{rows.name}: no row has a value in every column.", _MEND, "\n".join(words))
    if not out:
        return kept, ()
    ragged = [f"{rows.broken:,} have too many or too few values"] if rows.broken else []
    title = (
        f"{rows.name}: {out:,} of {len(rows) + rows.broken:,} rows were left out: {'; '.join([*ragged, *words][:3])}."
    )
    return kept, (Finding(level="warning", title=title, fix="Mend the file to learn from them too."),)


def _gap_in_words(rows: Rows, name: str, flags: "polars.Series") -> str:
    from itertools import islice

    texts = islice((value for value in texts_in(rows.frame[name].filter(flags).head(100)).to_list() if value), 1)
    example = next((f", such as “{value[:40]}”" for value in texts), "")
    return (
        f"the column “{name}” is missing or unreadable in {int(flags.sum()):,} of {len(rows):,} rows"
        f"{example} ({rows.where(flags)})"
    )


def _categories(rows: Rows, name: str) -> tuple[str, ...]:
    found = texts_in(rows.frame[name]).unique().to_list()
    if len(found) > _MOST_CATEGORIES:
        raise WorkbenchError(
            f"{rows.name}: the column “{name}” has {len(found):,} different values, such as “{str(found[0])[:40]}”; "
            f"at most {_MOST_CATEGORIES:,} categories are read.",
            "Leave it out: name the others in data.columns. Texts are read by the data kind “text”.",
        )
    return tuple(in_order(found))


def in_order(names: Iterable[str]) -> list[str]:
    """Sorted, numbers by their size."""
    names = list(names)
    try:
        return sorted(names, key=lambda name: (float(name), name))
    except ValueError:
        return sorted(names)
