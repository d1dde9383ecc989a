"""A model with its normalisation and classes: what it measures, what it reads, what its description refuses."""

import json

import numpy as np
import pytest
import torch
from closeness import assert_close
from torch import nn

from engine.workshop import tiny_classifier
from workbench.engine.classifier import Classifier, InputStatistics, measure, new_classifier, parse_blueprint
from workbench.errors import WorkbenchError
from workbench.recipe.models import Mlp

GOOD = {
    "architecture": {"kind": "mlp", "hidden": [8]},
    "input_shape": [4],
    "classes": ["a", "b"],
    "mean": [0.0] * 4,
    "std": [1.0] * 4,
}


def test_statistics_are_one_a_channel_for_pictures_and_one_a_feature_for_vectors():
    pictures = torch.rand(50, 3, 5, 6) * torch.tensor([1.0, 2.0, 3.0])[:, None, None]
    found = measure(pictures)
    assert found.shape == (3, 5, 6)
    assert_close(found.mean, pictures.double().mean((0, 2, 3)), layers=1)
    assert_close(found.std, pictures.numpy().std((0, 2, 3)), layers=1)
    vectors = torch.randn(50, 4) * 3 + 7
    assert_close(measure(vectors).std, vectors.numpy().std(0), scale=float(vectors.abs().max()), layers=1)


def test_bytes_are_measured_on_the_scale_from_0_to_1():
    pictures = torch.randint(0, 256, (40, 2, 4, 4), dtype=torch.uint8)
    as_bytes, as_floats = measure(pictures), measure(pictures.float() / 255)
    assert_close(as_bytes.mean, as_floats.mean, layers=1)
    assert_close(as_bytes.std, as_floats.std, layers=1)


def test_more_examples_than_one_chunk_holds_are_all_measured():
    vectors = torch.cat([torch.zeros(5000, 1), torch.ones(5000, 1)])
    assert measure(vectors) == InputStatistics((1,), (0.5,), (0.5,))


def test_a_constant_feature_gets_a_deviation_of_1_and_becomes_0():
    vectors = torch.randn(30, 3)
    vectors[:, 1] = 12345.678
    found = measure(vectors)
    assert found.std[1] == 1.0
    model = new_classifier(Mlp(hidden=()), found, ("a", "b"), 0)
    assert torch.isfinite(model(vectors)).all()


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1.0, 1e6])
def test_the_unit_of_the_data_does_not_matter(unit):
    vectors = unit * (5 + torch.randn(200, 3, generator=torch.Generator().manual_seed(0)))
    found = measure(vectors)
    normalised = (vectors.numpy() - np.array(found.mean)) / np.array(found.std)
    assert normalised.mean(0) == pytest.approx(0, abs=0.01)
    assert normalised.std(0) == pytest.approx(1, abs=0.01)


def test_bytes_and_the_floats_they_stand_for_get_the_same_logits():
    pictures = torch.randint(0, 256, (10, 1, 4, 4), dtype=torch.uint8)
    model = new_classifier(Mlp(hidden=(8,)), measure(pictures), ("a", "b"), 0)
    assert_close(model(pictures), model(pictures.float() / 255))


def test_a_model_normalises_its_inputs_itself():
    statistics = InputStatistics((2,), (10.0, -3.0), (2.0, 0.5))
    model = new_classifier(Mlp(hidden=()), statistics, ("a", "b"), 0)
    inputs = torch.tensor([[12.0, -2.5]])
    assert_close(model(inputs), model.network(torch.tensor([[1.0, 1.0]])))


def test_a_logit_shift_is_added_to_every_row():
    model = tiny_classifier()
    inputs = torch.randn(5, 4)
    plain = model(inputs)
    model.logit_shift = torch.tensor([0.0, 2.0, 0.0])
    assert_close(model(inputs) - plain, torch.tensor([0.0, 2.0, 0.0]).expand(5, 3))


def test_the_parameter_count_is_what_is_trained():
    assert tiny_classifier(hidden=(8,)).parameter_count == 4 * 8 + 8 + 8 * 3 + 3


def test_a_description_reads_back():
    blueprint = tiny_classifier().blueprint
    assert parse_blueprint(blueprint.model_dump_json(), "file") == blueprint


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"architecture": {"kind": "transformer"}}, "architecture"),
        ({"architecture": {"kind": "mlp", "hidden": [10**9]}}, "hidden"),
        ({"classes": ["a"]}, "classes"),
        ({"input_shape": []}, "input_shape"),
        ({"input_shape": [1, 2, 3, 4, 5]}, "input_shape"),
        ({"input_shape": [3]}, "contradicts itself: shape (3,), 4 means, 4 standard deviations"),
        ({"input_shape": [4, 0, 2]}, "contradicts itself"),
        ({"mean": [0.0] * 3}, "3 means, 4 standard deviations"),
        ({"std": [1.0, 1.0, 0.0, 1.0]}, "contradicts itself"),
        ({"std": [1.0, 1.0, float("nan"), 1.0]}, "std"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_an_impossible_description_is_refused_by_file_and_place(change, told):
    with pytest.raises(WorkbenchError) as caught:
        parse_blueprint(json.dumps(GOOD | change), "model.safetensors")
    assert caught.value.title.startswith("model.safetensors: its description of the model")
    assert told in caught.value.title


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3"])
def test_a_description_that_is_none_is_refused_by_file(text):
    with pytest.raises(WorkbenchError, match=r"model\.safetensors"):
        parse_blueprint(text, "model.safetensors")


def test_batch_norms_that_learn_no_statistics_keep_to_them_while_training():
    blueprint = parse_blueprint(json.dumps(GOOD), "model")
    constant, learning = nn.BatchNorm1d(4, momentum=0.0), nn.BatchNorm1d(4)
    model = Classifier(blueprint, nn.Sequential(constant, learning, nn.Linear(4, 2)))
    model.eval()
    assert model.train() is model
    assert (constant.training, learning.training) == (False, True)
    assert constant.weight.requires_grad
    model(5 + torch.randn(16, 4))
    assert torch.equal(constant.running_mean, torch.zeros(4))
    assert not torch.equal(learning.running_mean, torch.zeros(4))
