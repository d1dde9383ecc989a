"""Names of a recipe read as words on the screen."""

import pytest

from workbench.gui.widgets.naming import as_tooltip, first_sentence, in_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("learning_rate", "Learning rate"),
        ("mlp", "MLP"),
        ("reverse_kl", "Reverse KL"),
        ("jensen_shannon", "Jensen–Shannon"),
        ("int8", "int8"),
        ("float32", "float32"),
        ("one_cycle", "One cycle"),
    ],
)
def test_a_name_reads_as_words(name: str, words: str) -> None:
    assert in_words(name) == words


def test_a_class_says_in_its_first_line_what_it_is() -> None:
    assert first_sentence("One thing.\n\nMore of it.") == "One thing."
    assert first_sentence(None) == ""


def test_a_tooltip_leaves_out_empty_lines_and_shows_signs_as_they_are() -> None:
    assert as_tooltip("a < b", "", "c") == "<qt>a &lt; b<br>c</qt>"
