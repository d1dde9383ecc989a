"""Reverse KL times T²: the design's number, PyTorch's kl_div with the roles exchanged."""

import pytest
import torch
from hypothesis import given
from torch.nn.functional import kl_div

from engine.objectives.cases import DESIGN_STUDENT, DESIGN_TEACHER, TEMPERATURES, logits
from workbench.engine.objectives.reverse_kl import reverse_kl
from workbench.recipe.objectives import ReverseKL

SECTION = ReverseKL()


def test_the_designs_reverse_kl():
    assert float(reverse_kl(DESIGN_STUDENT, DESIGN_TEACHER, 2.0, SECTION)) / 4 == pytest.approx(0.024080, abs=5e-7)


@given(logits(), TEMPERATURES)
def test_it_is_pytorchs_kl_div_with_student_and_teacher_exchanged(given, temperature):
    log_s_NC, log_t_NC = ((z / temperature).log_softmax(1) for z in (given.student_NC, given.teacher_NC))
    expected = temperature**2 * kl_div(log_t_NC, log_s_NC, log_target=True, reduction="none").sum(1)
    soft_N = reverse_kl(given.student_NC, given.teacher_NC, temperature, SECTION)
    assert (soft_N - expected).abs().max() <= given.rounding(temperature)


def test_it_punishes_what_the_teacher_would_not_say_more_than_what_the_student_leaves_out():
    teacher_1C = torch.tensor([[5.0, 5.0, -5.0]], dtype=torch.float64)
    one_mode, elsewhere = torch.tensor([[[5.0, -5.0, -5.0]], [[5.0, 5.0, 5.0]]], dtype=torch.float64)
    assert reverse_kl(one_mode, teacher_1C, 1.0, SECTION) < reverse_kl(elsewhere, teacher_1C, 1.0, SECTION)
