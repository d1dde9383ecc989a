"""Random choices depend on their seed and place, and on nothing else."""

import torch

from workbench.engine.seeding import derive, generator


def test_the_same_place_gets_the_same_seed_in_every_process():
    # Written down: a change would change what every recipe's seed means.
    assert derive(0, "order", 0) == 3471081512423777433
    assert derive(1, "student") == 5888856967509574346


def test_other_seeds_and_other_places_get_other_seeds():
    places = [(seed, name, epoch) for seed in range(10) for name in ("order", "dropout") for epoch in range(10)]
    assert len({derive(*place) for place in places}) == len(places)


def test_parts_of_a_place_do_not_run_together():
    assert derive(1, "a", 23) != derive(1, "a2", 3)
    assert derive(11, "a") != derive(1, "1a")


def test_a_seed_fits_into_63_bits():
    seeds = [derive(seed, "x") for seed in range(200)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**62


def test_a_generator_is_seeded_for_its_place_and_leaves_the_global_one_alone():
    before = torch.random.get_rng_state()
    draws = [torch.rand(3, generator=generator("cpu", 5, "order", epoch)) for epoch in (0, 0, 1)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(torch.random.get_rng_state(), before)
