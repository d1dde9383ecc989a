"""The generalised Jensen–Shannon divergence: the design's number, its symmetry, its bounds, its limits."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import kl_div

from engine.objectives.cases import DESIGN_STUDENT, DESIGN_TEACHER, TEMPERATURES, logits
from workbench.engine.objectives.jensen_shannon import jensen_shannon
from workbench.recipe.objectives import JensenShannon

BETAS = st.floats(0.05, 0.95)


def beyond_the_recipe(beta: float) -> JensenShannon:
    """A section with a β that recipes refuse, for looking at limits."""
    return JensenShannon.model_construct(beta=beta)


def test_the_designs_jsd():
    value = float(jensen_shannon(DESIGN_STUDENT, DESIGN_TEACHER, 2.0, JensenShannon())) / 4
    assert value == pytest.approx(0.005885, abs=5e-7)


@given(logits(), TEMPERATURES, BETAS)
def test_it_is_the_weighted_kl_to_the_mixture(given, temperature, beta):
    p_s_NC, p_t_NC = ((z / temperature).softmax(1) for z in (given.student_NC, given.teacher_NC))
    mixture_NC = beta * p_t_NC + (1 - beta) * p_s_NC
    parts = [kl_div(mixture_NC.log(), p_NC, reduction="none").nan_to_num(0).sum(1) for p_NC in (p_t_NC, p_s_NC)]
    expected = temperature**2 * (beta * parts[0] + (1 - beta) * parts[1])
    soft_N = jensen_shannon(given.student_NC, given.teacher_NC, temperature, JensenShannon(beta=beta))
    assert (soft_N - expected).abs().max() <= 10 * given.rounding(temperature)


@given(logits(), TEMPERATURES)
def test_at_one_half_student_and_teacher_may_change_places(given, temperature):
    forth = jensen_shannon(given.student_NC, given.teacher_NC, temperature, JensenShannon(beta=0.5))
    back = jensen_shannon(given.teacher_NC, given.student_NC, temperature, JensenShannon(beta=0.5))
    assert (forth - back).abs().max() <= given.rounding(temperature)


@given(logits(), TEMPERATURES, BETAS)
def test_changing_places_and_taking_the_other_weight_gives_the_same(given, temperature, beta):
    forth = jensen_shannon(given.student_NC, given.teacher_NC, temperature, JensenShannon(beta=beta))
    back = jensen_shannon(given.teacher_NC, given.student_NC, temperature, JensenShannon(beta=1 - beta))
    assert (forth - back).abs().max() <= 10 * given.rounding(temperature)


@given(logits(), TEMPERATURES, BETAS)
def test_it_is_bounded_by_the_entropy_of_its_weights(given, temperature, beta):
    entropy = -beta * math.log(beta) - (1 - beta) * math.log(1 - beta)
    soft_N = jensen_shannon(given.student_NC, given.teacher_NC, temperature, JensenShannon(beta=beta))
    assert soft_N.max() <= temperature**2 * entropy * (1 + 1e-9) + given.rounding(temperature)


def test_the_bound_is_reached_when_nothing_is_shared():
    far_1C = torch.tensor([[900.0, -900.0]])
    assert float(jensen_shannon(far_1C, -far_1C, 1.0, JensenShannon())) == pytest.approx(math.log(2), rel=1e-6)


@pytest.mark.parametrize("mirrored", [False, True], ids=["small weight", "large weight"])
def test_divided_by_a_vanishing_weight_it_tends_to_a_kl(mirrored):
    student_1C, teacher_1C = DESIGN_STUDENT, DESIGN_TEACHER
    log_s, log_t = student_1C.log_softmax(1), teacher_1C.log_softmax(1)
    target, other = (log_s, log_t) if mirrored else (log_t, log_s)
    kl = float(kl_div(other, target, log_target=True, reduction="sum"))
    errors = []
    for small in (0.5, 0.05, 0.005, 0.0005):
        section = beyond_the_recipe(1 - small if mirrored else small)
        errors.append(abs(float(jensen_shannon(student_1C, teacher_1C, 1.0, section)) / small / kl - 1))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.001
