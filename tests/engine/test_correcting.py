"""The bias of classes that were missing from the transfer set (Hinton §3)."""

import pytest
import torch

from workbench.engine.correcting import omitted_class_shift


def errors(logits_NC: torch.Tensor, labels_N: torch.Tensor) -> int:
    return int((logits_NC.argmax(1) != labels_N).sum())


@pytest.fixture
def biased():
    """Logits that knew the labels until class 2 lost 5."""
    generator = torch.Generator().manual_seed(0)
    labels_N = torch.arange(60) % 3
    logits_NC = torch.randn(60, 3, generator=generator)
    logits_NC[torch.arange(60), labels_N] += 4
    logits_NC[:, 2] -= 5
    return logits_NC, labels_N


def test_the_shift_brings_the_missing_class_back(biased):
    logits_NC, labels_N = biased
    shift_C = omitted_class_shift(logits_NC, labels_N, (2,))
    assert shift_C[:2].tolist() == [0, 0]
    assert float(shift_C[2]) == pytest.approx(5, abs=2)
    assert errors(logits_NC, labels_N) > 15
    assert errors(logits_NC + shift_C, labels_N) <= 3


def test_no_other_shift_makes_fewer_errors(biased):
    logits_NC, labels_N = biased
    best = errors(logits_NC + omitted_class_shift(logits_NC, labels_N, (2,)), labels_N)
    chosen_C = torch.tensor([0.0, 0.0, 1.0])
    assert best == min(errors(logits_NC + shift * chosen_C, labels_N) for shift in torch.linspace(-15, 15, 601))


def test_several_missing_classes_share_one_shift(biased):
    logits_NC, labels_N = biased
    logits_NC[:, 1] -= 5
    shift_C = omitted_class_shift(logits_NC, labels_N, (1, 2))
    assert float(shift_C[0]) == 0
    assert float(shift_C[1]) == float(shift_C[2]) > 0


def test_the_middle_of_the_widest_stretch_is_taken():
    # Right from a shift of 2 up to one of 6: the middle is 4.
    logits_NC = torch.tensor([[2.0, 0.0], [6.0, 0.0], [8.0, 0.0]])
    shift_C = omitted_class_shift(logits_NC, torch.tensor([1, 0, 0]), (1,))
    assert float(shift_C[1]) == pytest.approx(4, abs=0.1)


def test_a_class_that_needs_no_help_stays_reachable():
    logits_NC = 6 * torch.eye(3)[torch.arange(30) % 3]
    labels_N = torch.arange(30) % 3
    assert errors(logits_NC + omitted_class_shift(logits_NC, labels_N, (0,)), labels_N) == 0


def test_a_class_that_no_shift_helps_is_left_alone():
    logits_NC = 6 * torch.eye(3)[torch.arange(30) % 3]
    assert omitted_class_shift(logits_NC, torch.arange(30) % 3, (0,)).tolist() == [0, 0, 0]
