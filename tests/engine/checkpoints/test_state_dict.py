"""Bare weights become a classifier: by the recipe's architecture, else by their own names and shapes."""

import json
import math

import pytest
import torch
from closeness import assert_close
from safetensors.torch import save
from torch import nn

from workbench.engine import checkpoints
from workbench.engine.architectures.convnet import convnet
from workbench.engine.architectures.mlp import mlp
from workbench.engine.architectures.resnet import resnet
from workbench.engine.checkpoints import BARE_SAFETENSORS, STATE_DICT, Wanted
from workbench.errors import WorkbenchError
from workbench.recipe.models import ConvNet, Mlp, ResNet, Signature, TeacherLayers

ABC = ("a", "b", "c")
FLAT = Wanted(input_shape=(4,), classes=ABC)
PICTURE = Wanted(input_shape=(3, 8, 8), classes=ABC)
MODELS = {
    "mlp": (mlp, Mlp(hidden=(6, 5)), FLAT),
    "linear": (mlp, Mlp(hidden=()), FLAT),
    "mlp of pictures": (mlp, Mlp(hidden=(6,)), PICTURE),
    "convnet": (convnet, ConvNet(widths=(4, 3)), PICTURE),
    "deep convnet": (convnet, ConvNet(widths=(4, 3, 2, 2, 2)), PICTURE),
    "resnet": (resnet, ResNet(blocks=1, width=4), PICTURE),
}


def write(path, tensors, wrapped=lambda tensors: tensors, prefix=""):
    tensors = {prefix + name: tensor for name, tensor in tensors.items()}
    if path.suffix == ".safetensors":
        path.write_bytes(save(tensors))
    else:
        torch.save(wrapped(tensors), path)
    return path


def refusal(path, wanted):
    with pytest.raises(WorkbenchError) as caught:
        checkpoints.load(path, wanted)
    assert path.name in str(caught.value)
    return caught.value


@pytest.mark.parametrize("named", [True, False], ids=["architecture given", "architecture guessed"])
@pytest.mark.parametrize("ending", [".safetensors", ".pt"])
@pytest.mark.parametrize("prefix", ["", "network.", "module.model."])
@pytest.mark.parametrize("kind", MODELS)
def test_weights_answer_as_the_network_they_came_from(tmp_path, kind, prefix, ending, named):
    build, section, wanted = MODELS[kind]
    network = build(section, wanted.input_shape, 3).eval()
    path = write(tmp_path / f"m{ending}", network.state_dict(), prefix=prefix)
    model = checkpoints.load(path, Wanted(section if named else None, input_shape=wanted.input_shape, classes=ABC))
    inputs = torch.rand(5, *wanted.input_shape)
    assert torch.equal(model(inputs), network(inputs))
    assert model.blueprint.classes == ABC
    assert not any(module.training for module in model.modules())


def test_a_loaded_model_can_be_trained_and_is_no_view_of_the_file(tmp_path):
    path = write(tmp_path / "m.pt", nn.Linear(4, 3).state_dict())
    before = path.read_bytes()
    model = checkpoints.load(path, FLAT)
    torch.optim.SGD(model.parameters(), 1.0).zero_grad()
    model(torch.rand(2, 4)).sum().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            assert parameter.grad is not None
            parameter.add_(1)
    assert path.read_bytes() == before


def test_lightnings_checkpoints_are_unwrapped_and_what_is_no_part_of_the_model_is_told(tmp_path):
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    tensors = {f"model.{name}": tensor for name, tensor in network.state_dict().items()} | {
        "loss.weight": torch.ones(3)
    }
    path = write(tmp_path / "last.ckpt", tensors, lambda found: {"state_dict": found, "epoch": 3})
    wanted = Wanted(Mlp(hidden=(6,)), input_shape=(4,), classes=ABC)
    inputs = torch.rand(2, 4)
    assert_close(checkpoints.load(path, wanted)(inputs), network(inputs))
    said = " ".join(note.title for note in checkpoints.inspect(path, wanted).notes)
    assert "1 tensor lies outside “model.” and is left out: loss.weight" in said


def test_half_precision_and_double_become_float32(tmp_path):
    for kind in (torch.float16, torch.bfloat16, torch.float64):
        path = write(tmp_path / "m.pt", {name: one.to(kind) for name, one in nn.Linear(4, 3).state_dict().items()})
        assert {one.dtype for one in checkpoints.load(path, FLAT).parameters()} == {torch.float32}


def test_old_files_without_counters_of_batches_are_whole(tmp_path):
    tensors = convnet(ConvNet(widths=(4,)), (3, 8, 8), 3).state_dict()
    kept = {name: tensor for name, tensor in tensors.items() if not name.endswith("num_batches_tracked")}
    assert checkpoints.load(write(tmp_path / "m.pt", kept), PICTURE).blueprint.architecture == ConvNet(widths=(4,))


def test_missing_unexpected_and_mismatched_tensors_are_a_table(tmp_path):
    tensors = dict(mlp(Mlp(hidden=(6,)), (4,), 3).state_dict())
    tensors["extra"] = tensors.pop("1.bias")
    tensors["3.weight"] = torch.zeros(3, 7)
    error = refusal(write(tmp_path / "m.pt", tensors), Wanted(Mlp(hidden=(6,)), input_shape=(4,), classes=ABC))
    assert "3 tensors do not fit the mlp" in error.title
    assert [row.split()[:2] for row in error.details.splitlines()] == [
        ["mismatched", "3.weight"],
        ["missing", "1.bias"],
        ["unexpected", "extra"],
    ]


def test_another_size_than_the_recipes_is_refused_with_the_size_it_has(tmp_path):
    path = write(tmp_path / "m.pt", mlp(Mlp(hidden=(6,)), (4,), 3).state_dict())
    assert (
        refusal(path, Wanted(Mlp(hidden=(7,)), input_shape=(4,), classes=ABC)).hint
        == "By its shapes it is: mlp, 4–6–3."
    )


def test_inputs_of_another_size_are_refused_with_both_numbers(tmp_path):
    path = write(tmp_path / "m.pt", mlp(Mlp(hidden=(6,)), (4,), 3).state_dict())
    error = refusal(path, Wanted(input_shape=(1, 3, 3), classes=ABC))
    assert "reads inputs of 4 numbers" in error.title
    assert "1 × 3 × 3" in error.title


def test_what_is_not_said_anywhere_is_asked_for_by_its_name_in_the_recipe(tmp_path):
    path = write(tmp_path / "m.pt", resnet(ResNet(blocks=1, width=4), (3, 8, 8), 3).state_dict())
    assert "signature.input_shape" in refusal(path, Wanted()).hint
    assert (
        "signature.classes"
        in refusal(path, Wanted(signature=Signature(input_shape=(3, 8, 8), classes=("a", "b")))).hint
    )
    assert (
        "one for each channel"
        in refusal(path, Wanted(signature=Signature(input_shape=(3, 8, 8), mean=(0, 0), std=(1, 1)))).hint
    )


def test_one_mean_is_for_all_channels_and_without_one_inputs_stay_as_they_are(tmp_path):
    path = write(tmp_path / "m.pt", resnet(ResNet(blocks=1, width=4), (3, 8, 8), 3).state_dict())
    said = Signature(input_shape=(3, 8, 8), mean=(0.5,), std=(0.25,), classes=ABC)
    blueprint = checkpoints.load(path, Wanted(signature=said)).blueprint
    assert (blueprint.mean, blueprint.std) == ((0.5,) * 3, (0.25,) * 3)
    assert (plain := checkpoints.load(path, PICTURE).blueprint).mean == (0.0,) * 3
    assert plain.std == (1.0,) * 3
    assert any("normalised" in note.title for note in checkpoints.inspect(path, PICTURE).notes)
    assert not any("normalised" in note.title for note in checkpoints.inspect(path, Wanted(signature=said)).notes)


def test_the_recipe_names_classes_and_kind_of_answers(tmp_path):
    path = write(tmp_path / "m.pt", nn.Linear(4, 2).state_dict())
    blueprint = checkpoints.load(path, Wanted(signature=Signature(classes=("no", "yes"), answers="sigmoids"))).blueprint
    assert (blueprint.classes, blueprint.answers, blueprint.input_shape) == (("no", "yes"), "sigmoids", (4,))


def test_more_answers_than_classes_are_numbered_so_that_preflight_names_both_numbers(tmp_path):
    path = write(tmp_path / "m.pt", nn.Linear(4, 5).state_dict())
    assert checkpoints.load(path, FLAT).blueprint.classes == ("0", "1", "2", "3", "4")
    assert "has at least 2 classes" in refusal(write(tmp_path / "one.pt", nn.Linear(4, 1).state_dict()), FLAT).title


def test_a_student_gets_a_new_head_for_other_classes_and_a_teacher_does_not(tmp_path):
    network = mlp(Mlp(hidden=(6,)), (4,), 10)
    path = write(tmp_path / "m.pt", network.state_dict())
    student = Wanted(input_shape=(4,), classes=ABC, new_head=True, seed=7)
    model = checkpoints.load(path, student)
    assert model.blueprint.classes == ABC
    assert torch.equal(model.network[1].weight, network[1].weight)
    assert model.network[3].weight.shape == (3, 6)
    assert torch.equal(model.network[3].weight, checkpoints.load(path, student).network[3].weight)
    assert len(checkpoints.load(path, FLAT).blueprint.classes) == 10


def test_layers_of_the_teacher_are_no_architecture_of_a_checkpoint(tmp_path):
    path = write(tmp_path / "m.pt", nn.Linear(4, 3).state_dict())
    assert "layers of the teacher" in refusal(path, Wanted(TeacherLayers(), input_shape=(4,), classes=ABC)).title


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path, value):
    path = write(tmp_path / "m.pt", {"0.weight": torch.full((3, 4), value), "0.bias": torch.zeros(3)})
    assert "NaN or infinity" in refusal(path, FLAT).title


def test_a_card_shows_names_shapes_and_types_without_the_values(tmp_path):
    path = write(tmp_path / "m.safetensors", convnet(ConvNet(widths=(4,)), (3, 8, 8), 3).state_dict())
    card = checkpoints.inspect(path)
    assert (card.format, card.architecture, card.needs) == (BARE_SAFETENSORS.name, "convnet, widths 4", "")
    assert (card.input_shape, card.classes) == ((3, 8, 8), ("0", "1", "2"))
    assert [(row.name, row.shape, row.dtype) for row in card.tensors][:2] == [
        ("0.weight", (4, 3, 3, 3), "float32"),
        ("1.weight", (4,), "float32"),
    ]


FAMILIES = {
    "an EfficientNet, as in efficientnet_pytorch": (
        "_conv_stem.weight",
        "_blocks.0._depthwise_conv.weight",
        "_fc.bias",
    ),
    "a BERT of transformers": ("embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"),
    "a ResNet of torchvision or timm": ("conv1.weight", "layer1.0.conv1.weight", "fc.weight"),
    "unknown": ("something.else",),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_without_an_architecture_says_exactly_what_is_missing(tmp_path, family):
    path = write(tmp_path / "m.pt", {name: torch.zeros(2, 2) for name in FAMILIES[family]})
    card = checkpoints.inspect(path)
    assert (card.architecture, card.needs, card.format) == (family, "architecture", STATE_DICT.name)
    assert card.notes[0].fix
    error = refusal(path, FLAT)
    assert "does not say which model they belong to" in error.title
    assert "python_class" in error.hint
    assert FAMILIES[family][0] in error.details


def test_a_config_beside_the_file_points_to_the_folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    card = checkpoints.inspect(write(tmp_path / "weights.safetensors", {"x": torch.zeros(2)}))
    assert any("Open the folder" in note.fix for note in card.notes)


@pytest.mark.parametrize("count", [0, 7, 8, 9, 40, -1])
def test_safetensors_that_are_cut_short_are_refused_by_name(tmp_path, count):
    raw = save({"0.weight": torch.zeros(3, 4), "0.bias": torch.zeros(3)})
    (tmp_path / "cut.safetensors").write_bytes(raw[:count])
    refusal(tmp_path / "cut.safetensors", FLAT)
