"""Long words: broken for the eye, never inside numbers."""

import pytest
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.wrapping import breakable, wrapped_label

BREAK = "\u200b"


@pytest.mark.parametrize("text", ["-0.05 at T = 1e-3", "3,141.5", "two words", ""])
def test_numbers_and_short_words_stay_whole(text: str) -> None:
    assert breakable(text) == text


def test_paths_break_at_their_folders_and_long_names_anywhere() -> None:
    assert breakable("/home/me").split(BREAK) == ["/", "home/", "me"]
    assert max(len(part) for part in breakable("x" * 100).split(BREAK)) == 24


def test_nothing_but_breaks_is_added() -> None:
    text = r"C:\runs\a_b-c.safetensors: " + "y" * 60
    assert breakable(text).replace(BREAK, "") == text


def test_a_label_with_one_long_word_fits_into_a_narrow_place(qtbot: QtBot, theme: Theme) -> None:
    label = wrapped_label("/very" * 100)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 200
    assert label.heightForWidth(200) > 5 * label.fontMetrics().height()
