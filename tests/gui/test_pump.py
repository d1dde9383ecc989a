"""The heartbeat: draws when asked to, once a tick, and spares the processor while a run trains."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.gui.pump import Pump


@pytest.fixture
def pump(qapp: QApplication) -> Iterator[Pump]:
    pump = Pump()
    pump.start()
    yield pump
    pump.stop()


class _Drawing:
    """Counts ticks and redraws; each redraw takes a while of the processor."""

    def __init__(self, pump: Pump, seconds: float = 0.0) -> None:
        self.ticks = 0
        self.redrawn_at: list[int] = []
        self._seconds = seconds
        pump.ticked.connect(self._tick)
        pump.redraw.connect(self._draw)

    def _tick(self) -> None:
        self.ticks += 1

    def _draw(self) -> None:
        self.redrawn_at.append(self.ticks)
        began = time.thread_time()
        while time.thread_time() - began < self._seconds:
            pass


def test_nothing_is_drawn_unless_somebody_wants_it(pump: Pump, qtbot: QtBot) -> None:
    drawing = _Drawing(pump)
    qtbot.waitUntil(lambda: drawing.ticks >= 3)
    assert drawing.redrawn_at == []


def test_many_wishes_between_two_ticks_are_one_redraw(pump: Pump, qtbot: QtBot) -> None:
    drawing = _Drawing(pump)
    for _ in range(100):
        pump.want_redraw()
    qtbot.waitUntil(lambda: drawing.ticks >= 3)
    assert drawing.redrawn_at == [1]


def test_a_dear_redraw_is_not_repeated_soon_while_a_run_trains(pump: Pump, qtbot: QtBot) -> None:
    pump.is_sparing = lambda: True
    drawing = _Drawing(pump, seconds=0.03)
    pump.ticked.connect(pump.want_redraw)
    qtbot.waitUntil(lambda: len(drawing.redrawn_at) >= 3, timeout=20_000)
    first, second, third = drawing.redrawn_at[:3]
    # 30 ms at a share of 5 % take 600 ms to pay back: some 18 ticks of 33 ms.
    assert second - first >= 8
    assert third - second >= 8


def test_a_dear_redraw_is_repeated_at_once_while_nothing_trains(pump: Pump, qtbot: QtBot) -> None:
    drawing = _Drawing(pump, seconds=0.03)
    pump.ticked.connect(pump.want_redraw)
    qtbot.waitUntil(lambda: len(drawing.redrawn_at) >= 4)
    first, *_, last = drawing.redrawn_at[:4]
    assert last - first == 3


def test_a_stopped_pump_beats_no_more(pump: Pump, qtbot: QtBot) -> None:
    drawing = _Drawing(pump)
    qtbot.waitUntil(lambda: drawing.ticks >= 1)
    pump.stop()
    assert not pump._timer.isActive()
