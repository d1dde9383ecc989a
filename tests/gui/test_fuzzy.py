"""Finding names from a few letters: what is meant comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.fuzzy import fit, match

NAMES = (
    "New recipe",
    "Open recipe…",
    "Save recipe as…",
    "Train",
    "Train with baseline",
    "Train baseline too",
    "Stop",
    "Reset arrangement",
    "Theme: follow the system",
    "Export student…",
    "About Distillation Workbench",
    "Probabilities",
)


def best(query: str) -> str:
    fitting = {name: found.score for name in NAMES if (found := match(query, name)) is not None}
    return max(fitting, key=lambda name: fitting[name])


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("train", "Train"),
        ("tr", "Train"),
        ("twb", "Train with baseline"),
        ("too", "Train baseline too"),
        ("baseline train too", "Train baseline too"),
        ("rec save", "Save recipe as…"),
        ("sra", "Save recipe as…"),
        ("EXP", "Export student…"),
        ("st", "Stop"),
        ("system", "Theme: follow the system"),
        ("prob", "Probabilities"),
        ("workb", "About Distillation Workbench"),
    ],
)
def test_what_is_meant_comes_first(query: str, meant: str) -> None:
    assert best(query) == meant


@pytest.mark.parametrize("query", ["x", "trainn", "nirat", "train xyz"])
def test_letters_that_are_not_there_or_in_another_order_do_not_fit(query: str) -> None:
    assert match(query, "Train") is None


def test_the_best_way_is_found_and_not_the_first() -> None:
    # The first s and t stand apart; the ones that begin a word stand together.
    found = fit("st", "Reset the student")
    assert found is not None
    assert found.places == (10, 11)


def test_nothing_typed_fits_everything() -> None:
    found = match("  ", "Train")
    assert found is not None
    assert found.places == ()


def test_words_beside_the_name_count_half_and_are_not_marked() -> None:
    inside, beside = match("run", "Open run…"), match("run", "Stop", "Run")
    assert inside is not None
    assert beside is not None
    assert beside.places == ()
    assert inside.score > beside.score


@given(st.text(max_size=40), st.data())
def test_letters_taken_from_a_text_in_order_always_fit_and_are_found_there(text: str, data: st.DataObject) -> None:
    places = [place for place in range(len(text)) if data.draw(st.booleans())]
    lower = text.lower() if len(text.lower()) == len(text) else text
    word = "".join(lower[place] for place in places)
    found = fit(word, text)
    assert found is not None
    assert "".join(lower[place] for place in found.places) == word
    assert list(found.places) == sorted(set(found.places))
