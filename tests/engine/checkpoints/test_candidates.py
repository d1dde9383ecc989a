"""Nameless weights are proposed the known models of their shapes, and labelled data tells which one it is."""

import json
from collections import Counter

import pytest
import torch
from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification

from workbench.engine.architectures.mlp import mlp
from workbench.engine.checkpoints import Wanted
from workbench.engine.checkpoints.candidates import Candidate, candidates, try_candidates
from workbench.engine.data import Examples
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.models import HuggingFaceConfig, Mlp
from workbench.session.places import resources_folder

FAMILIES = resources_folder() / "families"
SIZES = {"embedding_size": 4, "hidden_sizes": [4, 6], "depths": [1, 1], "layer_type": "basic", "num_channels": 3}


def shapes(tensors):
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.fixture
def small(tmp_path):
    """A folder with one small family, a network of it that names pictures, and its weights without names."""
    torch.manual_seed(0)
    config = ResNetConfig(**SIZES, num_labels=3)
    config.architectures = ["ResNetForImageClassification"]
    network = ResNetForImageClassification(config).eval()
    families = tmp_path / "families"
    families.mkdir()
    (families / "small.json").write_text(config.to_json_string())
    body = Counter(tuple(one.shape) for name, one in network.resnet.state_dict().items() if one.is_floating_point())
    (families / "index.json").write_text(json.dumps({"small": [[list(one), count] for one, count in body.items()]}))
    nameless = {f"t{n}.{name.rpartition('.')[2]}": one for n, (name, one) in enumerate(network.state_dict().items())}
    torch.save(nameless, tmp_path / "nameless.pt")
    return families, network, nameless, tmp_path / "nameless.pt"


def labelled(network, classes=("a", "b", "c")):
    inputs_NX = torch.rand(24, 3, 16, 16)
    with torch.no_grad():
        labels_N = network(inputs_NX).logits.argmax(1)
    return Examples(inputs_NX, labels_N, classes)


def test_nameless_weights_are_proposed_the_family_of_their_shapes(small):
    families, _, nameless, _ = small
    (found,) = candidates(shapes(nameless), families)
    assert found == Candidate("small", HuggingFaceConfig(config=str(families / "small.json")))


def test_weights_that_lack_a_layer_are_not_proposed_it(small):
    families, _, nameless, _ = small
    assert candidates(dict(list(shapes(nameless).items())[5:]), families) == ()


def test_built_in_architectures_come_first():
    (found,) = candidates(shapes(mlp(Mlp(hidden=(6,)), (4,), 3).state_dict()), FAMILIES)
    assert found == Candidate("mlp, 4–6–3", Mlp(hidden=(6,)))


def test_other_weights_are_proposed_nothing():
    assert candidates(shapes(nn.TransformerEncoderLayer(8, 2, 16).state_dict()), FAMILIES) == ()


def test_every_shipped_family_has_its_config():
    index = json.loads((FAMILIES / "index.json").read_bytes())
    assert set(index) | {"index"} == {path.stem for path in FAMILIES.glob("*.json")}


def test_the_right_candidate_names_the_examples_and_one_that_does_not_fit_says_why(small):
    families, network, nameless, path = small
    found = (Candidate("wrong", Mlp(hidden=(5,))), *candidates(shapes(nameless), families))
    scores = try_candidates(found, path, Wanted(), labelled(network))
    assert [(score.candidate.name, score.right, score.examples) for score in scores] == [
        ("small", 24, 24),
        ("wrong", 0, 24),
    ]
    assert "tensors do not fit the mlp" in scores[1].problem
    assert scores[0].problem == ""


def test_candidates_are_not_tried_where_nothing_is_labelled(small):
    families, _, nameless, path = small
    unlabelled = Examples(torch.rand(4, 3, 16, 16), torch.full((4,), UNLABELLED), ("a", "b", "c"))
    with pytest.raises(WorkbenchError, match="No example has a label"):
        try_candidates(candidates(shapes(nameless), families), path, Wanted(), unlabelled)
