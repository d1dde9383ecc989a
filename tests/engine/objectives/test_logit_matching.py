"""Logit matching: squared distance of zero-meaned logits, and where T² · KL tends to."""

import numpy as np
import pytest
import torch
from hypothesis import given

from engine.objectives.cases import logits
from workbench.engine.objectives.logit_matching import squared_distance
from workbench.engine.objectives.soft_targets import forward_kl
from workbench.recipe.objectives import LogitMatching, SoftTargets


@given(logits())
def test_it_is_half_the_variance_of_the_difference(given):
    expected = np.var((given.student_NC - given.teacher_NC).numpy(), axis=1) / 2
    soft_N = squared_distance(given.student_NC, given.teacher_NC, 1.0, LogitMatching())
    assert soft_N.numpy() == pytest.approx(expected, rel=1e-9, abs=given.rounding(1.0))


@given(logits())
def test_the_temperature_is_ignored(given):
    cold, hot = (squared_distance(given.student_NC, given.teacher_NC, t, LogitMatching()) for t in (0.05, 1000.0))
    assert torch.equal(cold, hot)


def test_t_squared_kl_tends_to_it_in_value_and_gradient_as_the_temperature_grows():
    generator = torch.Generator().manual_seed(11)
    student_NC, teacher_NC = 2 * torch.randn(2, 30, 10, dtype=torch.float64, generator=generator)
    value_errors, slope_errors = [], []
    for temperature in (1e2, 1e3, 1e4):
        leaves = [student_NC.clone().requires_grad_() for _ in range(2)]
        limit_N = squared_distance(leaves[0], teacher_NC, 1.0, LogitMatching())
        soft_N = forward_kl(leaves[1], teacher_NC, temperature, SoftTargets())
        limit_N.sum().backward()
        soft_N.sum().backward()
        value_errors.append(float((soft_N - limit_N).detach().norm() / limit_N.detach().norm()))
        slope_errors.append(float((leaves[1].grad - leaves[0].grad).norm() / leaves[0].grad.norm()))
    for errors in (value_errors, slope_errors):
        assert errors[0] < 0.05
        assert errors[0] / errors[1] == pytest.approx(10, rel=0.1)
        assert errors[1] / errors[2] == pytest.approx(10, rel=0.1)
