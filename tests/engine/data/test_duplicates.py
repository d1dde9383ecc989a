"""Examples that are there twice are found by their content."""

import pytest
import torch

from workbench.engine.data import Dataset, Examples
from workbench.engine.data.duplicates import duplicates
from workbench.engine.objectives import UNLABELLED


def examples(inputs, labels):
    return Examples(torch.as_tensor(inputs), torch.tensor(labels), ("a", "b"))


def test_repeats_contradictions_and_overlap_are_counted_by_content():
    training = examples([[1.0], [2.0], [1.0], [1.0], [3.0], [3.0]], [0, 0, 0, 1, 1, UNLABELLED])
    held_out = examples([[9.0], [3.0], [1.0]], [0, 1, 0])
    found = duplicates(Dataset(training, held_out))
    assert (found.repeated, found.contradicting, found.overlap) == (3, 1, 2)
    assert found.overlapping == ((1, 4), (2, 0))


def test_the_same_bytes_as_another_type_are_no_repeat():
    ones = torch.ones(1, 4, dtype=torch.int32)
    training = examples(ones, [0])
    held_out = examples(ones.view(torch.float32), [0])
    assert duplicates(Dataset(training, held_out)).overlap == 0


def test_comparing_can_be_ended():
    part = examples([[1.0]], [0])

    def stop(_: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        duplicates(Dataset(part, part), stop)
