"""Many teachers as one: frozen, weighted, averaged as the recipe says."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.workshop import tiny_classifier
from workbench.engine.teachers import Teachers

WEIGHTS = [1.0, 3.0, 0.5]


def ensemble(averaging: str, weights: list[float] | None = None) -> Teachers:
    """Three networks that differ."""
    models = [tiny_classifier(seed=seed, sharpness=6.0) for seed in range(3)]
    return Teachers(models, weights or WEIGHTS, averaging)


def logits_BKC(spread: float = 3.0, seed: int = 0) -> torch.Tensor:
    return spread * torch.randn(20, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def scaled(weights: list[float]) -> torch.Tensor:
    return (torch.tensor(weights, dtype=torch.float64) / sum(weights))[:, None]


def test_teachers_are_frozen_and_in_eval_mode():
    model = tiny_classifier().train()
    (frozen,) = Teachers([model], [1.0], "arithmetic").models
    assert not any(module.training for module in frozen.modules())
    assert not any(parameter.requires_grad for parameter in frozen.parameters())


def test_logits_come_in_one_column_a_teacher_without_a_graph():
    teachers, inputs = ensemble("arithmetic"), torch.randn(6, 4)
    found = teachers.logits_BKC(inputs)
    assert found.shape == (6, 3, 3)
    assert found.dtype == torch.float32
    assert not found.requires_grad
    for column, model in enumerate(teachers.models):
        assert torch.equal(found[:, column], model(inputs))


@given(st.integers(0, 1000), st.floats(0.3, 100), st.sampled_from([0.1, 3.0, 30.0]))
def test_arithmetic_averaging_is_the_weighted_mean_of_the_probabilities_at_that_temperature(seed, temperature, spread):
    given_BKC = logits_BKC(spread, seed)
    combined = ensemble("arithmetic").combine(given_BKC, temperature)
    expected = (scaled(WEIGHTS) * (given_BKC / temperature).softmax(2)).sum(1)
    assert torch.allclose((combined / temperature).softmax(1), expected, rtol=1e-9, atol=1e-12)


@given(st.integers(0, 1000), st.floats(0.3, 100), st.sampled_from([0.1, 3.0, 30.0]))
def test_geometric_averaging_is_the_normalised_weighted_mean_of_the_log_probabilities(seed, temperature, spread):
    given_BKC = logits_BKC(spread, seed)
    combined = ensemble("geometric").combine(given_BKC, temperature)
    mean = (scaled(WEIGHTS) * (given_BKC / temperature).log_softmax(2)).sum(1)
    expected = mean.exp() / mean.exp().sum(1, keepdim=True)
    assert torch.allclose((combined / temperature).softmax(1), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("averaging", ["arithmetic", "geometric"])
def test_without_a_temperature_the_logits_themselves_are_averaged(averaging):
    given_BKC = logits_BKC()
    expected = (scaled(WEIGHTS) * given_BKC).sum(1)
    assert torch.allclose(ensemble(averaging).combine(given_BKC, None), expected, rtol=1e-12)


def test_the_two_averages_differ_when_teachers_disagree():
    given_BKC = torch.tensor([[[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 9.0, 0.0]]])
    arithmetic, geometric = (ensemble(kind).combine(given_BKC, 1.0).softmax(1) for kind in ("arithmetic", "geometric"))
    assert float(geometric[0, 2]) > 5 * float(arithmetic[0, 2])


@pytest.mark.parametrize("averaging", ["arithmetic", "geometric"])
@pytest.mark.parametrize("temperature", [None, 0.5, 4.0])
def test_a_single_teacher_passes_through_untouched(averaging, temperature):
    teachers = Teachers([tiny_classifier()], [0.3], averaging)
    given_BKC = torch.randn(5, 1, 3)
    assert torch.equal(teachers.combine(given_BKC, temperature), given_BKC[:, 0])


def test_weights_are_scaled_to_sum_to_1():
    assert ensemble("arithmetic", [2.0, 6.0, 2.0]).weights == pytest.approx([0.2, 0.6, 0.2])
    given_BKC = logits_BKC()
    one, other = (ensemble("arithmetic", weights) for weights in ([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]))
    assert torch.allclose(one.combine(given_BKC, 2.0), other.combine(given_BKC, 2.0))


def test_averaging_stays_finite_when_probabilities_underflow():
    given_BKC = torch.tensor([[[200.0, 0.0, -200.0], [-200.0, 0.0, 200.0], [0.0, 1.0, 2.0]]])
    for averaging in ("arithmetic", "geometric"):
        assert torch.isfinite(ensemble(averaging).combine(given_BKC, 0.05)).all()


def test_a_teacher_is_known_by_its_content():
    model = tiny_classifier()
    same = Teachers([model, copy.deepcopy(model)], [1.0, 1.0], "arithmetic").fingerprints
    assert same[0] == same[1]
    changed = copy.deepcopy(model)
    with torch.no_grad():
        changed.network[1].bias[0] += 1e-6
    assert Teachers([changed], [1.0], "arithmetic").fingerprints[0] != same[0]


def test_a_teacher_with_another_normalisation_is_another_teacher():
    model = tiny_classifier()
    other = copy.deepcopy(model)
    other.blueprint = model.blueprint.model_copy(update={"mean": (0.0,) * 4})
    fingerprints = Teachers([model, other], [1.0, 1.0], "arithmetic").fingerprints
    assert fingerprints[0] != fingerprints[1]


def test_the_parameters_of_all_teachers_are_counted():
    assert ensemble("arithmetic").parameter_count == 3 * tiny_classifier().parameter_count
