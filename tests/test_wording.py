"""Counts in words, and text from files that is shown and never obeyed."""

import pytest

from workbench.wording import counted, visible


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (1200, "1,200 steps")], ids=str
)
def test_a_count_agrees_with_its_noun(count: int, words: str) -> None:
    assert counted(count, "step") == words


def test_a_plural_of_its_own_is_given() -> None:
    assert [counted(count, "class", "classes") for count in (1, 3)] == ["1 class", "3 classes"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name", "plain name"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b2J", r"\x9b2J"),
        ("a\nb\r\tc\x00\x7f", r"a\nb\r\tc\x00\x7f"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("a\u2028b\u2066", r"a\u2028b\u2066"),
        ("\udc9b", r"\udc9b"),
        ("\U000e0041\ufeff\u200b", r"\U000e0041\ufeff\u200b"),
    ],
    ids=ascii,
)
def test_what_acts_instead_of_being_shown_is_written_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(visible(text)) == shown


def test_names_in_any_script_stay_as_they_are() -> None:
    for name in ("Łódź – 50\u00a0%", "日本語", "می\u200cخواهم", "👩\u200d🔬", "e\u0301", "C:\\runs"):
        assert visible(name) == name


def test_what_is_meant_is_kept() -> None:
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"
