"""Shapes, labels, classes and what reading had to say."""

from dataclasses import replace

import torch

from engine.pairing.material import dataset, examples, of_level, only
from engine.workshop import tiny_stage
from workbench.engine.data import Dataset
from workbench.engine.pairing import look_at_data
from workbench.engine.traits import Traits
from workbench.events import Finding
from workbench.recipe.inputs import Augmentation, TransferSet


def test_data_that_fit_are_told_with_their_numbers():
    finding = only(look_at_data(dataset()), "ok")
    assert finding.title == "Data: 12 to train on, 12 held out, 3 classes."


def test_a_single_class_is_refused():
    finding = only(look_at_data(dataset(classes=("0",))), "refusal")
    assert "1 class; a classifier needs at least 2" in finding.title


def test_held_out_inputs_of_another_shape_are_refused_with_both_shapes():
    finding = only(look_at_data(Dataset(examples(shape=(1, 4, 4)), examples(shape=(3, 4, 4), seed=1))), "refusal")
    assert "1 × 4 × 4" in finding.title
    assert "3 × 4 × 4" in finding.title


def test_held_out_examples_without_labels_are_refused_with_their_number():
    held_out = examples(labels=[0, 1, 2, -100] * 3, seed=1)
    finding = only(look_at_data(Dataset(examples(), held_out)), "refusal")
    assert "3 of 12 held-out examples have no label" in finding.title


def test_classes_without_a_held_out_example_are_a_warning_by_name():
    held_out = examples(labels=[0, 0, 2] * 4, seed=1)
    finding = only(look_at_data(Dataset(examples(), held_out)), "warning")
    assert "1 of 3 classes have no held-out example: 1." in finding.title


def test_what_reading_had_to_say_is_told_once():
    note = Finding(level="warning", title="3 files were left out.", fix="Mend them.")
    found = look_at_data(Dataset(examples(notes=(note,)), examples(seed=1, notes=(note,))))
    assert found == (note,)


def test_labels_outside_the_classes_are_refused_with_their_number():
    finding = only(look_at_data(Dataset(examples(labels=[0, 1, 2, 7] * 3), examples(seed=1))), "refusal")
    assert "3 of 12 training labels are outside the 3 classes" in finding.title
    assert "from 0 to 7" in finding.title


def test_classes_without_a_training_example_are_a_warning_by_name():
    finding = only(look_at_data(Dataset(examples(labels=[0, 1] * 6), examples(seed=1))), "warning")
    assert "1 of 3 classes have no labelled example to train on: 2." in finding.title


def test_uneven_classes_are_a_warning_with_both_numbers():
    labels = [0] * 22 + [1] * 2 + [2] * 10
    finding = only(look_at_data(Dataset(examples(count=34, labels=labels), examples(seed=1))), "warning")
    assert finding.title == "Classes are uneven: 22 examples of “0” and 2 of “1”."
    even = [0] * 20 + [1] * 2 + [2] * 10
    assert only(look_at_data(Dataset(examples(count=32, labels=even), examples(seed=1))), "ok")


def test_augmentation_of_texts_is_refused_and_moving_rows_is_a_warning():
    stage = tiny_stage(inputs=TransferSet(batch_size=8, augmentation=Augmentation(shift=1)))
    finding = only(look_at_data(dataset(), stages=[stage]), "warning")
    assert finding.title == "Stage 1 asks for shift, which does nothing: the inputs are no pictures."
    texts = dataset(traits=Traits(reads="tokens"))
    assert "the data are texts" in only(look_at_data(texts, stages=[stage]), "refusal").title
    assert only(look_at_data(dataset(shape=(1, 4, 4)), stages=[stage]), "ok")
    noise = tiny_stage(inputs=TransferSet(batch_size=8, augmentation=Augmentation(noise=0.1)))
    assert only(look_at_data(dataset(), stages=[noise]), "ok")


def test_a_probe_beyond_the_held_out_examples_is_refused():
    (finding,) = of_level(look_at_data(dataset(), probe=(3, 12)), "refusal")
    assert "example 12, but there are 12 held-out" in finding.title


def test_unlabelled_training_data_are_not_called_uneven():
    data = dataset()
    data = replace(data, training=replace(data.training, labels_N=torch.full((12,), -100)))
    assert only(look_at_data(data), "ok")
