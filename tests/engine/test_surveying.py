"""The dark knowledge of whole classes, against the same added up by hand."""

import json

import numpy as np
import pytest
import torch

from engine.workshop import of_type, tiny_recipe, tiny_stage
from workbench.engine.evaluating import HeldOut
from workbench.engine.surveying import survey
from workbench.event_records import as_record, event_of
from workbench.events import Evaluated, Surveyed
from workbench.recipe.objectives import HardLabels, SoftTargets


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64) / temperature)
    return powers / powers.sum(1, keepdims=True)


def held_out(labels: torch.Tensor, teacher_NC: torch.Tensor | None) -> HeldOut:
    return HeldOut(torch.zeros(len(labels), 4), labels, teacher_NC)


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 5, (300,), generator=generator)
    student_NC, teacher_NC = 3 * torch.randn(2, 300, 5, generator=generator)
    return labels, student_NC, teacher_NC


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_the_maps_are_mean_probabilities_by_true_class(logits, temperature):
    labels, student_NC, teacher_NC = logits
    found = survey(student_NC, held_out(labels, teacher_NC), temperature, step=9)
    assert (found.step, found.temperature, found.classes) == (9, temperature, (0, 1, 2, 3, 4))
    for rows, given in ((found.student, student_NC), (found.teacher, teacher_NC)):
        shares = softmax(given.numpy(), temperature)
        naive = [shares[labels.numpy() == label].mean(0) for label in range(5)]
        assert np.array(rows) == pytest.approx(np.array(naive), abs=6e-5)


def test_disagreements_have_the_largest_divergence_first(logits):
    labels, student_NC, teacher_NC = logits
    found = survey(student_NC, held_out(labels, teacher_NC), 4.0, step=0)
    p, q = softmax(teacher_NC.numpy(), 1.0), softmax(student_NC.numpy(), 1.0)
    divergences = (p * np.log(p / q)).sum(1)
    assert len(found.disagreements) == 64
    assert divergences[list(found.disagreements)] == pytest.approx(np.sort(divergences)[::-1][:64], rel=1e-4)


def test_mistakes_are_the_students_and_the_most_confident_come_first(logits):
    labels, student_NC, teacher_NC = logits
    found = survey(student_NC, held_out(labels, teacher_NC), 4.0, step=0)
    shares = softmax(student_NC.numpy(), 1.0)
    wrong = np.flatnonzero(shares.argmax(1) != labels.numpy())
    assert len(found.mistakes) == 64
    assert set(found.mistakes) <= set(wrong)
    confidence = shares.max(1)
    assert confidence[list(found.mistakes)] == pytest.approx(np.sort(confidence[wrong])[::-1][:64], rel=1e-4)


def test_a_student_that_makes_no_mistakes_has_none():
    labels = torch.arange(6) % 3
    right_NC = 9 * torch.nn.functional.one_hot(labels, 3).float()
    assert survey(right_NC, held_out(labels, None), 1.0, step=0).mistakes == ()


def test_without_a_teacher_there_is_neither_its_map_nor_a_disagreement(logits):
    labels, student_NC, _ = logits
    found = survey(student_NC, held_out(labels, None), 4.0, step=0)
    assert (found.teacher, found.disagreements) == ((), ())
    assert len(found.student) == 5


def test_of_many_classes_the_forty_most_frequent_are_kept_in_label_order():
    generator = torch.Generator().manual_seed(1)
    often = torch.arange(100, 140).repeat_interleave(3)
    labels = torch.cat([torch.arange(0, 100), often])
    student_NC = torch.randn(len(labels), 300, generator=generator)
    found = survey(student_NC, held_out(labels, student_NC), 2.0, step=0)
    assert found.classes == tuple(range(100, 140))
    shares = softmax(student_NC.numpy(), 2.0)
    naive = np.stack([shares[labels.numpy() == label].mean(0) for label in range(100, 140)])[:, 100:140]
    assert np.array(found.student) == pytest.approx(naive, abs=6e-5)


def test_a_class_without_examples_has_an_empty_row():
    found = survey(torch.zeros(2, 3), held_out(torch.tensor([0, 2]), None), 1.0, step=0)
    assert found.student[1] == (0.0, 0.0, 0.0)
    assert found.student[0] == pytest.approx((1 / 3,) * 3, abs=1e-4)


def test_only_plain_numbers_leave_the_engine(logits):
    labels, student_NC, teacher_NC = logits
    found = survey(student_NC, held_out(labels, teacher_NC), 4.0, step=0)
    assert event_of(json.loads(json.dumps(as_record(found)))) == found
    assert type(found.mistakes[0]) is int
    assert type(found.student[0][0]) is float


def test_a_run_surveys_after_every_evaluation_of_its_student_at_the_temperature_of_the_stage(workshop):
    events, _ = workshop.run(tiny_recipe(tiny_stage(SoftTargets(temperature=3.0)), tiny_stage(HardLabels())))
    evaluated = [event for event in of_type(events, Evaluated) if event.subject == "student"]
    surveyed = of_type(events, Surveyed)
    assert [event.step for event in surveyed] == [event.step for event in evaluated]
    assert [event.temperature for event in surveyed] == [3.0] * 3 + [1.0] * 2
