"""The hard term: cross-entropy at T = 1, in float32 at least, nothing where the label is hidden."""

import pytest
import torch
from hypothesis import given
from torch.nn.functional import nll_loss

from engine.objectives.cases import DESIGN_STUDENT, logits
from workbench.engine.objectives import UNLABELLED, hard_term


def test_the_designs_cross_entropy():
    assert float(hard_term(DESIGN_STUDENT, torch.tensor([0]))) == pytest.approx(0.720694, abs=5e-7)


@given(logits())
def test_it_is_minus_log_p_of_the_label_and_0_where_the_label_is_hidden(given):
    hard_N = hard_term(given.student_NC, given.labels_N)
    known = given.labels_N != UNLABELLED
    expected = -given.student_NC.softmax(1).log()[known].gather(1, given.labels_N[known, None])[:, 0]
    finite = torch.isfinite(expected)
    assert torch.allclose(hard_N[known][finite], expected[finite], rtol=1e-9, atol=1e-12)
    assert (hard_N[~known] == 0).all()


def test_a_hidden_label_has_no_gradient():
    leaf_NC = torch.randn(4, 3, requires_grad=True)
    hard_term(leaf_NC, torch.tensor([0, UNLABELLED, 2, UNLABELLED])).sum().backward()
    assert (leaf_NC.grad[[1, 3]] == 0).all()
    assert (leaf_NC.grad[[0, 2]] != 0).all()


def test_bfloat16_logits_are_scored_as_their_float32_values():
    logits_NC = (20 * torch.randn(50, 100)).bfloat16()
    labels_N = torch.arange(50)
    hard_N = hard_term(logits_NC, labels_N)
    assert hard_N.dtype == torch.float32
    assert torch.allclose(hard_N, nll_loss(logits_NC.float().log_softmax(1), labels_N, reduction="none"))
