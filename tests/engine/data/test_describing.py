"""Counts, repeats and samples of a data set, as a person should see them."""

import numpy as np
import pytest
import torch

from workbench.engine.data import Dataset, Examples
from workbench.engine.data.describing import Shower, describe, input_in_words
from workbench.engine.objectives import UNLABELLED
from workbench.engine.traits import Traits

COLUMNS = Traits(columns=("age", "city=Oslo", "city=Rome"))


def examples(inputs, labels, classes=("a", "b"), traits=None):
    return Examples(torch.as_tensor(inputs), torch.tensor(labels), classes, traits or Traits())


def test_classes_are_counted_on_both_sides_and_their_imbalance_is_a_ratio():
    training = examples(np.arange(9, dtype=np.float32)[:, None], [0] * 6 + [1] * 2 + [UNLABELLED])
    held_out = examples([[20.0]], [1])
    described = describe(Dataset(training, held_out), per_class=2)
    assert described.classes == (("a", 6, 0), ("b", 2, 1))
    assert (described.training, described.held_out, described.unlabelled) == (9, 1, 1)
    assert described.imbalance == 3
    labels = [int(training.labels_N[place]) for place in described.places]
    assert labels == [0, 0, 1, 1, UNLABELLED]
    assert described.places == describe(Dataset(training, held_out), per_class=2).places


def test_a_class_without_an_example_has_no_ratio():
    part = examples([[1.0], [2.0]], [0, 0])
    assert describe(Dataset(part, part)).imbalance is None


def test_columns_of_a_table_are_folded_back():
    training = examples([[20.0, 1, 0], [30.0, 0, 1], [40.5, 1, 0], [1.0, 0, 0]], [0, 1, 0, 1], traits=COLUMNS)
    age, city = describe(Dataset(training, training)).columns
    assert (age.kind, age.low, age.middle, age.high) == ("number", "1", "22.88", "40.5")
    assert (city.kind, city.low, city.middle, city.high, city.unknown) == ("category", "Oslo", "2 values", "Rome", 0.25)
    shower = Shower(training)
    assert shower.shown(2).rows == (("age", "40.5"), ("city", "Oslo"))
    assert shower.shown(3).rows == (("age", "1"), ("city", "unknown"))


@pytest.mark.parametrize(
    ("shape", "traits", "words"),
    [
        ((1, 3, 64, 64), Traits(), "3 × 64 × 64 pixels"),
        ((1, 128), Traits(reads="tokens"), "128 tokens"),
        ((1, 3), COLUMNS, "2 columns as 3 numbers"),
        ((1, 1024), Traits(rate=16_000), "1,024 samples at 16,000 Hz"),
        ((1, 1, 64, 98), Traits(rate=16_000), "64 mel bands × 98 frames at 16,000 Hz"),
        ((1, 784), Traits(), "784 features"),
    ],
)
def test_one_input_in_words(shape, traits, words):
    assert input_in_words(examples(torch.zeros(shape), [0], traits=traits)) == words


def test_pictures_are_shown_with_their_colours_and_big_ones_smaller():
    pixels = torch.zeros(2, 3, 400, 200, dtype=torch.uint8)
    pixels[:, 0] = 200
    shown = Shower(examples(pixels, [0, 1])).shown(0).picture
    assert shown.shape == (134, 67, 3)
    assert shown.dtype == np.uint8
    assert shown[5, 5].tolist() == [200, 0, 0]


def test_log_mel_pictures_are_stretched_and_have_low_bands_below():
    bands = torch.tensor([[-100.0, -100.0], [-50.0, 0.0]])[None, None]
    shown = Shower(examples(bands, [0], traits=Traits(rate=8000))).shown(0).picture
    assert shown.tolist() == [[128, 255], [0, 0]]


def test_waves_are_shown_as_they_are_read():
    wave = Shower(examples(torch.arange(8.0)[None], [0], traits=Traits(rate=8000))).shown(0).wave
    assert wave.tolist() == list(range(8))


def test_what_never_changes_is_counted():
    part = examples([[1.0, 5.0], [1.0, 6.0]], [0, 1])
    assert any("1 of 2 never change" in note.title for note in describe(Dataset(part, part)).notes)
