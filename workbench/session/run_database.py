"""The memory of one run in SQLite: metrics, events, the journal of control changes, and what is known of it."""

import errno
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from workbench.event_records import as_record
from workbench.events import ControlChanged, Event
from workbench.session.controls import JournalEntry
from workbench.session.metric_log import COLUMNS
from workbench.writing import disk_error, disk_errors

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics ({", ".join(f"{name} REAL" for name in COLUMNS)}, PRIMARY KEY (step));
CREATE TABLE IF NOT EXISTS events (step INTEGER, kind TEXT, part TEXT, body TEXT, PRIMARY KEY (step, kind, part));
CREATE TABLE IF NOT EXISTS journal (step INTEGER, name TEXT, value TEXT, PRIMARY KEY (step, name)) WITHOUT ROWID;
"""
# Enough to calm the noise of single batches in a small curve.
_MEAN_OF = 32


class RunDatabase:
    """One connection; every thread opens its own. Every method may raise WorkbenchError when the disk refuses."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        with _database_errors(path):
            target = f"file:{_quoted(path)}?mode={'ro' if read_only else 'rwc'}"
            self._connection = sqlite3.connect(target, uri=True, timeout=10)
            if not read_only:
                # Readers never wait for the writer, and a killed process leaves a whole database.
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.executescript(_SCHEMA)

    def copy_to(self, path: Path) -> None:
        """Write all of it into another database, also where the file itself was deleted or moved meanwhile."""
        with _database_errors(path), closing(sqlite3.connect(path)) as other:
            self._connection.backup(other)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> "RunDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def know(self, **facts: Any) -> None:
        """Remember plain values by name."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        with _database_errors(self.path), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def facts(self) -> dict[str, Any]:
        """Everything remembered by name."""
        with _database_errors(self.path):
            return {name: json.loads(value) for name, value in self._connection.execute("SELECT * FROM facts")}

    def add_metrics(self, rows: Iterable[tuple[float, ...]]) -> None:
        """Add rows in the order of `COLUMNS`; a step that was there is replaced."""
        places = ", ".join("?" for _ in COLUMNS)
        with _database_errors(self.path), self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO metrics VALUES ({places})", rows)  # noqa: S608

    def metrics(self) -> list[tuple[float, ...]]:
        """All rows by step, in the order of `COLUMNS`."""
        with _database_errors(self.path):
            return self._connection.execute("SELECT * FROM metrics ORDER BY step").fetchall()

    def seconds(self) -> float:
        """Training time up to the newest step; 0 before the first."""
        with _database_errors(self.path):
            row = self._connection.execute("SELECT seconds FROM metrics ORDER BY step DESC LIMIT 1").fetchone()
        return float(row[0] or 0.0) if row else 0.0

    def loss_curve(self, points: int) -> list[float]:
        """The course of the total loss in at most so many means; its cost does not grow with the run's length."""
        mean = "SELECT avg(total) FROM (SELECT total FROM metrics WHERE step > ? AND step <= ? ORDER BY step LIMIT ?)"
        with _database_errors(self.path):
            first, last = self._connection.execute("SELECT min(step), max(step) FROM metrics").fetchone()
            if first is None:
                return []
            edges = [first - 1 + (last - first + 1) * place / points for place in range(points + 1)]
            means = [self._connection.execute(mean, (*pair, _MEAN_OF)).fetchone()[0] for pair in pairwise(edges)]
        return [value for value in means if value is not None and math.isfinite(value)]

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
        wanted = [f"kind IN ({', '.join('?' for _ in kinds)})"] if kinds else []
        last = "SELECT rowid FROM events WHERE kind = ? ORDER BY step DESC, rowid DESC LIMIT 1"
        wanted += [f"(kind <> ? OR rowid = ({last}))" for _ in newest]
        query = f"SELECT kind, body FROM events {'WHERE' if wanted else ''} {' AND '.join(wanted)} ORDER BY step, rowid"  # noqa: S608
        values = [*kinds, *(kind for kind in newest for _ in range(2))]
        with _database_errors(self.path):
            rows = self._connection.execute(query, values).fetchall()
        return [{"event": kind, **json.loads(body)} for kind, body in rows]

    def steps_of(self, kind: str) -> list[int]:
        """After which steps events of a kind were said, each once."""
        query = "SELECT DISTINCT step FROM events WHERE kind = ? ORDER BY step"
        with _database_errors(self.path):
            return [step for (step,) in self._connection.execute(query, (kind,))]

    def event_at(self, kind: str, step: int) -> dict[str, Any] | None:
        """The event of a kind after a step, with its kind under "event"; None where there is none."""
        query = "SELECT body FROM events WHERE kind = ? AND step = ? ORDER BY rowid DESC LIMIT 1"
        with _database_errors(self.path):
            row = self._connection.execute(query, (kind, step)).fetchone()
        return {"event": kind, **json.loads(row[0])} if row else None

    def journal(self) -> list[JournalEntry]:
        """The control changes by step."""
        with _database_errors(self.path):
            rows = self._connection.execute("SELECT step, name, value FROM journal ORDER BY step, name").fetchall()
        return [(step, name, _plain(json.loads(value))) for step, name, value in rows]

    def plan_journal(self, entries: Iterable[JournalEntry]) -> None:
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
def _database_errors(path: Path) -> Iterator[None]:
    """As `disk_errors`, for what SQLite says of the disk."""
    with disk_errors(path):
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            code = errno.ENOSPC if "full" in text else errno.EROFS if "readonly" in text else None
            raise disk_error(path, code, text) from error


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _quoted(path: Path) -> str:
    """A path for a SQLite URI, where ?, # and % mean something else."""
    return path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
