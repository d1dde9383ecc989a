"""Dropout with a seed of its own."""

import copy

import torch

from workbench.engine.architectures.dropout import SeededDropout


def _seeded(seed: int, share: float = 0.25) -> SeededDropout:
    dropout = SeededDropout(share)
    dropout.seed = seed
    return dropout


def test_the_same_seed_drops_the_same_units_whatever_others_draw() -> None:
    ones = torch.ones(64, 64)
    first = _seeded(3)(ones)
    torch.manual_seed(99)
    torch.rand(1000)
    assert torch.equal(_seeded(3)(ones), first)


def test_it_draws_nothing_from_the_generator_all_threads_share() -> None:
    before = torch.get_rng_state()
    _seeded(3)(torch.ones(64, 64))
    assert torch.equal(torch.get_rng_state(), before)


def test_two_passes_of_one_step_drop_different_units() -> None:
    dropout, ones = _seeded(3), torch.ones(64, 64)
    assert not torch.equal(dropout(ones), dropout(ones))


def test_the_share_is_kept_and_the_mean_stays() -> None:
    out = _seeded(1)(torch.ones(1000, 1000))
    assert abs(float((out == 0).double().mean()) - 0.25) < 0.003
    assert abs(float(out.double().mean()) - 1) < 0.003


def test_in_eval_mode_it_changes_nothing_and_keeps_its_seed() -> None:
    dropout, values = _seeded(5).eval(), torch.randn(8, 8)
    assert dropout(values) is values or torch.equal(dropout(values), values)
    assert dropout.seed == 5


def test_gradients_pass_only_where_a_unit_was_kept() -> None:
    inputs = torch.ones(500, requires_grad=True)
    out = _seeded(2)(inputs)
    out.sum().backward()
    assert inputs.grad is not None
    assert torch.equal(inputs.grad, out.detach())


def test_a_copy_of_a_model_in_training_drops_the_same() -> None:
    dropout, ones = _seeded(7), torch.ones(100)
    assert torch.equal(copy.deepcopy(dropout)(ones), dropout(ones))
