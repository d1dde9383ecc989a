"""Forward KL times T²: the design's numbers, PyTorch's kl_div, and the limit of a high temperature."""

import pytest
import torch
from hypothesis import given
from torch.nn.functional import kl_div

from engine.objectives.cases import DESIGN_STUDENT, DESIGN_TEACHER, TEMPERATURES, logits
from workbench.engine.objectives.soft_targets import forward_kl
from workbench.recipe.objectives import SoftTargets

SECTION = SoftTargets()


def test_the_designs_kl_with_and_without_its_t_squared():
    soft = float(forward_kl(DESIGN_STUDENT, DESIGN_TEACHER, 2.0, SECTION))
    assert soft == pytest.approx(0.092667, abs=5e-7)
    assert soft / 4 == pytest.approx(0.023167, abs=5e-7)


@given(logits(), TEMPERATURES)
def test_it_is_pytorchs_kl_div_times_t_squared(given, temperature):
    log_s_NC, log_t_NC = ((z / temperature).log_softmax(1) for z in (given.student_NC, given.teacher_NC))
    expected = temperature**2 * kl_div(log_s_NC, log_t_NC, log_target=True, reduction="none").sum(1)
    soft_N = forward_kl(given.student_NC, given.teacher_NC, temperature, SECTION)
    assert (soft_N - expected).abs().max() <= given.rounding(temperature)


def test_its_gradient_is_the_difference_of_the_probabilities_times_t():
    leaf_1C = DESIGN_STUDENT.clone().requires_grad_()
    forward_kl(leaf_1C, DESIGN_TEACHER, 2.0, SECTION).sum().backward()
    expected = 2 * ((DESIGN_STUDENT / 2).softmax(1) - (DESIGN_TEACHER / 2).softmax(1))
    assert torch.allclose(leaf_1C.grad, expected, rtol=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_at_a_high_temperature_the_gradient_tends_to_the_difference_of_zero_meaned_logits(seed):
    generator = torch.Generator().manual_seed(seed)
    both = 2 * torch.randn(2, 50, 10, dtype=torch.float64, generator=generator)
    student_NC, teacher_NC = both - both.mean(-1, keepdim=True)
    wanted = student_NC - teacher_NC
    error = {}
    for temperature in (20.0, 1000.0):
        leaf_NC = student_NC.clone().requires_grad_()
        forward_kl(leaf_NC, teacher_NC, temperature, SECTION).sum().backward()
        error[temperature] = float((10 * leaf_NC.grad - wanted).norm() / wanted.norm())
    assert error[20.0] == pytest.approx(0.066, rel=0.15)
    assert error[1000.0] == pytest.approx(0.0014, rel=0.2)
    assert error[20.0] / error[1000.0] == pytest.approx(50, rel=0.03)
