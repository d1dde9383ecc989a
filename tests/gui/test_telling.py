"""Numbers for people, and sentences that are true of them."""

import numpy as np
import pytest

from workbench.gui.distributions import softmax
from workbench.gui.telling import percent, plain, softening_says, student_says, teacher_says, times

DIGITS = tuple("0123456789")
CARS = ("BMW", "garbage truck", "carrot", "sofa")
BMW = np.array([60.0, 25.0, 3.0, -3.0])


def row(**shares: float) -> np.ndarray:
    """Ten shares: those named d0 to d9, the rest split evenly."""
    found = np.full(10, (1 - sum(shares.values())) / (10 - len(shares)))
    for name, share in shares.items():
        found[int(name[1:])] = share
    return found


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "> 99.9 %"),
        (0.99999, "> 99.9 %"),
        (0.9971, "99.7 %"),
        (0.5, "50.0 %"),
        (0.0193, "1.93 %"),
        (0.00292, "0.292 %"),
        (0.00003, "0.003 %"),
        (6.3e-16, "6·10⁻¹⁴ %"),
        (0.0, "0 %"),
    ],
)
def test_shares_read_as_percent_however_small(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (12.345, "12.3"), (0.0231, "0.0231"), (1234.5, "1,234"), (3.1e-7, "3.1·10⁻⁷")]
)
def test_numbers_of_any_size_have_three_digits(value, text):
    assert plain(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(3.21, "3.2 times"), (39.4, "39 times"), (1893.0, "1,900 times"), (1e9, "over a million times")]
)
def test_ratios_read_as_times(ratio, text):
    assert times(ratio) == text


def test_a_sure_teacher_tells_its_second_thought_beside_its_last():
    sentence = teacher_says(row(d2=0.97, d7=0.019, d4=0.00001), 2, DIGITS, 1.0)
    assert sentence == (
        "The teacher is 97.0 % sure of “2”. It finds “7” (1.90 %) 1,900 times as likely as “4” (0.001 %): "
        "that is what the label cannot say."
    )


def test_a_softened_teacher_is_quoted_at_its_temperature():
    assert teacher_says(row(d2=0.7, d7=0.2, d4=0.001), 2, DIGITS, 4.0).startswith(
        "At T = 4 the teacher gives 70.0 % to “2”. It finds “7” (20.0 %) 200 times as likely as “4”"
    )


def test_a_mistaken_teacher_is_told_as_one():
    sentence = teacher_says(row(d7=0.64, d2=0.3), 2, DIGITS, 1.0)
    assert sentence == "The teacher takes this “2” for “7” (64.0 %) and leaves 30.0 % for “2”."


def test_nothing_is_made_of_an_order_that_is_none():
    assert "equally likely" in teacher_says(np.full(10, 0.1), 2, DIGITS, 1.0)
    assert teacher_says(row(d2=0.91), 2, DIGITS, 1.0) == (
        "The teacher is 91.0 % sure of “2” and finds the others about equally likely."
    )


def test_a_last_thought_that_underflowed_has_no_ratio():
    sentence = teacher_says(np.array([0.9, 0.1, 0.0]), 0, ("a", "b", "c"), 1.0)
    assert "times" not in sentence
    assert "“b” best (10.0 %) and “c” least" in sentence


def test_two_classes_have_no_third_to_compare_with():
    sentence = teacher_says(np.array([0.9, 0.1]), 0, ("ham", "spam"), 1.0)
    assert sentence == "The teacher is 90.0 % sure of “ham” and leaves 10.0 % for “spam”."


def test_the_student_is_held_against_the_teachers_second_thought_and_the_baseline():
    rows = {"teacher": row(d2=0.9, d7=0.05), "student": row(d2=0.9, d7=0.04), "baseline": row(d2=0.9, d7=0.001)}
    assert student_says(rows, 2, DIGITS) == "The student gives “7” 4.00 %; trained without the teacher, 0.100 %."


def test_a_wrong_student_is_told_as_one():
    assert student_says({"student": row(d7=0.8)}, 2, DIGITS) == "The student takes it for “7” (80.0 %)."


def test_a_student_without_a_teacher_is_told_by_itself():
    assert student_says({"student": row(d2=0.8)}, 2, DIGITS) == "The student is right with 80.0 %."


def test_softening_is_told_beside_what_was_at_1():
    sentence = softening_says(softmax(BMW, 6.0), softmax(BMW), CARS, 6.0)
    assert sentence == (
        "At T = 6 the teacher, softened, gives “BMW” 99.7 % and “garbage truck” 0.292 % (at T = 1: 6·10⁻¹⁴ %). "
        "“garbage truck” is 39 times as likely as “carrot”."
    )


def test_a_temperature_below_1_sharpens_and_1_does_nothing():
    assert "sharpened" in softening_says(softmax(BMW, 0.5), softmax(BMW), CARS, 0.5)
    assert softening_says(softmax(BMW), softmax(BMW), CARS, 1.0).startswith("At T = 1, as it was trained,")


def test_a_temperature_at_which_all_is_alike_is_told():
    assert "nearly alike" in softening_says(softmax(BMW, 100.0), softmax(BMW), CARS, 100.0)
