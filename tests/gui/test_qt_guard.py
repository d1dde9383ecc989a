"""Guards against builds of PySide6 that drop references to None, as 6.12.0 did on Python 3.11: it aborts in the end."""

import sys

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot


def test_void_calls_do_not_drop_references_to_none(qtbot: QtBot) -> None:
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(1000):
        timer.setInterval(10)
    assert sys.getrefcount(None) > before - 100
