"""A text token by token: where tokens lie, pointing at them with mouse and keys, and the card about one."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.text_runs import look, token
from workbench.events import TokenSeen
from workbench.gui.theme import Theme
from workbench.gui.widgets.token_card import TokenCard, in_words, visible
from workbench.gui.widgets.token_layout import shown_text
from workbench.gui.widgets.token_scale import DIVERGENCE, SURPRISE, TokenColours, value_of
from workbench.gui.widgets.token_text import TokenText, differs
from workbench.gui.widgets.watched_text import WatchedText


@pytest.fixture
def watched(theme: Theme, qtbot: QtBot) -> WatchedText:
    watched = WatchedText(theme)
    qtbot.addWidget(watched)
    watched.resize(500, 300)
    watched.show_tokens(look(50).tokens)
    watched.show()
    qtbot.waitExposed(watched)
    return watched


def tab_into(watched: WatchedText, qtbot: QtBot) -> None:
    watched.activateWindow()
    qtbot.waitUntil(watched.isActiveWindow)
    watched.colouring.button("divergence").setFocus()
    watched.text.setFocus(Qt.FocusReason.TabFocusReason)


@pytest.fixture
def text(theme: Theme, qtbot: QtBot) -> TokenText:
    text = TokenText(theme)
    qtbot.addWidget(text)
    return text


def test_prompt_tokens_are_not_coloured_and_scored_ones_by_their_divergence() -> None:
    seen = look(50).tokens
    assert value_of(seen[0], DIVERGENCE) is None
    assert value_of(seen[6], DIVERGENCE) == seen[6].kl
    assert value_of(token(" a", kl=None, probability=0.5), SURPRISE) == pytest.approx(0.6931, abs=1e-4)


def test_a_larger_divergence_is_a_stronger_colour_on_which_the_ink_can_be_read(theme: Theme) -> None:
    for mode in ("light", "dark"):
        theme.mode = mode
        colours = TokenColours(theme, DIVERGENCE)
        ground = theme.colour("surface").getHslF()
        far = [abs(colours.ground(nats).getHslF()[2] - ground[2]) for nats in (0.0, 0.1, 1.0, 4.0)]
        assert far == sorted(far)
        assert colours.ground(4.0) == colours.ground(40.0)
        for nats in (0.0, 0.5, 4.0):
            assert _contrast(colours.ground(nats), colours.ink(nats)) >= 4.0


def _contrast(one: object, other: object) -> float:
    def luminance(colour: object) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())  # type: ignore[attr-defined]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_token_has_its_own_place_also_behind_signs_of_two_units(text: TokenText) -> None:
    seen = (token("🌅"), token(" dawn"), token("\n"), token("é"), token(""), token(" end"))
    text.resize(400, 200)
    text.show_tokens(seen, DIVERGENCE)
    areas = [text.area_of(place) for place in range(len(seen))]
    assert all(area.width() > 0 for area in areas)
    assert areas[0].right() <= areas[1].left() + 2
    assert areas[3].top() > areas[2].top(), "what follows a line break stands on the next line"
    assert shown_text(seen[4]) == "∅"


def test_a_narrow_text_is_higher_and_nothing_of_it_sticks_out(text: TokenText) -> None:
    text.show_tokens(look(50).tokens * 5, DIVERGENCE)
    assert text.heightForWidth(150) > text.heightForWidth(600)
    text.resize(150, text.heightForWidth(150))
    for place in range(len(text.tokens)):
        assert text.rect().contains(text.area_of(place))


def test_pointing_shows_a_card_with_what_both_expected(watched: WatchedText, qtbot: QtBot) -> None:
    place = 6
    QTest.mouseMove(watched.text, watched.text.area_of(place).center())
    qtbot.waitUntil(watched.card.isVisible)
    assert watched.text.current == place
    seen = watched.text.tokens[place]
    assert watched.card.accessibleDescription() == in_words(seen)
    assert "Teacher expects “␣+” 80.0 %" in in_words(seen)
    assert "KL" in in_words(seen)
    QTest.mouseMove(watched.text, QPoint(watched.text.width() - 2, 1))
    qtbot.waitUntil(watched.card.isHidden)


def test_the_arrow_keys_go_from_token_to_token_and_esc_puts_the_card_away(watched: WatchedText, qtbot: QtBot) -> None:
    tab_into(watched, qtbot)
    assert watched.text.current == 5, "the first token that is scored"
    assert watched.card.isVisible()
    qtbot.keyClick(watched.text, Qt.Key.Key_Right)
    assert watched.text.current == 6
    qtbot.keyClick(watched.text, Qt.Key.Key_Down)
    assert watched.text.area_of(watched.text.current or 0).top() > watched.text.area_of(6).top()
    qtbot.keyClick(watched.text, Qt.Key.Key_Home)
    assert watched.text.current == 0
    qtbot.keyClick(watched.text, Qt.Key.Key_End)
    assert watched.text.current == len(watched.text.tokens) - 1
    qtbot.keyClick(watched.text, Qt.Key.Key_Escape)
    assert watched.text.current is None
    assert watched.card.isHidden()


def test_the_keyboard_scrolls_a_long_text_to_where_it_goes(watched: WatchedText, qtbot: QtBot) -> None:
    watched.show_tokens(look(50).tokens * 20)
    bar = watched._area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    tab_into(watched, qtbot)
    qtbot.keyClick(watched.text, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    assert watched.card.isVisible()


def test_newer_numbers_of_the_same_text_leave_the_keyboard_where_it_was(watched: WatchedText, qtbot: QtBot) -> None:
    tab_into(watched, qtbot)
    qtbot.keyClick(watched.text, Qt.Key.Key_Right)
    watched.show_tokens(look(400).tokens)
    assert watched.text.current == 6
    assert watched.card.accessibleDescription() == in_words(look(400).tokens[6])


def test_hiding_the_text_hides_its_card(watched: WatchedText, qtbot: QtBot) -> None:
    QTest.mouseMove(watched.text, watched.text.area_of(6).center())
    qtbot.waitUntil(watched.card.isVisible)
    watched.hide()
    assert watched.card.isHidden()


@pytest.mark.parametrize("where", [QPoint(5, 5), QPoint(700, 5), QPoint(5, 480), QPoint(700, 480), QPoint(300, 240)])
def test_the_card_stays_in_the_window_and_off_its_token(theme: Theme, qtbot: QtBot, where: QPoint) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 500)
    card = TokenCard(theme, window)
    beside = card.rect().__class__(where.x(), where.y(), 40, 16)
    card.show_token(token(" a"), "token 1 of 2", beside)
    assert window.rect().contains(card.geometry())
    assert not card.geometry().intersects(beside)


def test_what_cannot_be_seen_has_a_sign() -> None:
    assert visible(" a") == "“␣a”"
    assert visible("\n") == "“↵”"
    assert visible("  ") == "“␣␣”"


def test_another_first_choice_is_told_apart_without_a_teacher_never() -> None:
    assert differs(token(" a"))
    assert not differs(token(" a", kl=None))


def test_of_the_first_token_nothing_is_said_but_that_the_text_begins(watched: WatchedText) -> None:
    first = TokenSeen(text="2", is_scored=False, probability=1.0, kl=None, teacher=(), student=())
    assert in_words(first) == "“2”: The text begins here."
    watched.show_tokens((first, *look(400).tokens))
    assert watched.text.tokens[0] == first
    watched.card.show_token(first, "1 of 9", QRect(40, 40, 12, 20))
    assert not watched.card.grab().isNull()
