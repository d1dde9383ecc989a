"""Distributions: the design's numbers, and what holds for any logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.gui.distributions import (
    entropy,
    gradient_sizes,
    hard_gradient,
    kl,
    limit_gradient,
    log_softmax,
    logits_from,
    soft_gradient,
    softened,
    softmax,
)

TEACHER, STUDENT = np.array([2.0, 1.0, 0.1]), np.array([1.0, 0.5, 0.2])
BMW = np.array([60.0, 25.0, 3.0, -3.0])
LOGITS = st.integers(2, 12).flatmap(lambda count: arrays(np.float64, count, elements=st.floats(-30, 30)))
PAIRS = st.integers(2, 12).flatmap(
    lambda count: st.tuples(*2 * [arrays(np.float64, count, elements=st.floats(-12, 12))])
)
TEMPERATURES = st.floats(0.5, 100)


def test_the_designs_distributions_and_loss():
    p_t, p_s = softmax(TEACHER, 2.0), softmax(STUDENT, 2.0)
    assert p_t == pytest.approx([0.501688, 0.304289, 0.194023], abs=5e-7)
    assert p_s == pytest.approx([0.408310, 0.317992, 0.273698], abs=5e-7)
    assert kl(p_t, p_s) == pytest.approx(0.023167, abs=5e-7)
    assert kl(p_s, p_t) == pytest.approx(0.024080, abs=5e-7)
    hard = -log_softmax(STUDENT)[0]
    assert hard == pytest.approx(0.720694, abs=5e-7)
    for alpha, loss in ((0.1, 0.657891), (0.5, 0.406680), (0.9, 0.155470)):
        assert alpha * 4 * kl(p_t, p_s) + (1 - alpha) * hard == pytest.approx(loss, abs=1e-6)


def test_the_bmw_at_a_temperature_of_6():
    row = softmax(BMW, 6.0)
    assert [f"{100 * share:.1f}" for share in row[:1]] == ["99.7"]
    assert [f"{100 * share:.3f}" for share in row[1:]] == ["0.292", "0.007", "0.003"]


@given(LOGITS, TEMPERATURES)
def test_a_softened_distribution_sums_to_one_and_keeps_the_order(logits, temperature):
    before = softmax(logits)
    after = softened(before, temperature)
    assert after.sum() == pytest.approx(1)
    order = np.argsort(before, kind="stable")
    assert (np.diff(after[order]) >= -1e-12).all()


@given(LOGITS)
def test_a_temperature_of_1_changes_nothing(logits):
    assert softened(softmax(logits), 1.0) == pytest.approx(softmax(logits), abs=1e-12)


@given(LOGITS)
def test_a_very_high_temperature_makes_all_classes_alike(logits):
    assert softened(softmax(logits), 1e7) == pytest.approx(np.full(len(logits), 1 / len(logits)), abs=1e-5)


@given(LOGITS, TEMPERATURES)
def test_softening_a_distribution_is_dividing_its_logits(logits, temperature):
    assert softened(softmax(logits), temperature) == pytest.approx(softmax(logits, temperature), abs=1e-9)


@given(LOGITS, st.floats(1.5, 20))
def test_logits_come_back_from_a_softened_row_up_to_a_constant(logits, temperature):
    assert logits_from(softmax(logits, temperature), temperature) == pytest.approx(logits - logits.mean(), abs=1e-6)


def test_a_probability_that_underflowed_still_gives_a_finite_logit():
    assert np.isfinite(logits_from([1.0, 0.0])).all()
    assert softened([1.0, 0.0], 50.0)[1] > 0.1


@given(LOGITS)
def test_entropy_lies_between_certainty_and_equal_shares(logits):
    assert 0 <= entropy(softmax(logits)) <= np.log(len(logits)) + 1e-9


def test_entropy_of_certainty_and_of_equal_shares():
    assert entropy([0.0, 1.0, 0.0]) == 0
    assert entropy([0.25] * 4) == pytest.approx(np.log(4))


@given(PAIRS)
def test_a_divergence_is_never_below_zero_and_zero_for_the_same(pair):
    p, q = map(softmax, pair)
    assert kl(p, q) >= 0
    assert kl(p, p) == pytest.approx(0, abs=1e-12)


def test_a_divergence_counts_what_the_other_rules_out():
    assert np.isfinite(kl([0.5, 0.5], [1.0, 0.0]))
    assert kl([0.5, 0.5], [1.0, 0.0]) > 50


@given(PAIRS, TEMPERATURES)
def test_the_gradient_is_the_slope_of_the_loss(pair, temperature):
    teacher, student = pair
    gradient = soft_gradient(teacher, student, temperature)
    step = np.zeros_like(student)
    step[0] = 1e-5

    def loss(logits):
        return temperature**2 * kl(softmax(teacher, temperature), softmax(logits, temperature))

    slope = (loss(student + step) - loss(student - step)) / 2e-5
    assert gradient[0] == pytest.approx(slope, rel=1e-4, abs=1e-6 * temperature**2)


@given(PAIRS, TEMPERATURES)
def test_without_its_factor_the_gradient_is_smaller_by_the_square_of_the_temperature(pair, temperature):
    squared = soft_gradient(*pair, temperature)
    assert temperature**2 * soft_gradient(*pair, temperature, squared=False) == pytest.approx(squared)
    without, size = gradient_sizes(*pair, [temperature])
    assert size[0] == pytest.approx(np.linalg.norm(squared))
    assert without[0] == pytest.approx(np.linalg.norm(squared) / temperature**2)


def test_at_a_high_temperature_the_gradient_tends_to_the_difference_of_zero_meaned_logits():
    random = np.random.default_rng(0)
    teacher, student = random.normal(size=(2, 10)) * 2
    limit = limit_gradient(teacher + 5, student - 3)
    assert limit == pytest.approx(((student - student.mean()) - (teacher - teacher.mean())) / 10)
    errors = [
        np.linalg.norm(soft_gradient(teacher, student, t) - limit) / np.linalg.norm(limit) for t in (20.0, 1000.0)
    ]
    assert errors[0] < 0.15
    assert errors[0] / errors[1] == pytest.approx(50, rel=0.1)


def test_the_hard_labels_gradient_is_the_students_answer_minus_the_label():
    assert hard_gradient(STUDENT, 1) == pytest.approx(softmax(STUDENT) - np.array([0, 1, 0]))
