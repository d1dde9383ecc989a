"""Whatever goes wrong on any thread ends here: in the log file, and in words for a person; never only on a terminal."""

import logging
import sys
import threading
import traceback
from collections import deque
from queue import SimpleQueue
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from workbench.errors import WorkbenchError
from workbench.gui.logbook import LOG, Logbook
from workbench.gui.opening_outside import open_outside
from workbench.session.places import log_folder
from workbench.session.runtime import versions_text

_HINT = "The window goes on. Save your recipe; if it happens again, please report it: Copy has everything needed."
# A storm of errors that nobody can read must not fill the memory; all of them are in the log.
_MOST_WAITING = 1000
_MOST_RECENT = 20
# Said by platforms about themselves, whatever a program does.
_HARMLESS = ("This plugin does not support", "propagateSizeHints", "Could not register app ID")
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Reporter(QObject):
    """Listens to Python, to Qt and to whoever reports; logs at once, tells the window on its own thread.

    Signals:
        reported: (WorkbenchError, times): what went wrong, and how often since it was told last.

    Attributes:
        logbook: The log file.
        recent: What was told lately, oldest first.
    """

    reported = Signal(object, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.logbook = Logbook(log_folder())
        self.recent: deque[WorkbenchError] = deque(maxlen=_MOST_RECENT)
        self._waiting: SimpleQueue[WorkbenchError] = SimpleQueue()
        self._logged = ("", "")
        self._is_telling = False
        self._is_installed = False

    def install(self) -> None:
        """Listen from now on. Connect `deliver` to the pump's `ticked` afterwards."""
        self._is_installed = True
        self.logbook.open()
        self._hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_on_thread
        sys.unraisablehook = self._unraisable
        self._qt_handler = qInstallMessageHandler(self._qt_said)
        LOG.info("The window opens.\n%s", versions_text())
        if self.logbook.refusal is not None:
            self.report(self.logbook.refusal)
        if self.logbook.last_crash:
            self.report(_of_crash(self.logbook.last_crash))

    def uninstall(self) -> None:
        """Leave Python and Qt as they were."""
        if not self._is_installed:
            return
        self._is_installed = False
        qInstallMessageHandler(self._qt_handler)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
        LOG.info("The window closes.")
        self.logbook.close()

    def report(self, error: WorkbenchError) -> None:
        """Log it now and tell it at the next tick; on any thread."""
        key = error.title, error.hint
        LOG.error("%s", f"Again: {error.title}" if key == self._logged else error)
        self._logged = key
        # An error of those who show errors would come back for ever.
        is_own = self._is_telling and threading.current_thread() is threading.main_thread()
        if not is_own and self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(error)

    def deliver(self) -> None:
        """Tell what has come in, equal errors once; the pump calls it on every tick."""
        if self._waiting.empty():
            return
        times: dict[tuple[str, str], int] = {}
        errors: dict[tuple[str, str], WorkbenchError] = {}
        while not self._waiting.empty():
            error = self._waiting.get()
            key = error.title, error.hint
            times[key] = times.get(key, 0) + 1
            errors[key] = error
        self._is_telling = True
        try:
            for key, error in errors.items():
                self.recent.append(error)
                self.reported.emit(error, times[key])
        finally:
            self._is_telling = False

    def bug_report(self) -> str:
        """All that a maintainer wants to know: the last errors, versions, and the end of the log."""
        told = "\n\n".join(str(error) for error in self.recent) or "No errors were shown."
        return f"{told}\n\n{versions_text()}\n\nEnd of the log:\n{self.logbook.tail()}\n"

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # Ctrl+C in the terminal is no error.
        if not issubclass(kind, KeyboardInterrupt):
            self.report(_of_exception(error, threading.current_thread().name))
        self._hooks[0](kind, error, trace)

    def _uncaught_on_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
            self.report(_of_exception(told.exc_value, told.thread.name if told.thread else "a thread"))
        self._hooks[1](told)

    def _unraisable(self, told: "sys.UnraisableHookArgs") -> None:
        if told.exc_value is not None:
            where = told.err_msg or "Where nobody could catch it, most likely while an object was taken apart"
            self.report(_of_exception(told.exc_value, where))
        self._hooks[2](told)

    def _qt_said(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if any(words in message for words in _HARMLESS):
            return
        category = context.category or "default"
        # Other categories are Qt's parts talking of the system, such as qt.qpa of a missing clipboard.
        matters = kind is QtMsgType.QtCriticalMsg or (kind is QtMsgType.QtWarningMsg and category == "default")
        if matters:
            self.report(_of_qt(category, message))
        else:
            LOG.getChild("qt").log(_QT_LEVELS[kind], "%s: %s", category, message)
        if self._qt_handler is not None:
            self._qt_handler(kind, context, message)
        elif sys.stderr is not None:
            sys.stderr.write(f"{message}\n")


def report_text(error: WorkbenchError) -> str:
    """One error as it belongs into a report: what happened, what to try, details, versions."""
    parts = (error.title, error.hint, error.details, versions_text())
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def open_log_folder() -> None:
    """Show the log in the file manager."""
    open_outside(log_folder())


def _of_exception(error: BaseException, where: str) -> WorkbenchError:
    # Text at once: a kept exception keeps its frames, and the widgets in them.
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, WorkbenchError):
        return WorkbenchError(error.title, error.hint, "\n\n".join(part for part in (error.details, trace) if part))
    # Not str(error): an exception may be too broken to say its own words.
    words = traceback.format_exception_only(error)[-1].strip()
    return WorkbenchError(f"An error of the program: {words}", _HINT, f"{where}\n\n{trace}")


def _of_qt(category: str, message: str) -> WorkbenchError:
    stack = "".join(traceback.format_stack()[:-2])
    thread = threading.current_thread().name
    details = f"Said by Qt ({category}) on {thread}.\n\n{stack}"
    return WorkbenchError(f"The window's toolkit complains: {message}", _HINT, details)


def _of_crash(said: str) -> WorkbenchError:
    hint = (
        "Runs that were going on can be resumed from their last checkpoint. Please report this: Copy has the details."
    )
    return WorkbenchError("The window crashed the last time it was open.", hint, said)
