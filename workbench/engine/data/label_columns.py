"""The column of labels: which one it is where nobody says, and its values as numbered classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from workbench.engine.data.columns import LARGEST, in_order, texts_in
from workbench.engine.data.reading_tables import Rows
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.events import Finding

if TYPE_CHECKING:
    import polars

_NAMES = (
    "label", "labels", "class", "classes", "target", "y", "category", "species", "diagnosis", "outcome", "sentiment",
    "intent", "topic", "answer", "result", "kind",
)  # fmt: skip
_FEW = 20
_LONGEST_NAME = 200
_MOST_CLASSES = 100_000


def guess_label(rows: Rows, taken: Sequence[str]) -> tuple[str, tuple[Finding, ...]]:
    """The column that is most likely the label.

    Args:
        rows: The table.
        taken: Columns that are known to be something else.

    Returns:
        Its name, and the sentence that says so.

    Raises:
        WorkbenchError: None looks like one.
    """
    names = [name for name in rows.frame.columns if name not in taken]
    known = {name.strip().lower(): name for name in reversed(names)}
    by_name = next((known[word] for word in _NAMES if word in known), None)
    found = by_name or next((name for name in reversed(names) if _has_few_values(rows, name)), None)
    if found is None:
        raise WorkbenchError(
            f"{rows.name}: no column looks like the label: none is named “label” or “class”, and none has few values.",
            "Name it in data.label.",
        )
    why = "by its name" if by_name else "since it has few different values"
    return found, (Finding(level="ok", title=f"The label is taken from the column “{found}”, {why}."),)


def _has_few_values(rows: Rows, name: str) -> bool:
    series = rows.frame[name]
    if series.dtype.is_nested() or series.dtype.is_temporal():
        return False
    return 2 <= series.n_unique() <= min(_FEW, max(len(rows) // 2, 2))


def labels_in(tables: Sequence[Rows], column: str, classes: tuple[str, ...]) -> tuple[tuple[str, ...], list[Tensor]]:
    """The values of a column as labels, the same class alike in every table.

    Args:
        tables: Training rows, and held-out ones where they are given.
        column: Its name.
        classes: Names in label order; () takes all there are, sorted, numbers by their size.

    Returns:
        The names, and int64 labels [N] of each table, `UNLABELLED` where the column is empty.

    Raises:
        WorkbenchError: The values are no classes, or some are not among `classes`.
    """
    named = [_names(rows, column) for rows in tables]
    names = classes or _all_names(tables[0], column, named)
    places = {name: place for place, name in enumerate(names)}
    given = {value for series in named for value in series.drop_nulls().unique().to_list()}
    if classes and not given & set(classes) and given <= {str(place) for place in range(len(classes))}:
        # The column counts the classes instead of naming them.
        places = {str(place): place for place in range(len(classes))}
    return names, [_numbered(rows, column, series, places) for rows, series in zip(tables, named, strict=True)]


def _names(rows: Rows, column: str) -> "polars.Series":
    series = rows.column(column, "label")
    if series.dtype.is_nested() or series.dtype.is_temporal():
        raise WorkbenchError(f"{rows.name}: the label column “{column}” holds {series.dtype}, no names of classes.")
    names = texts_in(series)
    odd = _odd_numbers(series, names)
    if odd.any():
        value = str(names.filter(odd)[0])
        raise WorkbenchError(
            f"{rows.name}: the label column “{column}” holds NaN, infinity or a number beyond all measure in "
            f"{rows.where(odd)}, such as “{value[:40]}”.",
            "Give each row the name or number of its class.",
        )
    long = (names.str.len_chars() > _LONGEST_NAME).fill_null(value=False)
    if long.any():
        longest = int(str(names.str.len_chars().max()))
        raise WorkbenchError(
            f"{rows.name}: the label column “{column}” has a name of {longest:,} letters in "
            f"{rows.where(long)}; at most {_LONGEST_NAME} are read.",
            "Name the column of the label in data.label.",
        )
    return names


def _odd_numbers(series: "polars.Series", names: "polars.Series") -> "polars.Series":
    """Where a label is a number that counts nothing: in a column of numbers, or in one of texts that are numbers."""
    import polars

    if series.dtype != polars.String and not series.dtype.is_float():
        return polars.Series([False] * len(series), dtype=polars.Boolean)
    numbers = names.cast(polars.Float64, strict=False)
    finite = numbers.is_finite().fill_null(value=False)
    odd = (numbers.is_not_null() & ~finite) | (finite & (numbers.abs() > LARGEST)).fill_null(value=False)
    # Where classes have names, “inf” may be one of them.
    named = int((numbers.is_null() & names.is_not_null()).sum())
    return odd if int(finite.sum()) > named else odd & False


def _all_names(rows: Rows, column: str, named: Sequence["polars.Series"]) -> tuple[str, ...]:
    found = {value for series in named for value in series.drop_nulls().unique().to_list()}
    count = sum(len(series) - series.null_count() for series in named)
    if len(found) > _MOST_CLASSES or (len(found) > _FEW and len(found) > count / 2):
        raise WorkbenchError(
            f"{rows.name}: the label column “{column}” has {len(found):,} different values in {count:,} rows; "
            "that is no small number of classes.",
            "Name the column of the label in data.label. Numbers to be predicted must be put into classes first.",
        )
    return tuple(in_order(found))


def _numbered(rows: Rows, column: str, names: "polars.Series", places: dict[str, int]) -> Tensor:
    import polars

    labels = names.replace_strict(places, default=None, return_dtype=polars.Int64)
    unknown = labels.is_null() & names.is_not_null()
    if unknown.any():
        value = str(names.filter(unknown)[0])
        raise WorkbenchError(
            f"{rows.name}: “{value}” in the label column “{column}” is none of the {len(places)} classes "
            f"({rows.where(unknown)}).",
            "List every class name in data.classes, or leave it empty.",
        )
    return torch.tensor(labels.fill_null(UNLABELLED).to_list(), dtype=torch.int64)


def unlabelled_notes(name: str, labels_N: Tensor) -> tuple[Finding, ...]:
    """A sentence for rows without a label, where there are any."""
    count = int((labels_N == UNLABELLED).sum())
    if not count:
        return ()
    title = f"{name}: {count:,} of {len(labels_N):,} rows have no label."
    return (Finding(level="warning", title=title, fix="They are learned from by the teacher's soft targets only."),)
