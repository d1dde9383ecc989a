"""What runs said when they were last listed, so that a list need not open a thousand databases; safe to delete."""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeAlias

from workbench.writing import disk_errors

INDEX_FILE = "library.sqlite"
# Raise it when a record holds something else: older indexes are made anew.
_FORMAT = 1
# File systems keep times coarsely: what was written just now may change again and bear the same time.
_SURE_AFTER_NS = 2_000_000_000

Record: TypeAlias = dict[str, Any]


class LibraryIndex:
    """One table in the runs folder; whatever goes wrong with it, the list only takes longer."""

    def __init__(self, runs_folder: Path) -> None:
        self._path = runs_folder / INDEX_FILE

    def read(self) -> dict[str, tuple[str, Record]]:
        """Signature and record by the name of the run folder; empty where there is no index."""
        try:
            with closing(self._connection()) as connection:
                rows = connection.execute("SELECT name, signature, record FROM runs").fetchall()
            return {name: (signature, json.loads(record)) for name, signature, record in rows}
        except sqlite3.OperationalError:
            # Held by another process, or the folder cannot be written.
            return {}
        except (sqlite3.DatabaseError, ValueError):
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            return {}

    def keep(self, read: Mapping[str, tuple[str, Record]], gone: Iterable[str]) -> None:
        """Remember what was read, and forget the runs that are gone."""
        rows = [(name, signature, json.dumps(record)) for name, (signature, record) in read.items()]
        lost = [(name,) for name in gone]
        if not rows and not lost:
            return
        with suppress(sqlite3.Error), closing(self._connection()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)
            connection.executemany("DELETE FROM runs WHERE name = ?", lost)

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=1)
        try:
            # It can be made again at any time, so nothing waits for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            if connection.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
                connection.execute("DROP TABLE IF EXISTS runs")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
            connection.execute("CREATE TABLE IF NOT EXISTS runs (name TEXT PRIMARY KEY, signature TEXT, record TEXT)")
        except BaseException:
            connection.close()
            raise
        return connection


def signature_of(database_file: Path) -> str:
    """Names the state of a run's database; "" while it may still change without another signature.

    Raises:
        WorkbenchError: The file is gone.
    """
    with disk_errors(database_file):
        main = database_file.stat()
    try:
        log = database_file.with_name(f"{database_file.name}-wal").stat()
        # Reading a database that nobody writes may leave an empty log behind.
        log_state = (log.st_mtime_ns, log.st_size) if log.st_size else (0, 0)
    except OSError:
        log_state = (0, 0)
    if time.time_ns() - max(main.st_mtime_ns, log_state[0]) < _SURE_AFTER_NS:
        return ""
    return f"{main.st_mtime_ns} {main.st_size} {log_state[0]} {log_state[1]}"
