"""What counts as the same, with numbers worked out by hand."""

import json
import math

import pytest
import torch
from torch import Tensor

from workbench.engine.exporting.answering import Answers
from workbench.engine.exporting.parity import Parity, compare, short

ORIGINAL_NC = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.5, 1.0]])
LABELS_N = torch.tensor([0, 0, 2])


def parity(exported_NC: Tensor, original_NC: Tensor = ORIGINAL_NC, output: str = "logits") -> Parity:
    ours, theirs = (Answers(256, outputs_NC, 0.5) for outputs_NC in (original_NC, exported_NC))
    return compare((ours,), (theirs,), LABELS_N, file="student.onnx", opset=20, output=output)


def moved(amount: float, row: int = 0, column: int = 0) -> Tensor:
    exported_NC = ORIGINAL_NC.clone()
    exported_NC[row, column] += amount
    return exported_NC


def test_equal_answers_have_no_fault_and_no_difference() -> None:
    same = parity(ORIGINAL_NC.clone())
    assert same.fault() == ""
    assert (same.whole.max_difference, same.whole.kl, same.whole.agreement) == (0.0, 0.0, 1.0)
    assert (same.whole.errors_pytorch, same.whole.errors_onnx) == (1, 1)


def test_the_numbers_are_those_of_a_calculation_by_hand() -> None:
    whole = parity(moved(0.5)).whole
    before = [math.exp(z) / (math.e**2 + math.e + 1) for z in (2, 1, 0)]
    after = [math.exp(z) / (math.exp(2.5) + math.e + 1) for z in (2.5, 1, 0)]
    kl = sum(p * math.log(p / q) for p, q in zip(before, after, strict=True)) / 3
    assert whole.max_logit_difference == 0.5
    assert whole.mean_difference == pytest.approx(0.5 / 9)
    assert whole.max_probability_difference == pytest.approx(after[0] - before[0])
    assert whole.kl == pytest.approx(kl)


@pytest.mark.parametrize(("amount", "faulty"), [(0.9e-4, False), (1.1e-4, True)])
def test_a_difference_beyond_a_ten_thousandth_is_a_fault(amount: float, faulty: bool) -> None:
    assert bool(parity(moved(amount)).fault()) is faulty


@pytest.mark.parametrize(("amount", "faulty"), [(3.9e-3, False), (4.1e-3, True)])
def test_beyond_logits_of_25_the_tolerance_grows_with_the_largest(amount: float, faulty: bool) -> None:
    # 4e-6 of 1,000.
    original_NC = torch.tensor([[0.0, 1000.0, -1000.0]])
    exported_NC = original_NC + torch.tensor([[amount, 0.0, 0.0]])
    assert bool(parity(exported_NC, original_NC).fault()) is faulty


def test_a_different_top_1_is_a_fault_however_small_the_difference() -> None:
    original_NC = torch.tensor([[1.0, 1.0 + 1e-6, 0.0]])
    exported_NC = torch.tensor([[1.0 + 1e-6, 1.0, 0.0]])
    assert parity(exported_NC, original_NC).fault() == "1 of 1 top-1 answers differ in batches of 256"


def test_nan_is_a_fault_and_becomes_null_in_the_report() -> None:
    broken = parity(moved(float("nan"), row=2))
    assert "the largest difference of its logits is nan" in broken.fault()
    report = json.loads(json.dumps(broken.as_dict(), allow_nan=False))
    assert report["max_logit_difference"] is None


def test_nan_in_one_batch_size_is_not_hidden_by_another() -> None:
    ours = tuple(Answers(size, ORIGINAL_NC, 0.5) for size in (1, 7))
    for broken_NC, sound_NC in ((moved(float("nan"), row=2), moved(1e-6)),):
        for pair in ((broken_NC, sound_NC), (sound_NC, broken_NC)):
            theirs = tuple(Answers(answers.batch_size, part, 0.5) for answers, part in zip(ours, pair, strict=True))
            both = compare(ours, theirs, LABELS_N, file="student.onnx", opset=20, output="logits")
            assert "nan" in both.fault()


def test_the_worst_batch_size_is_the_one_that_is_named() -> None:
    ours = tuple(Answers(size, ORIGINAL_NC, 0.5) for size in (1, 7, 256))
    theirs = (Answers(1, ORIGINAL_NC, 0.5), Answers(7, moved(0.01), 0.5), Answers(256, moved(0.001), 0.5))
    fault = compare(ours, theirs, LABELS_N, file="student.onnx", opset=20, output="logits").fault()
    assert fault == "the largest difference of its logits is 0.01 in batches of 7, and 0.0001 is allowed"


def test_probabilities_are_compared_as_they_are_and_zeros_cost_no_infinity() -> None:
    original_NC = torch.tensor([[0.75, 0.25, 0.0], [0.5, 0.25, 0.25]])
    exported_NC = torch.tensor([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0]])
    whole = parity(exported_NC, original_NC, "probabilities").whole
    assert whole.max_logit_difference is None
    assert whole.max_probability_difference == 0.25
    assert math.isfinite(whole.kl)
    assert whole.kl > 1


def test_the_summary_holds_no_times() -> None:
    assert not [key for key in parity(ORIGINAL_NC).summary() if "ms" in key]
    assert parity(ORIGINAL_NC).as_dict()["batches"][0]["ms_per_item_pytorch"] == 0.5


def test_numbers_are_shortened_to_three_digits() -> None:
    assert short(1.23456e-7) == 1.23e-7
    assert short(float("inf")) is None
