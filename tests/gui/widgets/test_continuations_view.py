"""Texts side by side: what is new, and what must stay as it was written."""

from workbench.gui.widgets.continuations_view import marked


def test_only_words_that_were_not_there_are_underlined() -> None:
    html = marked("the sky is blue", "the sky is green", "#eeeeee")
    assert html.count("<span") == 1
    assert ">blue</span>" in html


def test_nothing_is_underlined_where_nothing_came_before() -> None:
    assert "<span" not in marked("the sky", None, "#eeeeee")


def test_a_text_is_no_markup_and_keeps_its_lines_and_spaces() -> None:
    html = marked("<b>a</b> & b\n    c", "", "#eeeeee")
    assert "<b>" not in html
    assert "&lt;b&gt;a&lt;/b&gt; &amp; b\n    c" in html
    assert "pre-wrap" in html


def test_an_empty_text_is_said_to_be_empty() -> None:
    assert "nothing" in marked(" \n", "before", "#eeeeee")
