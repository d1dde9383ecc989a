"""Conversations on one page: facts, lengths and samples, side by side or one at a time, as they stand in the file."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from workbench.events import Finding
from workbench.gui.theme import Theme
from workbench.gui.widgets.conversation_view import ConversationView
from workbench.gui.widgets.length_chart import LengthChart
from workbench.session.conversation_card import ConversationCard, LengthBin, SpokenSample


def card(**changes: Any) -> ConversationCard:
    values: dict[str, Any] = {
        "title": "20 prompts, 18 of them with a response",
        "are_passages": False,
        "training": 15,
        "held_out": 5,
        "responses": 18,
        "answers": 0,
        "turns": 3,
        "median": 42,
        "longest": 1234,
        "lengths": (LengthBin(20, 15, 0), LengthBin(50, 5, 3), LengthBin(100, 0, 15)),
        "repeated": 0,
        "overlap": 2,
        "samples": (
            SpokenSample(
                "training example 0",
                (("system", "Be kind."), ("user", "Is <b>this</b> &amp; that bold?"), ("assistant", "No.\n\nNever.")),
                left_out=7,
                answer="no",
            ),
        ),
        "notes": (
            Finding(level="ok", title="All is read."),
            Finding(level="warning", title="2 of 5 held-out examples are in the training data too.", fix="Take out."),
        ),
    }
    return ConversationCard(**values | changes)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> ConversationView:
    view = ConversationView(theme)
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show_card(card())
    with qtbot.waitExposed(view):
        view.show()
    return view


def colours_of(widget: Any) -> set[str]:
    drawn = widget.grab().toImage()
    return {drawn.pixelColor(x, y).name() for x in range(drawn.width()) for y in range(drawn.height())}


def test_the_facts_and_what_warns_are_told(view: ConversationView) -> None:
    assert view.title.text() == "20 prompts, 18 of them with a response"
    facts = {name: view.about.fact(name) for name in ("training", "responses", "known answers", "length", "overlap")}
    assert facts == {
        "training": "15 examples",
        "responses": "18 of 20",
        "known answers": "none",
        "length": "half of them up to 42 characters, the longest 1,234",
        "overlap": "2 of 5",
    }
    assert view.about.notes.texts() == ["Warning: 2 of 5 held-out examples are in the training data too. Take out."]


def test_samples_are_shown_letter_for_letter_with_who_says_what(view: ConversationView) -> None:
    lines = view.samples.toPlainText().split("\n")
    assert lines == [
        "Training example 0",
        "System",
        "Be kind.",
        "User",
        "Is <b>this</b> &amp; that bold?",
        "Assistant",
        "No.",
        "",
        "Never.",
        "… and 7 more messages",
        "Known answer",
        "no",
    ]


def test_side_by_side_all_parts_are_seen_and_in_a_narrow_place_one(view: ConversationView, qtbot: QtBot) -> None:
    assert view.about.isVisible()
    assert view.lengths.isVisible()
    assert view.samples.isVisible()
    assert not view.parts.isVisible()
    view.resize(430, 240)
    qtbot.waitUntil(view.parts.isVisible)
    shown = {}
    for part in ("about", "lengths", "samples"):
        qtbot.mouseClick(view.parts.button(part), Qt.MouseButton.LeftButton)
        shown[part] = (view.about.isVisible(), view.lengths.isVisible(), view.samples.isVisible())
    assert shown == {
        "about": (True, False, False), "lengths": (False, True, False), "samples": (False, False, True),
    }  # fmt: skip


def test_running_text_has_neither_responses_nor_messages(view: ConversationView) -> None:
    view.show_card(
        card(are_passages=True, responses=0, samples=(SpokenSample("training example 0", (("", "Once."),)),))
    )
    assert view.about.fact("responses") == "running text, all of it is learnt"
    assert view.about.fact("messages") == "–"
    assert view.samples.toPlainText() == "Training example 0\nText\nOnce."
    assert view.lengths.name == "passages"


def test_the_bars_of_prompts_and_responses_have_the_colours_of_their_key(view: ConversationView, theme: Theme) -> None:
    wanted = {QColor(theme.colour(name)).name() for name in ("accent", "hard")}
    assert wanted <= colours_of(view.lengths)
    view.show_card(card(lengths=(LengthBin(20, 15, 0),)))
    assert theme.colour("hard").name() not in colours_of(view.lengths)


def test_another_theme_recolours_bars_and_samples(view: ConversationView, theme: Theme) -> None:
    before = view.samples.document().toHtml()
    theme.mode = "dark"
    theme.apply()
    assert view.samples.document().toHtml() != before
    assert theme.colour("hard").name() in colours_of(view.lengths)
    theme.mode = "light"
    theme.apply()


def test_a_range_is_told_under_the_mouse_and_to_who_does_not_see_it(view: ConversationView, qtbot: QtBot) -> None:
    chart: LengthChart = view.lengths
    said = "21 to 50 characters: 5 prompts, 3 responses."
    assert said in chart.accessibleDescription()
    middle = QPoint(chart.width() // 2, chart.height() - 30)
    QApplication.sendEvent(chart, QHelpEvent(QEvent.Type.ToolTip, middle, chart.mapToGlobal(middle)))
    assert QToolTip.text() == said
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_chart_of_nothing_draws_nothing(qtbot: QtBot, theme: Theme) -> None:
    chart = LengthChart(theme)
    qtbot.addWidget(chart)
    chart.resize(200, 100)
    assert theme.colour("accent").name() not in colours_of(chart)
