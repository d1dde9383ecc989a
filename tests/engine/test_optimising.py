"""Optimisers as the recipe names them, and a learning rate that is a function of the step alone."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.workshop import CPU, tiny_classifier
from workbench.engine.optimising import make_optimiser, rate_at, uses_bfloat16
from workbench.recipe.optimisation import Optimisation

SCHEDULES = ["one_cycle", "cosine", "constant", "warmup_stable_decay"]
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES)


def rates(total: int, peak: float = 0.05, **settings) -> list[float]:
    section = Optimisation(**settings)
    return [rate_at(section, step, total, peak) for step in range(total)]


@pytest.mark.parametrize("warm_up", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("total", [20, 97, 1000])
def test_one_cycle_is_pytorchs_one_cycle(total, warm_up):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 0.05, total_steps=total, pct_start=warm_up, cycle_momentum=False
    )
    expected = [scheduler.get_last_lr()[0]]
    for _ in range(total - 1):
        optimiser.step()
        scheduler.step()
        expected.append(scheduler.get_last_lr()[0])
    assert rates(total, schedule="one_cycle", warm_up=warm_up) == pytest.approx(expected, rel=1e-6)


@every_schedule
@given(st.integers(1, 300), st.floats(0, 0.99), st.floats(1e-6, 50))
def test_rates_are_positive_or_zero_and_never_above_the_peak(schedule, total, warm_up, peak):
    found = rates(total, peak, schedule=schedule, warm_up=warm_up)
    assert min(found) >= 0
    assert max(found) <= peak * (1 + 1e-12)
    assert max(found[:-1] or found) > 0


@every_schedule
@given(st.integers(2, 300), st.floats(0, 0.99), st.floats(1e-6, 50))
def test_a_doubled_peak_doubles_every_rate(schedule, total, warm_up, peak):
    once = rates(total, peak, schedule=schedule, warm_up=warm_up)
    twice = rates(total, 2 * peak, schedule=schedule, warm_up=warm_up)
    assert twice == pytest.approx([2 * rate for rate in once], rel=1e-12)


@every_schedule
def test_the_warm_up_rises_to_the_peak(schedule):
    found = rates(100, schedule=schedule, warm_up=0.3)
    assert found[:30] == sorted(set(found[:30]))
    assert max(found) == pytest.approx(0.05, rel=0.01)
    assert 28 <= found.index(max(found)) <= 31
    assert found[0] < 0.1 * 0.05


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "warmup_stable_decay"])
@pytest.mark.parametrize("warm_up", [0.0, 0.3])
def test_the_rate_falls_to_almost_nothing_at_the_last_step(schedule, warm_up):
    found = rates(200, schedule=schedule, warm_up=warm_up)
    after = found[found.index(max(found)) :]
    assert after == sorted(after, reverse=True)
    assert found[-1] < 1e-5 * 0.05


def test_a_cosine_without_warm_up_is_half_way_down_in_the_middle():
    found = rates(101, schedule="cosine", warm_up=0.0)
    assert found[0] == pytest.approx(0.05)
    assert found[50] == pytest.approx(0.025)
    assert found[25] == pytest.approx(0.05 * (1 + 2**-0.5) / 2)


def test_a_constant_rate_is_constant_after_its_warm_up():
    assert rates(50, schedule="constant", warm_up=0.0) == [0.05] * 50
    assert rates(50, schedule="constant", warm_up=0.2)[10:] == [0.05] * 40


def test_a_stable_rate_stays_for_two_thirds_and_then_falls_as_a_cosine():
    found = rates(301, schedule="warmup_stable_decay", warm_up=0.0)
    assert found[:201] == [0.05] * 201
    assert found[200:] == pytest.approx(rates(101, schedule="cosine", warm_up=0.0))


@pytest.mark.parametrize(
    ("settings", "kind", "expected"),
    [
        ({"optimiser": "sgd"}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        ({"optimiser": "sgd", "nesterov": False}, torch.optim.SGD, {"momentum": 0.9, "nesterov": False}),
        ({"optimiser": "sgd", "momentum": 0.0}, torch.optim.SGD, {"momentum": 0.0, "nesterov": False}),
        ({"optimiser": "adam", "momentum": 0.8}, torch.optim.Adam, {"betas": (0.8, 0.999)}),
        ({"optimiser": "adamw", "weight_decay": 0.1}, torch.optim.AdamW, {"weight_decay": 0.1}),
    ],
)
def test_the_optimiser_is_the_one_of_the_recipe(settings, kind, expected):
    optimiser = make_optimiser(Optimisation(**settings), tiny_classifier())
    assert type(optimiser) is kind
    (group,) = optimiser.param_groups
    assert {name: group[name] for name in expected} == expected
    assert len(group["params"]) == 4


def test_frozen_weights_are_left_to_themselves():
    model = tiny_classifier()
    model.network[1].requires_grad_(False)
    (group,) = make_optimiser(Optimisation(), model).param_groups
    assert [parameter.shape for parameter in group["params"]] == [(3, 8), (3,)]


def test_precision_is_taken_as_asked_and_auto_leaves_small_models_alone():
    model = tiny_classifier()
    assert uses_bfloat16(Optimisation(precision="bfloat16"), model, CPU)
    assert not uses_bfloat16(Optimisation(precision="float32"), model, CPU)
    assert not uses_bfloat16(Optimisation(precision="auto"), model, CPU)
