"""Scores on held-out data, against cases made by hand."""

import math

import pytest
import torch
from closeness import assert_close

from engine.workshop import tiny_classifier
from workbench.engine.evaluating import HeldOut, calibration_error, evaluate, logits_of
from workbench.errors import WorkbenchError


def logits_for(probabilities: list[list[float]]) -> torch.Tensor:
    """Logits whose softmax gives these rows."""
    return torch.tensor(probabilities).log() + 3.0


def held_out(labels: list[int], teacher_NC: torch.Tensor | None = None) -> HeldOut:
    return HeldOut(torch.zeros(len(labels), 4), torch.tensor(labels), teacher_NC)


STUDENT = logits_for([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.3, 0.6], [0.4, 0.35, 0.25]])
TEACHER = logits_for([[0.9, 0.05, 0.05], [0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.3, 0.6, 0.1]])


def test_errors_and_cross_entropy_by_hand():
    found = evaluate(STUDENT, held_out([0, 0, 2, 1]), step=7, subject="student")
    assert (found.step, found.subject, found.errors, found.examples) == (7, "student", 2, 4)
    assert found.cross_entropy == pytest.approx(-sum(map(math.log, (0.7, 0.2, 0.6, 0.35))) / 4, rel=1e-5)


def test_without_a_teacher_there_is_neither_agreement_nor_a_kl():
    found = evaluate(STUDENT, held_out([0, 0, 2, 1]), step=0, subject="student")
    assert (found.agreement, found.kl_to_teacher) == (None, None)


def test_agreement_counts_the_same_first_choice():
    found = evaluate(STUDENT, held_out([0, 0, 2, 1], TEACHER), step=0, subject="student")
    assert found.agreement == 0.5


def test_the_kl_goes_from_the_teacher_to_the_student_at_a_temperature_of_1():
    found = evaluate(STUDENT, held_out([0, 0, 2, 1], TEACHER), step=0, subject="student")
    rows = zip(TEACHER.softmax(1).tolist(), STUDENT.softmax(1).tolist(), strict=True)
    expected = sum(t * math.log(t / s) for ts, ss in rows for t, s in zip(ts, ss, strict=True)) / 4
    # A sum of parts of either sign, each as exact as its logarithms, which reach log 20.
    assert_close(found.kl_to_teacher, expected, scale=math.log(20), summands=3, layers=1)


def test_a_teacher_agrees_with_itself():
    found = evaluate(TEACHER, held_out([0, 0, 2, 1], TEACHER), step=0, subject="teacher")
    assert found.agreement == 1.0
    assert found.kl_to_teacher == pytest.approx(0, abs=1e-7)


def test_a_hidden_label_cannot_be_judged_by():
    with pytest.raises(WorkbenchError, match="have no label"):
        evaluate(STUDENT, held_out([0, 0, -100, 1]), step=0, subject="student")


def test_calibration_by_hand():
    # Two bins: confidence 0.9 and right in 1 of 2, confidence 0.55 and right in 2 of 2.
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.45, 0.55], [0.45, 0.55]])
    expected = (2 * abs(0.9 - 0.5) + 2 * abs(0.55 - 1.0)) / 4
    assert calibration_error(probabilities, torch.tensor([0, 1, 1, 1])) == pytest.approx(expected, rel=1e-6)


def test_calibration_averages_within_a_bin_before_it_compares():
    # One bin: over- and underconfidence cancel.
    probabilities = torch.tensor([[0.71, 0.29], [0.73, 0.27]] * 50)
    labels = torch.tensor([0] * 72 + [1] * 28)
    assert calibration_error(probabilities, labels) == pytest.approx(0, abs=1e-6)


def test_certainty_that_is_always_right_is_perfectly_calibrated_and_always_wrong_not_at_all():
    certain = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert calibration_error(certain, torch.tensor([0, 0])) == 0
    assert calibration_error(certain, torch.tensor([1, 1])) == 1


@pytest.mark.parametrize("training", [True, False])
def test_a_model_is_evaluated_in_eval_mode_and_given_back_in_its_own(training):
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout(0.9)).train(training)
    inputs = torch.randn(2500, 4)
    found = logits_of(model, inputs)
    assert_close(found, model[0](inputs))
    assert not found.requires_grad
    assert model.training is training
    assert model[1].training is training


def test_logits_come_as_float32_for_every_example():
    assert logits_of(tiny_classifier(), torch.randn(3000, 4)).shape == (3000, 3)
    assert logits_of(tiny_classifier().double(), torch.randn(2, 4).double()).dtype == torch.float32


def test_the_most_frequent_answer_and_the_errors_of_the_most_frequent_label_by_hand():
    found = evaluate(STUDENT, held_out([0, 0, 2, 1]), step=0, subject="student")
    # It answers 0, 1, 2, 0.
    assert (found.top_answer, found.top_share, found.majority_errors) == (0, 0.5, 2)
