"""The window's log file, the last lines of it in memory, and a file that Python writes to when it crashes."""

import faulthandler
import logging
import sys
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from workbench.errors import WorkbenchError

LOG = logging.getLogger("workbench")
_LARGEST = 1_000_000
_KEPT_FILES = 3
_TAIL_LINES = 200
_CRASH_CHARACTERS = 20_000
# Windows also writes of exceptions that were dealt with; only these words end a process.
_CRASHED = "Fatal Python error"
_FORMAT = "%(asctime)s %(levelname)-8s %(threadName)s %(name)s: %(message)s"


class Logbook:
    """What a program without a terminal says, kept on disk: `window.log`, 1 MB, and three older ones.

    Attributes:
        folder: Where the files lie.
        last_crash: What Python wrote when an earlier window crashed; empty when none did.
        refusal: Why nothing can be written there, in words; None when it can.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last_crash = ""
        self.refusal: WorkbenchError | None = None
        self._lines: deque[str] = deque(maxlen=_TAIL_LINES)
        self._handlers: list[logging.Handler] = []
        self._level = LOG.level
        self._crash_file: TextIO | None = None
        self._had_faulthandler = False

    @property
    def file(self) -> Path:
        """The log file."""
        return self.folder / "window.log"

    @property
    def crash_file(self) -> Path:
        """Where Python leaves the stack of every thread when the process crashes."""
        return self.folder / "crash.log"

    def tail(self) -> str:
        """The last lines, from memory."""
        return "\n".join(self._lines)

    def open(self) -> None:
        """Begin to write; a folder that refuses is told in `refusal`, and the lines in memory are still there."""
        self._add(_Tail(self._lines))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Written at once and not through a queue: the lines before a crash are the ones that matter.
            file = RotatingFileHandler(self.file, maxBytes=_LARGEST, backupCount=_KEPT_FILES, encoding="utf-8")
            self._add(file)
            self._watch_for_crashes()
        except OSError as error:
            self.refusal = WorkbenchError(
                f"The log cannot be written to {self.folder}: {error.strerror or error}.",
                "The window goes on without one. Make room there or make the folder writable, and start again.",
            )
        LOG.setLevel(logging.DEBUG)
        logging.captureWarnings(True)

    def close(self) -> None:
        """Write no more, and leave Python as it was."""
        logging.captureWarnings(False)
        LOG.setLevel(self._level)
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        self._handlers.clear()
        if self._crash_file is not None:
            faulthandler.disable()
            if self._had_faulthandler and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)
            self._crash_file.close()
            self._crash_file = None

    def _add(self, handler: logging.Handler) -> None:
        handler.setFormatter(logging.Formatter(_FORMAT))
        logging.getLogger().addHandler(handler)
        self._handlers.append(handler)

    def _watch_for_crashes(self) -> None:
        if self.crash_file.is_file():
            said = self.crash_file.read_text(encoding="utf-8", errors="replace")
            self.last_crash = said[-_CRASH_CHARACTERS:] if _CRASHED in said else ""
        self._had_faulthandler = faulthandler.is_enabled()
        # Begun anew: a crash is told once.
        self._crash_file = self.crash_file.open("w", encoding="utf-8")
        faulthandler.enable(self._crash_file, all_threads=True)


class _Tail(logging.Handler):
    """Keeps lines in memory, so that a report needs no disk."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))
