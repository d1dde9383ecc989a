"""The memory of one run in SQLite: metrics, events, the journal of control changes, and what is known of it."""

import errno
import json
import math
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.event_records import as_record
from workbench.events import ControlChanged, Event, StepMetrics
from workbench.session.database_files import database_problem
from workbench.session.stored import RESTORE, Facts, damaged, journal_entry, stored_event, stored_record
from workbench.writing import disk_error, disk_errors

if TYPE_CHECKING:
    # A list of runs needs no numpy, and it takes a tenth of a second to load.
    import numpy as np
    from numpy.typing import NDArray

    from workbench.session.controls import JournalEntry

_Value = TypeVar("_Value")
COLUMNS = (*(part.name for part in fields(StepMetrics)), "seconds")
# Losses may be no numbers, the rest is always one.
_FINITE = [place for place, name in enumerate(COLUMNS) if name not in ("total", "soft", "hard")]
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics ({", ".join(f"{name} REAL" for name in COLUMNS)}, PRIMARY KEY (step));
CREATE TABLE IF NOT EXISTS events (step INTEGER, kind TEXT, part TEXT, body TEXT, PRIMARY KEY (step, kind, part));
CREATE TABLE IF NOT EXISTS journal (step INTEGER, name TEXT, value TEXT, PRIMARY KEY (step, name)) WITHOUT ROWID;
"""
# Enough to calm the noise of single batches in a small curve.
_MEAN_OF = 32
# Larger than any step; text and blobs sort after numbers.
_NO_STEP = 2.0**31
_LOSS_CURVE = f"""
WITH RECURSIVE
    ends (low, high) AS (SELECT min(step) - 1, max(step) FROM metrics WHERE step < {_NO_STEP}),
    places (place) AS (SELECT 0.0 UNION ALL SELECT place + 1 FROM places WHERE place + 1 < :points)
SELECT (
    SELECT avg(total) FROM (
        SELECT total FROM metrics
        WHERE step > low + (high - low) * place / :points AND step <= low + (high - low) * (place + 1) / :points
        ORDER BY step LIMIT :mean_of
    )
) FROM places, ends
"""  # noqa: S608 - no value of a person's
# Turning so many rows into numbers holds the other threads up for a few milliseconds.
_PIECE = 2000
# What SQLite says where it may not make the index of a write-ahead log.
_NO_LOG = ("SQLITE_CANTOPEN", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_DIRECTORY")
_LOCKED = "Close what has it open, such as a database viewer or a backup, then try again."


class RunDatabase:
    """One connection; every thread opens its own. Every method may raise WorkbenchError when the disk refuses.

    Attributes:
        damage: What `events`, `typed_events` and `metric_pieces` found damaged and left out, a sentence each.
    """

    def __init__(self, path: Path, *, read_only: bool = False, wait: float = 10) -> None:
        """Open a file, or make it where it is to be written and is not there.

        Args:
            path: The file.
            read_only: Nothing is written.
            wait: Seconds to wait where another program has locked it.
        """
        self.path = path
        self.damage: list[str] = []
        self._copied: tempfile.TemporaryDirectory[str] | None = None
        with _database_errors(path):
            self._connection = self._for_reading(wait) if read_only else self._for_writing(wait)

    def _for_writing(self, wait: float) -> sqlite3.Connection:
        # SQLite would take an empty file for a new database, and nobody would miss what the run had.
        if self.path.is_file() and not self.path.stat().st_size:
            raise damaged(self.path, f"It {database_problem(self.path)}.")
        with _closed_on_error(_connection(self.path, "rwc", wait)) as connection:
            _refuse_programs(self.path, connection)
            # Readers never wait for the writer, and a killed process leaves a whole database.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
        return connection

    def _for_reading(self, wait: float) -> sqlite3.Connection:
        try:
            with _closed_on_error(_connection(self.path, "ro", wait)) as connection:
                _refuse_programs(self.path, connection)
        except sqlite3.OperationalError as error:
            if database_problem(self.path) or error.sqlite_errorname not in _NO_LOG:
                raise
            # SQLite reads a write-ahead log only where it may make a file beside it.
            self._copied = tempfile.TemporaryDirectory()
            for part in self.path.parent.glob(f"{self.path.name}*"):
                if part.is_file() and not part.name.endswith("-shm"):
                    shutil.copyfile(part, Path(self._copied.name) / part.name)
            with _closed_on_error(_connection(Path(self._copied.name) / self.path.name, "rw", wait)) as connection:
                _refuse_programs(self.path, connection)
        return connection

    def copy_to(self, path: Path) -> None:
        """Write all of it into another database, also where the file itself was deleted or moved meanwhile."""
        with _database_errors(path), closing(sqlite3.connect(path)) as other:
            self._connection.backup(other)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        if self._copied is not None:
            self._copied.cleanup()

    def __enter__(self) -> "RunDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def know(self, **facts: Any) -> None:
        """Remember plain values by name."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        with _database_errors(self.path), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def facts(self) -> Facts:
        """Everything remembered by name."""
        with _database_errors(self.path):
            return Facts(self.path, self._connection.execute("SELECT name, value FROM facts"))

    def add_metrics(self, rows: Iterable[tuple[float, ...]]) -> None:
        """Add rows in the order of `COLUMNS`; a step that was there is replaced."""
        places = ", ".join("?" for _ in COLUMNS)
        with _database_errors(self.path), self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO metrics VALUES ({places})", rows)  # noqa: S608

    def metrics(self) -> list[tuple[float, ...]]:
        """All rows by step, in the order of `COLUMNS`. Raises WorkbenchError where a row is damaged."""
        rows = [tuple(row) for piece in self.metric_pieces() for row in piece.tolist()]
        if self.damage:
            raise damaged(self.path, " ".join(self.damage))
        return rows

    def metric_pieces(self, after: float = -math.inf) -> "Generator[NDArray[np.float64], None, None]":
        """Rows after a step, by step, some thousands at a time, in the order of `COLUMNS`; NaN where a loss was.

        Other threads get their turn between the pieces: a million rows take seconds.
        """
        query = f"SELECT {', '.join(COLUMNS)} FROM metrics WHERE step > ? OR step IS NULL ORDER BY step"  # noqa: S608
        with self._leaving_out_damage("metrics"):
            cursor = self._connection.execute(query, (after,))
            lost = 0
            while rows := cursor.fetchmany(_PIECE):
                piece = _numbers(rows, after)
                lost += len(rows) - len(piece)
                if len(piece):
                    after = float(piece[-1, 0])
                    yield piece
            if lost:
                self.damage.append(f"The table “metrics” has {lost:,} rows that are no numbers of a step.")

    def seconds(self) -> float:
        """Training time up to the newest step; 0 before the first."""
        query = "SELECT seconds FROM metrics WHERE step < ? ORDER BY step DESC LIMIT 1"
        with _database_errors(self.path):
            row = self._connection.execute(query, (_NO_STEP,)).fetchone()
        return row[0] if row and isinstance(row[0], float) and 0 <= row[0] < math.inf else 0.0

    def loss_curve(self, points: int) -> list[float]:
        """The course of the total loss in at most so many means; its cost does not grow with the run's length."""
        with _database_errors(self.path):
            means = self._connection.execute(_LOSS_CURVE, {"points": points, "mean_of": _MEAN_OF}).fetchall()
        return [value for (value,) in means if value is not None and math.isfinite(value)]

    def add_event(self, *events: Event) -> None:
        """Remember events in one transaction; a control change also goes into the journal."""
        with _database_errors(self.path), self._connection:
            for event in events:
                record = as_record(event)
                kind = record.pop("event")
                names = (record.get(name) for name in ("note", "subject", "name", "title", "path"))
                part = str(next((name for name in names if name), ""))
                row = (event.step, kind, part, json.dumps(record))
                self._connection.execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?)", row)
                if isinstance(event, ControlChanged):
                    entry = (event.step, event.name, json.dumps(event.new))
                    self._connection.execute("INSERT OR REPLACE INTO journal VALUES (?, ?, ?)", entry)

    def events(self, *kinds: str, newest: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Remembered events in order, with their kind under "event".

        Args:
            kinds: Of these, or of all.
            newest: Kinds of which only the last one is wanted.
        """
        return self._read_events(kinds, newest, stored_record)

    def typed_events(self, *kinds: str, newest: Sequence[str] = ()) -> list[Event]:
        """The same as the values they were."""
        return self._read_events(kinds, newest, stored_event)

    def _read_events(
        self, kinds: Sequence[str], newest: Sequence[str], read: Callable[[Any, Any], _Value]
    ) -> list[_Value]:
        wanted = [f"kind IN ({', '.join('?' for _ in kinds)})"] if kinds else []
        last = "SELECT rowid FROM events WHERE kind = ? ORDER BY step DESC, rowid DESC LIMIT 1"
        wanted += [f"(kind IS NOT ? OR rowid = ({last}))" for _ in newest]
        query = f"SELECT kind, body FROM events {'WHERE' if wanted else ''} {' AND '.join(wanted)} ORDER BY step, rowid"  # noqa: S608
        values = [*kinds, *(kind for kind in newest for _ in range(2))]
        found, problems = list[_Value](), list[ValueError]()
        with self._leaving_out_damage("events"):
            for kind, body in self._connection.execute(query, values):
                try:
                    found.append(read(kind, body))
                except ValueError as error:
                    problems.append(error)
        if problems:
            count = "An event was" if len(problems) == 1 else f"{len(problems):,} events were"
            self.damage.append(f"{count} left out: {problems[0]}.")
        return found

    def steps_of(self, kind: str) -> list[int]:
        """After which steps there are events of a kind, each once."""
        query = "SELECT DISTINCT step FROM events WHERE kind = ? AND typeof(step) = 'integer' ORDER BY step"
        with _database_errors(self.path):
            return [step for (step,) in self._connection.execute(query, (kind,))]

    def event_at(self, kind: str, step: int) -> Event | None:
        """The event of a kind after a step; None where there is none."""
        query = "SELECT body FROM events WHERE kind = ? AND step = ? ORDER BY rowid DESC LIMIT 1"
        with self._checked():
            row = self._connection.execute(query, (kind, step)).fetchone()
            return stored_event(kind, row[0]) if row else None

    def journal(self) -> "list[JournalEntry]":
        """The control changes by step."""
        with self._checked():
            rows = self._connection.execute("SELECT step, name, value FROM journal ORDER BY step, name")
            return [journal_entry(*row) for row in rows]

    def plan_journal(self, entries: "Iterable[JournalEntry]") -> None:
        """Put control changes into the journal before the run, to be replayed at their steps."""
        rows = [(step, name, json.dumps(value)) for step, name, value in entries]
        with _database_errors(self.path), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO journal VALUES (?, ?, ?)", rows)

    def forget_after(self, step: int) -> None:
        """Drop what was measured after a checkpoint, and how the run ended: it will be done again.

        The journal stays: the changes a person made are part of the run.
        """
        with _database_errors(self.path), self._connection:
            self._connection.execute("DELETE FROM metrics WHERE step > ?", (step,))
            self._connection.execute("DELETE FROM events WHERE step > ? OR kind IN ('Finished', 'Failed')", (step,))

    @contextmanager
    def _checked(self) -> Iterator[None]:
        """Damaged values as a WorkbenchError."""
        with _database_errors(self.path):
            try:
                yield
            except ValueError as error:
                raise damaged(self.path, f"{error}.") from None

    @contextmanager
    def _leaving_out_damage(self, table: str) -> Iterator[None]:
        """What SQLite cannot read goes into `damage`; what was read before it stays."""
        try:
            with _database_errors(self.path):
                yield
        except WorkbenchError as error:
            self.damage.append(f"The table “{table}” cannot be read to its end. {error.title}")


def _connection(path: Path, mode: str, wait: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{_quoted(path)}?mode={mode}", uri=True, timeout=wait)
    connection.text_factory = _text
    return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def _text(raw: bytes) -> str | bytes:
    """Text; what is none stays as it is, so that one damaged value does not keep all others from being read."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _refuse_programs(path: Path, connection: sqlite3.Connection) -> None:
    """Views and triggers compute, without an end if they like; no run has any."""
    kinds = {kind for (kind,) in connection.execute("SELECT type FROM sqlite_master")}
    if programs := kinds & {"view", "trigger"}:
        raise damaged(path, f"It holds a {' and a '.join(sorted(programs))}, which no run has.")


def _numbers(rows: list[tuple[Any, ...]], after: float) -> "NDArray[np.float64]":
    """The rows that hold numbers of a step after the one before."""
    import numpy as np

    try:
        piece = np.array(rows, dtype=np.float64)
    except (ValueError, TypeError):
        whole = [row for row in rows if all(value is None or isinstance(value, (int, float)) for value in row)]
        piece = np.array(whole, dtype=np.float64).reshape(-1, len(COLUMNS))
    steps = piece[:, 0]
    piece = piece[np.isfinite(piece[:, _FINITE]).all(axis=1) & (steps >= 0) & (steps < _NO_STEP)]
    rises: NDArray[np.float64] = piece[np.diff(piece[:, 0], prepend=after) > 0]
    return rises


@contextmanager
def _database_errors(path: Path) -> Iterator[None]:
    """As `disk_errors`, for what SQLite says of the disk and of its file."""
    with disk_errors(path):
        try:
            yield
        except sqlite3.Error as error:
            raise _in_words(path, str(error)) from error


def _in_words(path: Path, text: str) -> WorkbenchError:
    if "full" in text or "readonly" in text:
        return disk_error(path, errno.ENOSPC if "full" in text else errno.EROFS, text)
    if "locked" in text:
        return WorkbenchError(f"{path} is locked by another program.", _LOCKED)
    kind, _, name = text.removeprefix("no such ").partition(": ")
    lacks = f"lacks the {kind} “{name}”" if text.startswith("no such ") else ""
    problem = database_problem(path) or lacks or f"is damaged: SQLite reports “{text}”"
    return WorkbenchError(f"{path} {problem}.", RESTORE)


def _quoted(path: Path) -> str:
    """A path for a SQLite URI, where ?, # and % mean something else."""
    return path.absolute().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
