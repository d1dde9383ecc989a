"""Watched examples, put together from what a run and its baseline said."""

import numpy as np
import pytest

from workbench.events import Probed
from workbench.gui.distributions import softmax
from workbench.gui.lens import names_for, seen_of

RANDOM = np.random.default_rng(0)


def rows(logits: np.ndarray, temperature: float) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in softmax(logits, temperature).tolist())


def probed(
    teacher: np.ndarray | None, student: np.ndarray, examples: tuple[int, ...], temperature: float = 4.0
) -> Probed:
    """A look at examples whose true class is 0."""
    return Probed(
        step=1,
        examples=examples,
        labels=(0,) * len(examples),
        temperature=temperature,
        teacher_at_1=() if teacher is None else rows(teacher, 1.0),
        student_at_1=rows(student, 1.0),
        teacher_at_t=() if teacher is None else rows(teacher, temperature),
        student_at_t=rows(student, temperature),
    )


def test_a_baseline_is_softened_as_the_others_are_and_only_where_it_looked():
    teacher, student, other = RANDOM.normal(size=(3, 2, 5))
    own, baseline = probed(teacher, student, (7, 3)), probed(None, other, (3, 9), temperature=1.0)
    first, second = seen_of(own, baseline)
    assert set(first.at_t) == {"teacher", "student"}
    assert set(second.at_t) == {"teacher", "student", "baseline"}
    assert second.at_t["baseline"] == pytest.approx(softmax(other[0], 4.0), abs=1e-6)
    assert second.at_1["baseline"] == pytest.approx(softmax(other[0]), abs=1e-6)


def test_without_a_teacher_there_is_no_divergence():
    (seen,) = seen_of(probed(None, RANDOM.normal(size=(1, 5)), (0,)))
    assert set(seen.at_1) == {"student"}
    assert seen.divergence("student", soft=True) is None


def test_the_divergence_goes_from_the_teacher_at_the_temperature_that_is_shown():
    teacher, student = RANDOM.normal(size=(2, 1, 5))
    (seen,) = seen_of(probed(teacher, student, (0,)))
    for soft, temperature in ((True, 4.0), (False, 1.0)):
        p, q = softmax(teacher[0], temperature), softmax(student[0], temperature)
        assert seen.divergence("student", soft=soft) == pytest.approx(float((p * np.log(p / q)).sum()))


def test_right_is_the_students_first_choice():
    right, wrong = np.array([[3.0, 0.0, 0.0]]), np.array([[0.0, 3.0, 0.0]])
    assert seen_of(probed(wrong, right, (0,)))[0].is_right
    assert not seen_of(probed(right, wrong, (0,)))[0].is_right


def test_logits_survive_probabilities_that_are_0_at_1():
    logits = np.array([[300.0, 0.0, -20.0]])
    one = probed(logits, logits, (0,))
    lost = Probed(**{**{name: getattr(one, name) for name in one.__slots__}, "teacher_at_1": ((1.0, 0.0, 0.0),)})
    assert seen_of(lost)[0].logits("teacher") == pytest.approx(logits[0] - logits[0].mean(), abs=1e-3)


def test_few_classes_are_all_shown_in_their_order():
    (seen,) = seen_of(probed(None, RANDOM.normal(size=(1, 12)), (0,)))
    assert seen.classes_shown() == tuple(range(12))


def test_of_many_classes_the_best_liked_are_shown_and_the_true_one():
    teacher, student = RANDOM.normal(size=(2, 1, 200))
    teacher[0, 0] = -9.0
    (seen,) = seen_of(probed(teacher, student, (0,)))
    shown = seen.classes_shown()
    assert set(np.argsort(-teacher[0])[:10]) | set(np.argsort(-student[0])[:3]) | {0} == set(shown)
    assert list(teacher[0][list(shown)]) == sorted(teacher[0][list(shown)], reverse=True)


def test_classes_without_names_are_numbered():
    assert names_for((), 3) == ("0", "1", "2")
    assert names_for(("a", "b", "c"), 3) == ("a", "b", "c")
