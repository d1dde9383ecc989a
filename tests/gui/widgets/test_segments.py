"""A few choices side by side."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.segments import Segments


@pytest.fixture
def segments(theme: Theme, qtbot: QtBot) -> Segments:
    segments = Segments("View", {"one": "One", "two": "Two", "three": "Three"})
    qtbot.addWidget(segments)
    segments.show()
    return segments


def test_exactly_one_is_on_and_a_click_tells_which(segments: Segments, qtbot: QtBot) -> None:
    assert segments.value == "one"
    with qtbot.waitSignal(segments.chosen) as heard:
        qtbot.mouseClick(segments.button("three"), Qt.MouseButton.LeftButton)
    assert heard.args == ["three"]
    assert [segments.button(key).isChecked() for key in ("one", "two", "three")] == [False, False, True]


def test_arrow_keys_move_along(segments: Segments, qtbot: QtBot) -> None:
    segments.button("one").setFocus()
    qtbot.keyClick(segments.button("one"), Qt.Key.Key_Right)
    assert segments.value == "two"


def test_without_words_the_names_remain(segments: Segments) -> None:
    segments.set_icon("one", QIcon())
    segments.set_compact(compact=True)
    assert segments.button("one").accessibleName() == "View: One"
    assert segments.button("one").toolTip() == "One"
    segments.set_text("two", "T = 8")
    assert segments.button("two").accessibleName() == "View: T = 8"
