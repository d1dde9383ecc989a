"""Log-probabilities at a temperature: the design's numbers, and float32 at least."""

import pytest
import torch

from engine.objectives.cases import DESIGN_STUDENT, DESIGN_TEACHER
from workbench.engine.objectives import log_p


@pytest.mark.parametrize(
    ("logits_1C", "expected"),
    [(DESIGN_TEACHER, [0.501688, 0.304289, 0.194023]), (DESIGN_STUDENT, [0.408310, 0.317992, 0.273698])],
    ids=["teacher", "student"],
)
def test_softening_by_2_gives_the_designs_probabilities(logits_1C, expected):
    assert log_p(logits_1C, 2.0).exp()[0].tolist() == pytest.approx(expected, abs=5e-7)


def test_a_temperature_of_6_still_leaves_a_sharp_answer_sharp():
    logits_1C = torch.tensor([[60.0, 25.0, 3.0, -3.0]], dtype=torch.float64)
    percent = (100 * log_p(logits_1C, 6.0).exp())[0].tolist()
    assert percent[0] == pytest.approx(99.7, abs=0.05)
    assert percent[1:] == pytest.approx([0.292, 0.007, 0.003], abs=5e-4)


def test_a_temperature_of_1_changes_nothing():
    assert torch.equal(log_p(DESIGN_TEACHER, 1.0), torch.log_softmax(DESIGN_TEACHER, -1))


@pytest.mark.parametrize(
    ("given", "computed"),
    [
        (torch.float64, torch.float64),
        (torch.float32, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float16, torch.float32),
    ],
)
def test_half_precision_is_widened_before_the_softmax(given, computed):
    assert log_p(DESIGN_TEACHER.to(given), 3.0).dtype == computed


def test_probabilities_that_underflow_keep_their_logarithm():
    assert log_p(torch.tensor([[0.0, -1000.0]]), 0.05)[0, 1] == pytest.approx(-20000)
