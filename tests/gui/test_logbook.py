"""The log file: written at once, rotated, left behind as found, and honest about crashes and folders that refuse."""

import faulthandler
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.gui.logbook import LOG, Logbook


@pytest.fixture
def logbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logbook]:
    """An open log book; pytest keeps its own watch for crashes."""
    monkeypatch.setattr(faulthandler, "enable", lambda *_, **__: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)
    book = Logbook(tmp_path / "logs")
    book.open()
    yield book
    book.close()


def test_a_line_is_in_the_file_and_in_the_tail_as_soon_as_it_is_said(logbook: Logbook) -> None:
    LOG.info("the student has learned")
    assert "the student has learned" in logbook.file.read_text(encoding="utf-8")
    assert "INFO" in logbook.tail()
    assert "the student has learned" in logbook.tail()


def test_the_tail_keeps_the_last_lines_only(logbook: Logbook) -> None:
    for number in range(500):
        LOG.info("line %d.", number)
    assert "line 299." not in logbook.tail()
    assert "line 300." in logbook.tail()
    assert "line 499." in logbook.tail()


def test_python_warnings_go_into_the_log(logbook: Logbook) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will be refused next year", DeprecationWarning, stacklevel=1)
    assert "this will be refused next year" in logbook.file.read_text(encoding="utf-8")


def test_a_full_file_makes_room_and_keeps_three_older_ones(logbook: Logbook) -> None:
    for _ in range(60):
        LOG.info("x" * 100_000)
    files = sorted(path.name for path in logbook.folder.glob("window.log*"))
    assert files == ["window.log", "window.log.1", "window.log.2", "window.log.3"]
    assert sum(path.stat().st_size for path in logbook.folder.glob("window.log*")) < 4_100_000


def test_closing_leaves_the_loggers_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faulthandler, "enable", lambda *_, **__: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)
    before = list(logging.getLogger().handlers), LOG.level, warnings.showwarning
    book = Logbook(tmp_path)
    book.open()
    assert list(logging.getLogger().handlers) != before[0]
    book.close()
    assert (list(logging.getLogger().handlers), LOG.level, warnings.showwarning) == before


def test_a_folder_that_refuses_is_named_and_lines_are_still_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    book = Logbook(tmp_path / "logs")
    book.open()
    try:
        assert book.refusal is not None
        assert str(tmp_path / "logs") in book.refusal.title
        LOG.info("still heard")
        assert "still heard" in book.tail()
    finally:
        book.close()


CRASH = """
import faulthandler, sys
from pathlib import Path
from workbench.gui.logbook import Logbook
Logbook(Path(sys.argv[1])).open()
faulthandler._sigsegv()
"""


def test_a_crash_leaves_every_thread_s_stack_and_the_next_start_tells_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path)], capture_output=True, timeout=60, check=False)
    assert done.returncode != 0
    monkeypatch.setattr(faulthandler, "enable", lambda *_, **__: None)
    monkeypatch.setattr(faulthandler, "disable", lambda: None)
    for said in (True, False):
        book = Logbook(tmp_path)
        book.open()
        book.close()
        assert ("Segmentation fault" in book.last_crash) is said
