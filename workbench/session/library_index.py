"""What runs said when they were last listed, so that a list need not open a thousand databases; safe to delete."""

import json
import math
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeAlias

from workbench.event_records import typed
from workbench.session.stored import checked_fact

INDEX_FILE = "library.sqlite"
# Raise it when a record holds something else: older indexes are made anew.
_FORMAT = 2
# File systems keep times coarsely: what was written just now may change again and bear the same time.
_SURE_AFTER_NS = 2_000_000_000
# Held by another process, or the folder cannot be read or written: nothing is wrong with the file.
_OUT_OF_REACH = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR")

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
        except sqlite3.Error as error:
            if not getattr(error, "sqlite_errorname", "").startswith(_OUT_OF_REACH):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
            return {}
        found = {}
        for name, signature, record in rows:
            # What is damaged is read from the run again.
            with suppress(ValueError, TypeError, RecursionError):
                found[name] = (typed(signature, str, "signature"), _checked(json.loads(record)))
        return found

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


def _checked(record: Any) -> Record:
    found = {name: checked_fact(name, value) for name, value in typed(record, dict[str, Any], "record").items()}
    if not all(map(math.isfinite, typed(found.get("sparkline"), list[float], "sparkline"))):
        raise ValueError("sparkline is not finite")
    return {**found, "damage": []}


def signature_of(database_file: Path) -> str:
    """Names the state of a run's database and recipe; "" while they may still change without another signature."""
    log, recipe = (database_file.with_name(name) for name in (f"{database_file.name}-wal", "recipe.toml"))
    states = [_state_of(path) for path in (database_file, log, recipe)]
    if time.time_ns() - max(changed for changed, _ in states) < _SURE_AFTER_NS:
        return ""
    return " ".join(f"{changed} {size}" for changed, size in states)


def _state_of(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    # Reading a database that nobody writes may leave an empty log behind.
    return (state.st_mtime_ns, state.st_size) if state.st_size else (0, 0)
