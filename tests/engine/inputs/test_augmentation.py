"""Random changes to pictures: what moves, what stays, and that each example goes its own way."""

import pytest
import torch

from workbench.engine.inputs.augmentation import augment
from workbench.recipe.inputs import Augmentation

EVERYTHING = Augmentation(shift=2, flip=True, crop=6, noise=0.1)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 40, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    """Pictures of 3 × 8 × 8 without two equal pixels in a picture, none of them black."""
    values = torch.stack([torch.randperm(192, generator=seeded(n)) + 1 for n in range(count)])
    return values.reshape(count, 3, 8, 8).to(dtype)


def moved(picture_CHW: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """The picture moved, black where nothing is known: written with loops, to be beyond doubt."""
    result = torch.zeros_like(picture_CHW)
    _, height, width = picture_CHW.shape
    for y in range(height):
        for x in range(width):
            if 0 <= y - down < height and 0 <= x - right < width:
                result[:, y, x] = picture_CHW[:, y - down, x - right]
    return result


def test_a_shift_moves_by_at_most_so_many_pixels_each_way_and_fills_with_black():
    before = pictures(30)
    after = augment(before, Augmentation(shift=2), seeded())
    ways = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
    for original, changed in zip(before, after, strict=True):
        assert any(torch.equal(changed, moved(original, *way)) for way in ways)


def test_every_shift_occurs_and_pictures_of_one_batch_shift_differently():
    before = pictures(1).expand(1000, 3, 8, 8)
    after = augment(before, Augmentation(shift=1), seeded())
    ways = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    counts = [sum(torch.equal(changed, moved(before[0], *way)) for changed in after[:300]) for way in ways]
    assert sum(counts) == 300
    assert min(counts) > 10


def test_a_shift_larger_than_the_picture_is_allowed():
    assert augment(pictures(5), Augmentation(shift=20), seeded()).shape == (5, 3, 8, 8)


def test_a_flip_mirrors_about_half_of_the_pictures_left_to_right():
    before = pictures(400)
    after = augment(before, Augmentation(flip=True), seeded())
    same = torch.tensor([torch.equal(*pair) for pair in zip(before, after, strict=True)])
    mirrored = torch.tensor([torch.equal(*pair) for pair in zip(before.flip(3), after, strict=True)])
    assert (same ^ mirrored).all()
    assert 150 < int(mirrored.sum()) < 250


def test_flipping_twice_alike_gives_the_picture_back():
    before = pictures()
    once = augment(before, Augmentation(flip=True), seeded(3))
    assert torch.equal(augment(once, Augmentation(flip=True), seeded(3)), before)


def test_a_crop_takes_a_square_from_inside_and_scales_it_to_the_full_size():
    picture = torch.zeros(200, 1, 8, 8)
    picture[:, :, 2:6, 2:6] = 1.0
    after = augment(picture, Augmentation(crop=4), seeded())
    assert after.shape == picture.shape
    means = after.mean((1, 2, 3))
    assert means.max() == 1.0
    assert means.min() < 0.5


def test_a_crop_as_large_as_the_picture_or_larger_changes_nothing():
    before = pictures(4)
    for side in (8, 9, 1000):
        assert torch.equal(augment(before, Augmentation(crop=side), seeded()), before)


def test_noise_has_the_deviation_asked_for_in_the_range_of_the_values():
    grey = torch.full((20, 1, 32, 32), 128, dtype=torch.uint8)
    changed = augment(grey, Augmentation(noise=0.1), seeded()).float() / 255
    assert float(changed.std()) == pytest.approx(0.1, rel=0.03)
    assert float(changed.mean()) == pytest.approx(128 / 255, abs=0.002)
    features = augment(torch.zeros(500, 40), Augmentation(noise=0.5), seeded())
    assert float(features.std()) == pytest.approx(0.5, rel=0.03)


def test_noise_on_bytes_saturates_and_does_not_wrap():
    for value in (0, 255):
        flat = torch.full((4, 1, 16, 16), value, dtype=torch.uint8)
        changed = augment(flat, Augmentation(noise=0.05), seeded()).int()
        assert (changed - value).abs().max() < 100


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_type_and_shape_stay_and_the_originals_are_not_written_to(dtype):
    before = pictures(dtype=dtype)
    copy = before.clone()
    after = augment(before, EVERYTHING, seeded())
    assert (after.dtype, after.shape) == (before.dtype, before.shape)
    assert torch.equal(before, copy)
    assert not torch.equal(after, before)


def test_the_same_generator_state_gives_the_same_pictures_and_another_gives_others():
    first, again, other = (augment(pictures(), EVERYTHING, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_global_generator_is_not_drawn_from():
    before = torch.random.get_rng_state()
    augment(pictures(), EVERYTHING, seeded())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_one_picture_does_not_change_what_happens_to_the_others():
    before = pictures(10)
    after = augment(before, EVERYTHING, seeded(5))
    spoilt = before.clone()
    spoilt[3] = 0
    other = augment(spoilt, EVERYTHING, seeded(5))
    rest = [place for place in range(10) if place != 3]
    assert torch.equal(after[rest], other[rest])


def test_feature_vectors_know_no_shift_flip_or_crop():
    features = torch.arange(12.0).reshape(3, 4)
    assert torch.equal(augment(features, Augmentation(shift=3, flip=True, crop=2), seeded()), features)


def test_nothing_is_changed_where_nothing_is_asked_for():
    assert not Augmentation().active
    before = pictures(3)
    assert torch.equal(augment(before, Augmentation(), seeded()), before)


@pytest.mark.parametrize("change", [{"shift": 1}, {"flip": True}, {"crop": 3}, {"noise": 0.1}])
def test_any_change_counts_as_active(change):
    assert Augmentation(**change).active
