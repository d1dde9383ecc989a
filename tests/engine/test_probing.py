"""The watched examples: which, and what teacher and student say of them."""

import pytest
import torch
from closeness import assert_close

from engine.workshop import tiny_classifier
from workbench.engine.evaluating import HeldOut
from workbench.engine.probing import default_probe, probe
from workbench.errors import WorkbenchError


@pytest.fixture
def held_out():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(9, 4, generator=generator)
    return HeldOut(inputs, torch.arange(9) % 3, 4 * torch.randn(9, 3, generator=generator))


def test_by_default_the_first_example_of_each_class_is_watched():
    assert default_probe(torch.tensor([2, 2, 0, 1, 0]), 3) == (2, 3, 0)


def test_classes_without_examples_are_passed_over_and_ten_are_enough():
    assert default_probe(torch.tensor([2, 2, 0]), 4) == (2, 0)
    assert default_probe(torch.arange(40), 40) == tuple(range(10))


def test_rows_are_probabilities_in_the_order_of_the_examples(held_out):
    student = tiny_classifier(sharpness=5)
    seen = probe(student, held_out, (7, 2), 4.0, step=12)
    assert (seen.step, seen.examples, seen.labels, seen.temperature) == (12, (7, 2), (1, 2), 4.0)
    chosen = torch.tensor([7, 2])
    for temperature, rows in ((1.0, seen.teacher_at_1), (4.0, seen.teacher_at_t)):
        assert_close(rows, (held_out.teacher_NC[chosen] / temperature).softmax(1))
    logits = student(held_out.inputs_NX[chosen]).detach()
    for temperature, rows in ((1.0, seen.student_at_1), (4.0, seen.student_at_t)):
        assert_close(rows, (logits / temperature).softmax(1), scale=float(logits.abs().max()))


def test_only_plain_numbers_leave_the_engine(held_out):
    seen = probe(tiny_classifier(), held_out, (0,), 2.0, step=0)
    assert all(type(number) is float for number in seen.student_at_t[0] + seen.teacher_at_1[0])
    assert type(seen.labels[0]) is int


def test_without_a_teacher_its_rows_are_empty(held_out):
    seen = probe(tiny_classifier(), HeldOut(held_out.inputs_NX, held_out.labels_N, None), (0, 1), 1.0, step=0)
    assert (seen.teacher_at_1, seen.teacher_at_t) == ((), ())
    assert len(seen.student_at_1) == 2


@pytest.mark.parametrize("beyond", [9, -1, 10**12])
def test_an_example_that_does_not_exist_cannot_be_watched(held_out, beyond):
    with pytest.raises(WorkbenchError, match=f"names example {beyond}, but there are 9 held-out examples"):
        probe(tiny_classifier(), held_out, (0, beyond), 1.0, step=0)


def test_looking_leaves_the_student_as_it_was(held_out):
    student = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Dropout(0.5)).train()
    before = {name: value.clone() for name, value in student.state_dict().items()}
    generator = torch.random.get_rng_state()
    probe(student, held_out, (0, 1, 2), 1.0, step=0)
    assert student.training
    assert all(torch.equal(before[name], value) for name, value in student.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), generator)
