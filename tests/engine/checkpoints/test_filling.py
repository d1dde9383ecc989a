"""Weights are checked before a model takes them."""

import pytest
import torch

from workbench.engine.checkpoints.filling import misfits, sound_weights
from workbench.errors import WorkbenchError


def test_missing_unexpected_and_mismatched_tensors_are_rows_with_their_shapes() -> None:
    rows = misfits({"a": (2,), "b": (3, 1), "same": (4,)}, {"b": [3, 2], "c": (1,), "same": [4]})
    assert rows == [
        "  mismatched  b  [3, 2] in the file, [3, 1] by the architecture",
        "  missing     a  [2]",
        "  unexpected  c  [1]",
    ]


def test_half_precision_becomes_float32_and_counters_stay_whole() -> None:
    states = {"weight": torch.zeros(2), "steps": torch.tensor(0)}
    given = {"weight": torch.tensor([1.5, 2.5], dtype=torch.bfloat16), "steps": torch.tensor(7)}
    sound = sound_weights(given, states, "file")
    assert sound["weight"].dtype == torch.float32
    assert sound["weight"].tolist() == [1.5, 2.5]
    assert sound["steps"].dtype == torch.int64


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_weight_that_is_no_number_is_refused_by_name(bad: float) -> None:
    states = {"first": torch.zeros(2), "second": torch.zeros(1)}
    with pytest.raises(WorkbenchError, match="1 of 2 tensors hold NaN or infinity, the first is second"):
        sound_weights({"first": torch.zeros(2), "second": torch.tensor([bad])}, states, "file")


@pytest.mark.parametrize("given", [torch.zeros(2, dtype=torch.int8), torch.zeros(2, dtype=torch.complex64)])
def test_numbers_of_another_kind_are_refused(given: torch.Tensor) -> None:
    with pytest.raises(WorkbenchError, match="the tensor weight holds numbers of the type"):
        sound_weights({"weight": given}, {"weight": torch.zeros(2)}, "file")
