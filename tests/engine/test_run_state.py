"""The state of a run goes into bytes and back without loss, and a broken one never replaces a good one."""

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import save

from engine.workshop import tiny_classifier
from workbench.engine.optimising import make_optimiser
from workbench.engine.run_state import (
    Progress,
    RunState,
    from_bytes,
    model_tensors,
    optimiser_tensors,
    restore_model,
    restore_optimiser,
)
from workbench.errors import WorkbenchError
from workbench.events import ControlValues
from workbench.recipe.optimisation import Optimisation

PROGRESS = Progress(
    step=7,
    stage=1,
    stage_step=3,
    controls=ControlValues(temperature=2.5, learning_rate=0.1 + 0.2, probe=(3, 1)),
    best_errors=4,
    waited=2,
    stopped_early=True,
)


def trained(optimiser_section: Optimisation, steps: int):
    """A model and its optimiser after some steps."""
    model = tiny_classifier()
    optimiser = make_optimiser(optimiser_section, model)
    for step in range(steps):
        take_step(model, optimiser, step)
    return model, optimiser


def take_step(model, optimiser, step):
    inputs = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
    model(inputs).square().mean().backward()
    optimiser.step()
    optimiser.zero_grad()


@pytest.mark.parametrize("progress", [Progress(), PROGRESS], ids=["fresh", "under way"])
def test_a_state_comes_back_from_its_bytes(progress):
    tensors = {"student.a": torch.randn(3, 2), "optimiser.0.step": torch.tensor(5.0), "best.n": torch.tensor(3)}
    state = from_bytes(RunState(progress, tensors).to_bytes(), "state")
    assert state.progress == progress
    assert state.tensors.keys() == tensors.keys()
    assert all(torch.equal(state.tensors[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_state_with_broken_weights_is_not_written(bad):
    state = RunState(PROGRESS, {"student.a": torch.zeros(2), "student.b": torch.tensor([1.0, bad])})
    with pytest.raises(
        WorkbenchError, match=r"After step 7 1 of 2 tensors hold NaN or infinity, the first is student\.b"
    ):
        state.to_bytes()


def test_bytes_cut_short_are_refused_by_name_wherever_they_end():
    raw = RunState(PROGRESS, {"student.a": torch.zeros(4)}).to_bytes()
    for end in range(len(raw)):
        with pytest.raises(WorkbenchError, match=r"state is (damaged|not a checkpoint of a run)"):
            from_bytes(raw[:end], "state")


def test_a_flipped_bit_anywhere_in_a_state_is_noticed():
    raw = RunState(PROGRESS, {"student.a": torch.ones(4), "optimiser.0.step": torch.tensor(3.0)}).to_bytes()
    for place in range(len(raw)):
        for bit in range(8):
            damaged = bytearray(raw)
            damaged[place] ^= 1 << bit
            with pytest.raises(WorkbenchError):
                from_bytes(bytes(damaged), "state")


def test_a_state_without_a_digest_is_read_as_before():
    tensors = {"student.a": torch.ones(4)}
    raw = save(tensors, metadata={"distillation_workbench.run_state": json.dumps(asdict(PROGRESS))})
    assert from_bytes(raw, "state").progress == PROGRESS


@pytest.mark.parametrize(
    "progress",
    ["", "[]", "7", "null", "{}", '{"controls": 5}', '{"controls": {"probe": 3}}', '{"controls": {}, "other": 1}'],
)
def test_metadata_that_make_no_sense_are_refused_by_name(progress):
    raw = save({"student.a": torch.zeros(1)}, metadata={"distillation_workbench.run_state": progress})
    with pytest.raises(WorkbenchError, match="state is not a checkpoint of a run"):
        from_bytes(raw, "state")


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_a_restored_optimiser_goes_on_as_if_it_had_never_stopped(name):
    section = Optimisation(optimiser=name)
    model, optimiser = trained(section, 3)
    state = RunState(PROGRESS, model_tensors(model, "student") | optimiser_tensors(optimiser))
    restored = from_bytes(state.to_bytes(), "state").tensors
    other = tiny_classifier(seed=9)
    restore_model(other, restored, "student")
    other_optimiser = make_optimiser(section, other)
    restore_optimiser(other_optimiser, restored)
    for both in ((model, optimiser), (other, other_optimiser)):
        for step in range(3, 6):
            take_step(*both, step)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


def test_an_optimiser_that_has_not_stepped_has_nothing_to_keep():
    _, optimiser = trained(Optimisation(), 0)
    assert optimiser_tensors(optimiser) == {}
    restore_optimiser(optimiser, {})
    assert optimiser.state_dict()["state"] == {}


def test_kept_weights_are_copies():
    model = tiny_classifier()
    kept = model_tensors(model, "best")
    with torch.no_grad():
        model.network[1].weight += 1
    assert torch.equal(kept["best.network.1.weight"] + 1, model.network[1].weight)


def test_a_logit_shift_comes_and_goes_with_the_weights():
    shifted, plain = tiny_classifier(), tiny_classifier()
    shifted.logit_shift = torch.tensor([0.0, 1.0, 0.0])
    kept_shifted, kept_plain = model_tensors(shifted, "student"), model_tensors(plain, "student")
    restore_model(plain, kept_shifted, "student")
    restore_model(shifted, kept_plain, "student")
    assert plain.logit_shift.tolist() == [0.0, 1.0, 0.0]
    assert shifted.logit_shift is None


def test_only_tensors_under_the_prefix_are_restored():
    model = tiny_classifier()
    tensors = model_tensors(tiny_classifier(seed=3), "best") | model_tensors(tiny_classifier(seed=4), "student")
    restore_model(model, tensors, "best")
    assert torch.equal(model.network[1].weight, tiny_classifier(seed=3).network[1].weight)


def test_weights_that_stay_as_they_were_made_are_not_kept_and_not_touched():
    model = tiny_classifier()
    net = torch.nn.Sequential(model.network[1], torch.nn.Linear(8, 2))
    net[0].requires_grad_(False)
    kept = model_tensors(net, "student")
    assert sorted(kept) == ["student.1.bias", "student.1.weight"]
    other = torch.nn.Sequential(tiny_classifier(seed=5).network[1], torch.nn.Linear(8, 2))
    other[0].requires_grad_(False)
    before = other[0].weight.clone()
    restore_model(other, kept, "student")
    assert torch.equal(other[1].weight, net[1].weight)
    assert torch.equal(other[0].weight, before)


def test_shared_weights_are_kept_once():
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
    net[1].weight = net[0].weight
    kept = model_tensors(net, "student")
    assert len(kept) == 3
    net[0].weight.data.zero_()
    restore_model(net, kept, "student")
    assert net[1].weight.abs().sum() > 0


def test_a_checkpoint_of_another_student_is_refused():
    with pytest.raises(WorkbenchError, match="lacks 2 of its tensors and has 1"):
        restore_model(torch.nn.Linear(4, 4), {"student.other": torch.zeros(1)}, "student")
