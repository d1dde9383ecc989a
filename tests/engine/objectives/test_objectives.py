"""What every soft objective keeps to, whatever the logits and the temperature."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.objectives.cases import SOFT_SECTIONS, TEMPERATURES, ids, logits
from workbench.engine.objectives import OBJECTIVES
from workbench.recipe.objectives import OBJECTIVES as SECTIONS

SOFT = {objective.kind: objective.soft for objective in OBJECTIVES}
every_soft_objective = pytest.mark.parametrize("section", SOFT_SECTIONS, ids=ids)


def terms(section, student_NC, teacher_NC, temperature):
    """The soft term per position."""
    return SOFT[section.kind](student_NC, teacher_NC, temperature, section)


def gradient(section, student_NC, teacher_NC, temperature):
    """The gradient of the summed soft terms in the student's logits."""
    leaf_NC = student_NC.clone().requires_grad_()
    terms(section, leaf_NC, teacher_NC, temperature).sum().backward()
    return leaf_NC.grad


def test_the_engine_and_the_recipe_know_the_same_objectives_in_the_same_order():
    assert [objective.kind for objective in OBJECTIVES] == [section().kind for section in SECTIONS]


def test_exactly_the_objectives_that_use_a_teacher_have_a_soft_term():
    for objective, section in zip(OBJECTIVES, SECTIONS, strict=True):
        assert (objective.soft is not None) == section().uses_teacher


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES)
def test_a_student_equal_to_its_teacher_has_no_divergence_and_no_gradient(section, given, temperature):
    tiny = given.rounding(temperature)
    same = terms(section, given.teacher_NC, given.teacher_NC, temperature)
    slope = gradient(section, given.teacher_NC, given.teacher_NC, temperature)
    assert same.abs().max() <= tiny
    assert slope.abs().max() <= tiny


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES)
def test_a_divergence_is_never_negative_and_one_number_a_position(section, given, temperature):
    soft_N = terms(section, given.student_NC, given.teacher_NC, temperature)
    assert soft_N.shape == given.labels_N.shape
    assert soft_N.min() >= -given.rounding(temperature)


@every_soft_objective
@given(given=logits(smallest_batch=2), temperature=TEMPERATURES, seed=st.integers(0, 1000))
def test_reordering_the_positions_reorders_their_terms(section, given, temperature, seed):
    order = torch.randperm(len(given.labels_N), generator=torch.Generator().manual_seed(seed))
    reordered = terms(section, given.student_NC[order], given.teacher_NC[order], temperature)
    expected = terms(section, given.student_NC, given.teacher_NC, temperature)[order]
    assert (reordered - expected).abs().max() <= given.rounding(temperature)


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES, seed=st.integers(0, 1000))
def test_reordering_the_classes_of_both_changes_nothing(section, given, temperature, seed):
    order = torch.randperm(given.student_NC.shape[1], generator=torch.Generator().manual_seed(seed))
    reordered = terms(section, given.student_NC[:, order], given.teacher_NC[:, order], temperature)
    expected = terms(section, given.student_NC, given.teacher_NC, temperature)
    assert (reordered - expected).abs().max() <= given.rounding(temperature)


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES, constant=st.floats(-50, 50))
def test_a_constant_added_to_all_logits_changes_nothing(section, given, temperature, constant):
    expected = terms(section, given.student_NC, given.teacher_NC, temperature)
    tiny = 1e-14 * given.student_NC.shape[1] * (temperature + 300) ** 2
    for student_NC, teacher_NC in (
        (given.student_NC + constant, given.teacher_NC),
        (given.student_NC, given.teacher_NC - constant),
    ):
        assert (terms(section, student_NC, teacher_NC, temperature) - expected).abs().max() <= tiny


@every_soft_objective
@pytest.mark.parametrize("temperature", [0.05, 1.0, 1000.0])
def test_terms_and_gradients_of_sharp_float32_logits_are_finite(section, temperature):
    generator = torch.Generator().manual_seed(3)
    student_NC, teacher_NC = (200 * torch.rand(2, 64, 10, generator=generator) - 100).float()
    student_NC[0], teacher_NC[0] = torch.tensor([100.0, *[-100.0] * 9]), torch.tensor([*[-100.0] * 9, 100.0])
    assert torch.isfinite(terms(section, student_NC, teacher_NC, temperature)).all()
    assert torch.isfinite(gradient(section, student_NC, teacher_NC, temperature)).all()


@every_soft_objective
def test_half_precision_logits_are_compared_in_float32_and_never_fall_below_zero(section):
    generator = torch.Generator().manual_seed(5)
    teacher_NC = 5 * torch.randn(500, 50, generator=generator)
    student_NC = teacher_NC + 0.02 * torch.randn(500, 50, generator=generator)
    for dtype in (torch.bfloat16, torch.float16):
        soft_N = terms(section, student_NC.to(dtype), teacher_NC.to(dtype), 1.0)
        assert soft_N.dtype == torch.float32
        assert soft_N.min() >= -1e-6


@every_soft_objective
@given(given=logits(), temperature=st.floats(0.5, 50))
def test_the_gradient_sums_to_zero_over_the_classes(section, given, temperature):
    slope_NC = gradient(section, given.student_NC, given.teacher_NC, temperature)
    assert slope_NC.sum(1).abs().max() <= given.rounding(temperature)


@pytest.mark.parametrize("section", [s for s in SOFT_SECTIONS if "temperature" in type(s).model_fields], ids=ids)
def test_the_soft_gradient_keeps_its_size_when_a_high_temperature_doubles(section):
    generator = torch.Generator().manual_seed(7)
    student_NC, teacher_NC = torch.randn(2, 20, 10, dtype=torch.float64, generator=generator)
    sizes = [float(gradient(section, student_NC, teacher_NC, t).norm()) for t in (200.0, 400.0)]
    assert math.isclose(*sizes, rel_tol=0.01)
