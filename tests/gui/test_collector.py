"""The collector: cycles go on the window's thread, on a timer, and nowhere else."""

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from workbench.gui import collector as module
from workbench.gui.collector import Collector


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Iterator[Collector]:
    """One that collects often; collection is given back at the end."""
    monkeypatch.setattr(module, "_EVERY_MS", 5)
    parent = QObject()
    collector = Collector(parent)
    yield collector
    collector.stop()
    parent.deleteLater()


class Knot:
    """Refers to itself, so that only the cycle collector can free it."""

    def __init__(self, died_on: list[int]) -> None:
        self.me = self
        self._died_on = died_on

    def __del__(self) -> None:
        self._died_on.append(threading.get_ident())


def test_a_cycle_that_a_worker_left_dies_on_the_window_s_thread(collector: Collector, qtbot: QtBot) -> None:
    died_on: list[int] = []

    def work() -> None:
        for _ in range(50):
            Knot(died_on)
        # Enough to set off an automatic collection many times over.
        kept: Any = [[] for _ in range(100_000)]
        del kept

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert not died_on
    qtbot.waitUntil(lambda: len(died_on) == 50)
    assert set(died_on) == {threading.get_ident()}


def test_old_garbage_goes_too_only_later(collector: Collector, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(module, "_FULL_EVERY", 3)
    knot = Knot([])
    died = weakref.ref(knot)
    # Two collections make it old.
    gc.collect(1)
    gc.collect(1)
    del knot
    qtbot.waitUntil(lambda: died() is None)


def test_automatic_collection_is_off_while_it_runs_and_on_again_afterwards(qtbot: QtBot) -> None:
    parent = QObject()
    collector = Collector(parent)
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    assert not any(timer.isActive() for timer in collector.findChildren(QTimer))
    parent.deleteLater()
