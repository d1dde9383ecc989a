"""A response token by token."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.era_tokens import Token, TokenStrip

TOKENS = (Token("Say"), Token("it"), Token("so", 0.5, 0.69), Token("\n", 0.9, 0.11), Token(" then", 0.1, 2.3))


@pytest.fixture
def strip(theme: Theme, qtbot: QtBot) -> TokenStrip:
    strip = TokenStrip(theme)
    qtbot.addWidget(strip)
    strip.show_tokens(TOKENS)
    strip.resize(300, strip.heightForWidth(300))
    strip.set_reach(is_written=True, scored=3, current=None)
    strip.show()
    return strip


def test_the_response_begins_on_a_line_of_its_own(strip: TokenStrip) -> None:
    prompt, first = strip._laid_out(300)[0], strip.place_of(0)
    assert first.left() == 0
    assert first.top() > prompt.bottom()


def test_a_narrow_strip_is_higher_and_nothing_leaves_it(strip: TokenStrip) -> None:
    assert strip.heightForWidth(60) > strip.heightForWidth(300)
    assert all(area.right() < 60 for area in strip._laid_out(60))


def test_pressing_on_a_scored_token_picks_it_and_the_prompt_cannot_be_picked(strip: TokenStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.picked) as heard:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(2).center())
    assert heard.args == [2]
    with qtbot.assertNotEmitted(strip.picked):
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._laid_out(300)[0].center())


def test_characters_that_cannot_be_seen_have_a_sign(strip: TokenStrip) -> None:
    assert [Token(text).shown for text in ("\n", "  ", "\t", " then")] == ["↵", "␣", "⇥", "then"]
    assert len(Token("x" * 500).shown) < 40


def test_a_screen_reader_hears_only_what_has_been_scored(strip: TokenStrip) -> None:
    strip.set_reach(is_written=True, scored=1, current=0)
    assert "so 0.690" in strip.accessibleDescription()
    assert "then 2.300" not in strip.accessibleDescription()
    strip.set_reach(is_written=False, scored=0, current=None)
    assert strip.accessibleDescription() == "Nothing is written yet."


def test_what_is_not_reached_looks_different_and_takes_the_same_place(strip: TokenStrip) -> None:
    places, whole = list(strip._laid_out(300)), strip.grab().toImage()
    strip.set_reach(is_written=False, scored=0, current=None)
    assert strip.grab().toImage() != whole
    assert strip._laid_out(300) == places


def test_an_empty_text_has_a_height(strip: TokenStrip) -> None:
    strip.show_tokens(())
    assert strip.heightForWidth(300) > 0
