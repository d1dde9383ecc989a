"""Rows and columns from CSV, TSV, JSONL, Parquet and Arrow files, told by content; rows are named by line."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engine.data.columnar_sizes import LARGE, MOST_SQUEEZED, unpacked_bytes
from workbench.engine.data.delimited import delimited_rows
from workbench.engine.data.text_lines import lines_of, refuse_many
from workbench.engine.devices import refuse_beyond_memory
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

if TYPE_CHECKING:
    import polars

_MOST_COLUMNS = 10_000
_MOST_CELLS = 500_000_000
_CHUNK = 50_000
_MOST_NAMED = 5
_NOT_TABLES = {
    b"PK\x03\x04": "a zip archive, such as Excel writes: save it as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel file: save it as CSV in UTF-8",
    b"\x1f\x8b": "gzipped: unpack it first",
    b"FEA1": "in the first version of Feather: save it as Arrow or Parquet",
}


@dataclass(frozen=True)
class Rows:
    """A table as it is in its file.

    Attributes:
        name: The file, for messages.
        frame: Every column as its file has it; those of CSV and TSV are text.
        lines: Where each row begins: its line, or its number counted from 1.
        unit: What `lines` counts: "line" or "row".
        comma: Whether a number may have a decimal comma.
        broken: How many rows were left out because they have too many or too few values.
    """

    name: str
    frame: "polars.DataFrame"
    lines: "polars.Series"
    unit: str
    comma: bool = False
    broken: int = 0

    def __len__(self) -> int:
        return int(self.frame.height)

    def column(self, name: str, setting: str) -> "polars.Series":
        """A column by its name. Raises WorkbenchError, which names the recipe's setting."""
        if name not in self.frame.columns:
            known = ", ".join(self.frame.columns[:20])
            raise WorkbenchError(
                f"{self.name} has no column “{name}”; it has: {known}.", f"Name another in data.{setting}."
            )
        return self.frame[name]

    def keep(self, kept: "polars.Series") -> "Rows":
        """The rows where `kept` is true."""
        frame, lines = self.frame.filter(kept), self.lines.filter(kept)
        return Rows(self.name, frame, lines, self.unit, self.comma, self.broken)

    def where(self, flags: "polars.Series") -> str:
        """The first rows where `flags` is true, in words: "lines 3, 8 and 20"."""
        found = [f"{line:,}" for line in self.lines.filter(flags).head(_MOST_NAMED).to_list()]
        count = int(flags.sum())
        if count == 1:
            return f"{self.unit} {found[0]}"
        if count > len(found):
            return f"{self.unit}s {', '.join(found)}, …"
        return f"{self.unit}s {', '.join(found[:-1])} and {found[-1]}"


def read_rows(
    path: Path,
    *,
    skip_broken: bool,
    pulse: Callable[[str], None] = lambda _: None,
    most_cells: int | None = None,
) -> Rows:
    """All rows of a table.

    Args:
        path: The file.
        skip_broken: Whether rows with too many or too few values are left out rather than refused.
        pulse: Hears how far it is; what it raises ends reading.
        most_cells: Rows times columns from which on a Parquet or Arrow file is refused; None for the usual.

    Raises:
        WorkbenchError: It is no table that can be read, or it holds nothing.
    """
    refuse_unless_plain(path)
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    for magic, words in _NOT_TABLES.items():
        if start.startswith(magic):
            raise WorkbenchError(f"{path} is {words}.", "Tables are CSV, TSV, JSONL, Parquet or Arrow files.")
    if start.startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")):
        rows = _columnar(path, start, _MOST_CELLS if most_cells is None else most_cells)
    elif start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        rows = _json_lines(path, pulse)
    else:
        rows = _delimited(path, skip_broken=skip_broken, pulse=pulse)
    _refuse_odd(rows)
    return rows


def _refuse_odd(rows: Rows) -> None:
    names = rows.frame.columns
    if not len(rows):
        raise WorkbenchError(f"{rows.name} is empty: it has {len(names)} columns and no rows.")
    if len(names) > _MOST_COLUMNS:
        raise WorkbenchError(
            f"{rows.name} has {len(names):,} columns; at most {_MOST_COLUMNS:,} are read.",
            "Numbers that many belong into arrays: .npz or .safetensors.",
        )
    if any(not name.strip() for name in names):
        number = next(number for number, name in enumerate(names, start=1) if not name.strip())
        raise WorkbenchError(f"{rows.name}: column {number} of {len(names)} has no name.", "Give every column a name.")


# -- comma separated values


def _delimited(path: Path, *, skip_broken: bool, pulse: Callable[[str], None]) -> Rows:
    import polars

    found = delimited_rows(path)
    header = found.header
    if len(header) > _MOST_COLUMNS:
        raise WorkbenchError(f"{path} has {len(header):,} columns; at most {_MOST_COLUMNS:,} are read.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise WorkbenchError(
            f"{path} has the same name twice: column “{twice[0]}”.", "Give every column a name of its own."
        )
    schema = dict.fromkeys(header, polars.String)
    frames, lines = [polars.DataFrame(schema=schema)], list[int]()
    ragged: list[tuple[int, int]] = []
    chunk: list[list[str]] = []
    for line, row in found.rows:
        if len(row) != len(header):
            ragged.append((line, len(row)))
            continue
        chunk.append(row)
        lines.append(line)
        if len(chunk) == _CHUNK:
            pulse(f"Reading {path.name}: {len(lines):,} rows")
            frames.append(polars.DataFrame(chunk, schema=schema, orient="row"))
            chunk = []
    if ragged and not skip_broken:
        line, count = ragged[0]
        places = ", ".join(f"{place:,}" for place, _ in ragged[:_MOST_NAMED])
        raise WorkbenchError(
            f"{path}: {len(ragged):,} rows have another number of values than the {len(header)} columns, "
            f"the first has {count} in line {line:,}.",
            "Mend the file, or set data.skip_broken to leave such rows out.",
            f"Lines: {places}{', …' if len(ragged) > _MOST_NAMED else ''}",
        )
    frames.append(polars.DataFrame(chunk, schema=schema, orient="row"))
    frame = polars.concat(frames)
    return Rows(
        str(path), frame, polars.Series("line", lines, polars.Int64), "line", found.delimiter == ";", len(ragged)
    )


# -- JSON lines


def _json_lines(path: Path, pulse: Callable[[str], None]) -> Rows:
    import polars

    columns: dict[str, list[Any]] = {}
    lines: list[int] = []
    for number, text in lines_of(path):
        if not text.strip():
            continue
        for name, value in _json_row(path, number, text).items():
            if isinstance(value, list | dict):
                raise WorkbenchError(f"{path}, line {number:,}: “{name}” is a list or an object, not one value.")
            known = columns.setdefault(name, [])
            known += [None] * (len(lines) - len(known))
            known.append(value)
        lines.append(number)
        if len(columns) > _MOST_COLUMNS:
            raise WorkbenchError(f"{path} has more than {_MOST_COLUMNS:,} columns.")
        if len(lines) % _CHUNK == 0:
            pulse(f"Reading {path.name}: {len(lines):,} rows")
    series = [_json_column(name, values + [None] * (len(lines) - len(values))) for name, values in columns.items()]
    return Rows(str(path), polars.DataFrame(series), polars.Series("line", lines, polars.Int64), "line")


def _json_row(path: Path, number: int, text: str) -> dict[str, Any]:
    refuse_many(f"{path}, line {number:,}", text)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(
            f"{path}, line {number:,} is no JSON: {str(error)[:200]}.",
            'Every line holds one object, such as {"text": "…", "label": "…"}.',
        ) from None
    if not isinstance(row, dict):
        raise WorkbenchError(
            f"{path}, line {number:,} is a JSON {'list' if isinstance(row, list) else 'value'}, not an object.",
            'Save it as JSON lines: one object a line, such as {"text": "…", "label": "…"}.',
        )
    return row


def _json_column(name: str, values: list[Any]) -> "polars.Series":
    """Numbers where all are, truth where all is, else text."""
    import polars

    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        return polars.Series(name, [None if value is None else _as_float(value) for value in values], polars.Float64)
    if kinds == {bool}:
        return polars.Series(name, values, polars.Boolean)
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    # Half of a pair of surrogates is no character, and no column can hold it.
    clean = [None if value is None else value.encode("utf-8", "replace").decode() for value in texts]
    return polars.Series(name, clean, polars.String)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


# -- Parquet and Arrow


def _columnar(path: Path, start: bytes, most_cells: int) -> Rows:
    import polars

    try:
        frame = _frame_of(path, start, most_cells)
        _refuse_repeated_texts(path, frame)
    except (polars.exceptions.PolarsError, OSError, ValueError, MemoryError, polars.exceptions.PanicException) as error:
        kind = "Parquet" if start.startswith(b"PAR1") else "Arrow"
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise WorkbenchError(f"{path} cannot be read as {kind}: {reason}.", "Write the file again.") from None
    lines = polars.Series("row", range(1, frame.height + 1), polars.Int64)
    return Rows(str(path), frame, lines, "row")


def _frame_of(path: Path, start: bytes, most_cells: int) -> "polars.DataFrame":
    import polars

    needed = unpacked_bytes(path, is_parquet=start.startswith(b"PAR1"))
    refuse_beyond_memory(needed, str(path), "Split it into several files, or close other programs.")
    if start.startswith(b"\xff\xff\xff\xff"):
        return polars.read_ipc_stream(path)
    lazy = polars.scan_parquet(path, glob=False) if start.startswith(b"PAR1") else polars.scan_ipc(path, glob=False)
    names = lazy.collect_schema().names()
    # Asked before anything is unpacked: a few bytes can stand for any number of equal rows.
    count = int(lazy.select(polars.len()).collect().item())
    if count * len(names) > most_cells:
        raise ValueError(f"it says it holds {count:,} rows of {len(names):,} columns, more than can be read")
    return lazy.collect()


def _refuse_repeated_texts(path: Path, frame: "polars.DataFrame") -> None:
    """Refuse texts that a file holds once and names so often that they would not fit into memory one by one."""
    size = path.stat().st_size
    for series in frame:
        needed = _text_bytes(series)
        if needed > max(LARGE, MOST_SQUEEZED * size):
            raise ValueError(
                f"the texts of its column “{series.name}” are {needed / 2**20:,.0f} MiB, in a file of "
                f"{size / 2**20:,.1f} MiB"
            )


def _text_bytes(series: "polars.Series") -> int:
    """How long all texts in a column are together, also those in lists and records."""
    import polars

    kind = series.dtype
    if kind == polars.String:
        return int(series.str.len_bytes().sum() or 0)
    if kind == polars.Binary:
        return int(series.bin.size().sum() or 0)
    if kind in (polars.Categorical, polars.Enum):
        return int(series.cast(polars.String).str.len_bytes().sum() or 0)
    if isinstance(kind, polars.List | polars.Array):
        return _text_bytes(series.explode())
    if isinstance(kind, polars.Struct):
        return sum(_text_bytes(field) for field in series.struct.unnest())
    return 0
