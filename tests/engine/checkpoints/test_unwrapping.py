"""The weights are found in whatever a training wrapped them in."""

from collections import OrderedDict

import pytest
import torch

from workbench.engine.checkpoints.unwrapping import namings, unwrap
from workbench.errors import WorkbenchError

WEIGHTS = {"a.weight": torch.ones(2, 3), "a.bias": torch.zeros(2)}
OTHERS = {"b.weight": torch.ones(1)}


def said(weights):
    return " ".join(note.title for note in weights.notes)


def test_bare_weights_need_no_unwrapping():
    found = unwrap(OrderedDict(WEIGHTS), "m.pt")
    assert found.tensors == WEIGHTS
    assert found.notes == ()


@pytest.mark.parametrize(
    "word", ["state_dict", "model_state_dict", "model", "module", "net", "network", "ema", "student"]
)
def test_a_wrapper_is_taken_off_and_told(word):
    found = unwrap({word: WEIGHTS, "epoch": 3, "optimizer": {"state": {0: {"step": torch.ones(1)}}}}, "m.pt")
    assert found.tensors == WEIGHTS
    assert f"“{word}”" in said(found)


def test_wrappers_within_wrappers_are_taken_off_one_after_the_other():
    found = unwrap({"checkpoint": {"model": {"state_dict": WEIGHTS}}}, "m.pt")
    assert found.tensors == WEIGHTS
    assert [word in said(found) for word in ("checkpoint", "model", "state_dict")] == [True] * 3


def test_of_several_candidates_the_model_is_taken_and_the_others_are_named():
    found = unwrap({"ema": OTHERS, "model": WEIGHTS, "discriminator": OTHERS}, "m.pt")
    assert found.tensors == WEIGHTS
    assert "“model” is taken, ema, discriminator passed over" in said(found)


@pytest.mark.parametrize(("role", "expected"), [("student", WEIGHTS), ("teacher", OTHERS), ("", WEIGHTS)])
def test_a_role_decides_between_student_and_teacher(role, expected):
    assert unwrap({"student": WEIGHTS, "teacher": OTHERS}, "m.pt", role).tensors == expected


def test_sets_without_a_telling_name_are_refused_by_their_names():
    with pytest.raises(WorkbenchError, match=r"holds 2 sets of tensors \(generator, discriminator\)"):
        unwrap({"generator": WEIGHTS, "discriminator": OTHERS}, "m.pt")


def test_what_is_no_tensor_is_left_out_and_told():
    found = unwrap(WEIGHTS | {"version": 3}, "m.pt")
    assert found.tensors == WEIGHTS
    assert "left out: version" in said(found)


def test_nesting_has_an_end():
    held = WEIGHTS
    for _ in range(10):
        held = {"model": held}
    with pytest.raises(WorkbenchError, match="holds no weights"):
        unwrap(held, "m.pt")


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
def test_prefixes_of_parallel_and_compiled_models_are_taken_off(prefix):
    first = namings([f"{prefix}a.weight", f"{prefix}b.weight"])[0]
    assert list(first.names.values()) == ["a.weight", "b.weight"]


def test_a_compiled_part_of_a_model_loses_its_prefix_too():
    assert list(namings(["body._orig_mod.0.weight"])[0].names.values()) == ["body.0.weight"]


def test_other_prefixes_are_only_taken_off_as_one_more_way_to_read_the_names():
    ways = [tuple(way.names.values()) for way in namings(["model.net.a", "model.net.b"])]
    assert ways == [("model.net.a", "model.net.b"), ("net.a", "net.b"), ("a", "b")]


def test_what_lies_outside_the_prefix_is_left_out_only_where_nothing_keeps_all():
    ways = namings(["model.a", "loss.weight"])
    assert [len(way.names) for way in ways] == [2, 1]
    assert ways[1].names == {"model.a": "a"}
