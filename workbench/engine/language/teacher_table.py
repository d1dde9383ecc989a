"""What a teacher wrote as a Parquet table that a person can open, edit and use again."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.engine.language.teacher_text import Written
from workbench.errors import WorkbenchError
from workbench.writing import write_atomically

_COLUMNS = ("prompt", "answer", "sample", "response", "ending", "writer", "kept", "reason")


def keep_table(written: Sequence[Written], path: Path) -> None:
    """Write answers as a Parquet table. Raises WorkbenchError."""
    import io

    import polars

    buffer = io.BytesIO()
    rows = [asdict(each) for each in written]
    polars.DataFrame(rows, schema=_schema()).write_parquet(buffer)
    write_atomically(path, buffer.getvalue())


def read_table(path: Path) -> list[Written]:
    """Answers from a table, as they were kept or as a person has edited them.

    Raises:
        WorkbenchError: It is no such table, or a prompt in it is no conversation.
    """
    import polars

    try:
        frame = polars.read_parquet(path)
    except Exception as error:
        # The library's own errors, and those of the system.
        raise WorkbenchError(f"{path} cannot be read as a Parquet table: {error}.") from None
    missing = [name for name in ("prompt", "response") if name not in frame.columns]
    if missing:
        raise WorkbenchError(
            f"{path} has no column “{missing[0]}”; it has: {', '.join(frame.columns[:20]) or 'none'}.",
            "A table of teacher-written text has at least the columns prompt and response.",
        )
    defaults = {"answer": "", "sample": 0, "ending": "stop", "writer": "a person", "kept": True, "reason": ""}
    known = [name for name in _COLUMNS if name in frame.columns]
    try:
        # A cell that a person left empty says no more than a column that is not there.
        rows = [Written(**{**defaults, **_filled(row)}) for row in frame.select(known).iter_rows(named=True)]
        for row in rows:
            _check(row)
    except (TypeError, ValueError, KeyError) as error:
        raise WorkbenchError(f"{path} holds an answer that cannot be read: {error}.") from None
    return rows


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    """Without the cells that a person left empty, which say no more than a column that is not there."""
    for name in ("prompt", "response"):
        if row[name] is None:
            raise ValueError(f"it has no {name}")
    return {name: value for name, value in row.items() if value is not None}


def _check(written: Written) -> None:
    if not isinstance(written.kept, bool):
        raise ValueError(f"kept is {written.kept!r}, and not true or false")
    for message in written.messages:
        if not all(isinstance(message[name], str) for name in ("role", "content")):
            raise ValueError(f"a message has no text: {str(message)[:80]}")


def _schema() -> dict[str, type]:
    return {name: {"sample": int, "kept": bool}.get(name, str) for name in _COLUMNS}
