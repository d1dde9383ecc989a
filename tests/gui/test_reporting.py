"""Reporting: whatever goes wrong, on whatever thread, is told once and logged; hooks are given back."""

import faulthandler
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import (
    QLoggingCategory,
    QTimer,
    qCCritical,
    qCWarning,
    qDebug,
    qInstallMessageHandler,
    qWarning,
)
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.reporting import Reporter, open_log_folder, report_text
from workbench.gui.workspace import Workspace

Heard = list[tuple[WorkbenchError, int]]


@pytest.fixture
def previous(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Stands where pytest's hooks are, which would fail the test, and notes what was passed on to it."""
    passed_on: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: passed_on.append(kind.__name__))
    monkeypatch.setattr(threading, "excepthook", lambda told: passed_on.append(told.exc_type.__name__))
    monkeypatch.setattr(sys, "unraisablehook", lambda told: passed_on.append(told.exc_type.__name__))
    monkeypatch.setattr(faulthandler, "enable", lambda *_, **__: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)

    def note(_kind: object, _context: object, message: str) -> None:
        passed_on.append(message)

    qt_handler = qInstallMessageHandler(note)
    yield passed_on
    qInstallMessageHandler(qt_handler)


@pytest.fixture
def reporter(previous: list[str], home: object) -> Iterator[Reporter]:
    reporter = Reporter()
    reporter.install()
    yield reporter
    reporter.uninstall()


@pytest.fixture
def heard(reporter: Reporter) -> Heard:
    heard: Heard = []
    reporter.reported.connect(lambda error, times: heard.append((error, times)))
    return heard


def log_of(reporter: Reporter) -> str:
    return reporter.logbook.file.read_text(encoding="utf-8")


def fail(words: str = "the cake is a lie") -> None:
    raise RuntimeError(words)


def test_an_exception_of_a_slot_is_told_with_its_traceback_and_logged(
    reporter: Reporter, heard: Heard, previous: list[str], qtbot: QtBot
) -> None:
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(fail)
    timer.start(0)
    qtbot.waitUntil(lambda: bool(previous))
    reporter.deliver()
    [(error, times)] = heard
    assert error.title == "An error of the program: RuntimeError: the cake is a lie"
    assert "in fail" in error.details
    assert "Copy" in error.hint
    assert times == 1
    assert "the cake is a lie" in log_of(reporter)
    assert previous == ["RuntimeError"]


def test_an_exception_on_a_thread_is_told_on_the_window_s_thread_only(reporter: Reporter, heard: Heard) -> None:
    told_on: list[int] = []
    reporter.reported.connect(lambda *_: told_on.append(threading.get_ident()))
    thread = threading.Thread(target=fail, name="counting sheep")
    thread.start()
    thread.join()
    assert not heard
    assert "the cake is a lie" in log_of(reporter)
    reporter.deliver()
    assert told_on == [threading.get_ident()]
    assert "counting sheep" in heard[0][0].details


def test_an_exception_that_nobody_can_catch_is_told(reporter: Reporter, heard: Heard) -> None:
    class Broken:
        def __del__(self) -> None:
            fail("while being taken apart")

    Broken()
    gc.collect()
    reporter.deliver()
    assert "while being taken apart" in heard[0][0].title


def test_an_uncaught_error_in_words_keeps_its_own_words(reporter: Reporter, heard: Heard) -> None:
    def refuse() -> None:
        raise WorkbenchError("There are 9 classes, not 10.", "Choose another file.", "a table")

    thread = threading.Thread(target=refuse)
    thread.start()
    thread.join()
    reporter.deliver()
    error = heard[0][0]
    assert (error.title, error.hint) == ("There are 9 classes, not 10.", "Choose another file.")
    assert error.details.startswith("a table\n\nTraceback")


def test_ctrl_c_and_a_thread_s_exit_are_no_errors(reporter: Reporter, heard: Heard, previous: list[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    reporter.deliver()
    assert not heard
    assert previous[0] == "KeyboardInterrupt"


def test_a_flood_of_equal_errors_is_told_once_with_its_count(reporter: Reporter, heard: Heard) -> None:
    for _ in range(250):
        reporter.report(WorkbenchError("The disk is full.", "Make room.", "3 MiB are free"))
    reporter.report(WorkbenchError("Another."))
    reporter.deliver()
    assert [(error.title, times) for error, times in heard] == [("The disk is full.", 250), ("Another.", 1)]
    assert log_of(reporter).count("3 MiB are free") == 1


def test_a_storm_fills_the_log_and_not_the_memory(reporter: Reporter, heard: Heard) -> None:
    for number in range(3000):
        reporter.report(WorkbenchError(f"Number {number}."))
    reporter.deliver()
    assert len(heard) == 1000
    assert "Number 2999." in log_of(reporter)


def test_an_error_of_those_who_show_errors_does_not_come_back_for_ever(
    reporter: Reporter, heard: Heard, previous: list[str]
) -> None:
    def fail_again(*_: object) -> None:
        fail("the card is broken")

    reporter.reported.connect(fail_again)
    reporter.report(WorkbenchError("The first."))
    reporter.deliver()
    reporter.deliver()
    assert [error.title for error, _ in heard] == ["The first."]
    assert previous == ["RuntimeError"]
    assert "the card is broken" in log_of(reporter)


def test_a_warning_of_qt_is_told_with_python_s_stack(reporter: Reporter, heard: Heard, previous: list[str]) -> None:
    qWarning("QPainter::begin: there is no paper")
    reporter.deliver()
    [(error, _)] = heard
    assert error.title == "The window's toolkit complains: QPainter::begin: there is no paper"
    assert "test_a_warning_of_qt_is_told_with_python_s_stack" in error.details
    assert previous == ["QPainter::begin: there is no paper"]


def test_what_qt_s_parts_say_of_the_system_is_logged_only_unless_it_is_critical(
    reporter: Reporter, heard: Heard
) -> None:
    category = QLoggingCategory("qt.qpa.clipboard")
    qCWarning(category, "no clipboard manager")
    qDebug("for the curious")
    reporter.deliver()
    assert not heard
    assert "no clipboard manager" in log_of(reporter)
    assert "for the curious" in log_of(reporter)
    qCCritical(category, "the screen is gone")
    reporter.deliver()
    assert "the screen is gone" in heard[0][0].title


def test_what_a_platform_says_about_itself_is_not_even_logged(
    reporter: Reporter, heard: Heard, previous: list[str]
) -> None:
    qWarning("This plugin does not support propagateSizeHints()")
    reporter.deliver()
    assert not heard
    assert not previous
    assert "propagateSizeHints" not in log_of(reporter)


def test_the_pump_brings_reports_to_the_window(reporter: Reporter, heard: Heard, workspace: Workspace, qtbot: QtBot):
    workspace.pump.ticked.connect(reporter.deliver)
    workspace.failed.connect(reporter.report)
    workspace.failed.emit(WorkbenchError("The run ended after step 3."))
    qtbot.waitUntil(lambda: bool(heard))
    assert "The run ended after step 3." in log_of(reporter)


def test_uninstalling_gives_all_hooks_back(previous: list[str]) -> None:
    def hooks() -> tuple[Callable[..., Any], ...]:
        return sys.excepthook, threading.excepthook, sys.unraisablehook

    before = hooks()
    reporter = Reporter()
    reporter.install()
    assert all(now is not then for now, then in zip(hooks(), before, strict=True))
    reporter.uninstall()
    reporter.uninstall()
    assert hooks() == before
    qWarning("after it was over")
    assert previous == ["after it was over"]
    reporter.deliver()
    assert not reporter.recent


def test_a_crash_of_the_last_window_is_told_at_the_next_start(previous: list[str], home: Any) -> None:
    (home / "logs").mkdir()
    (home / "logs" / "crash.log").write_text("Fatal Python error: Segmentation fault\nCurrent thread")
    reporter = Reporter()
    reporter.install()
    reporter.deliver()
    reporter.uninstall()
    assert "crashed the last time" in reporter.recent[0].title
    assert "Segmentation fault" in reporter.recent[0].details


def test_a_log_that_cannot_be_written_is_told(previous: list[str], home: Any) -> None:
    (home / "logs").write_text("a file where the folder should be")
    reporter = Reporter()
    reporter.install()
    reporter.deliver()
    reporter.uninstall()
    assert "The log cannot be written" in reporter.recent[0].title


def test_a_bug_report_holds_errors_versions_and_the_end_of_the_log(reporter: Reporter) -> None:
    reporter.report(WorkbenchError("It broke.", "Mend it.", "line 3"))
    reporter.deliver()
    text = reporter.bug_report()
    for words in ("It broke.", "Mend it.", "line 3", "Distillation Workbench 0", "torch 2", "The window opens."):
        assert words in text


def test_the_text_of_an_error_names_all_its_parts_and_the_versions() -> None:
    text = report_text(WorkbenchError("It broke.", "Mend it.", "line 3"))
    assert text.startswith("It broke.\n\nMend it.\n\nline 3\n\nDistillation Workbench")


def test_the_log_folder_is_opened_in_the_file_manager(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    open_log_folder()
    assert opened == [str(home / "logs")]
