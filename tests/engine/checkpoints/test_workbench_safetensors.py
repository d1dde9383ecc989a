"""Our own checkpoints: the same model is the same bytes, and a broken file is refused in words and at once."""

import json
import time
import tracemalloc

import pytest
import torch
from safetensors.torch import load, save

from engine.workshop import tiny_classifier
from workbench.engine import checkpoints
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.errors import WorkbenchError
from workbench.recipe.models import ConvNet

KEY = "distillation_workbench.blueprint"
PICTURE = InputStatistics((1, 6, 6), (0.25,), (0.5,))


def file_of(path, tensors, blueprint):
    """A checkpoint file of these tensors and this description."""
    text = blueprint if isinstance(blueprint, str) else json.dumps(blueprint)
    path.write_bytes(save(tensors, metadata={KEY: text}))
    return path


@pytest.fixture
def model():
    return tiny_classifier()


@pytest.fixture
def parts(model):
    """The tensors and the description of a good checkpoint, to be spoilt."""
    return load(to_bytes(model)), json.loads(model.blueprint.model_dump_json())


def refusal(path):
    with pytest.raises(WorkbenchError) as caught:
        checkpoints.load(path)
    assert path.name in str(caught.value)
    return caught.value


def test_the_same_model_is_always_the_same_bytes(model):
    assert len({to_bytes(model) for _ in range(20)}) == 1


@pytest.mark.parametrize("shift", [None, [0.0, 0.5, 0.0]], ids=["plain", "shifted"])
def test_a_model_comes_back_as_it_was_in_eval_mode(tmp_path, shift):
    model = new_classifier(ConvNet(widths=(2, 3), dropout=0.3), PICTURE, ("a", "b", "c"), 5)
    model(torch.rand(8, 1, 6, 6))
    model.logit_shift = None if shift is None else torch.tensor(shift)
    (tmp_path / "m.safetensors").write_bytes(to_bytes(model))
    loaded = checkpoints.load(tmp_path / "m.safetensors")
    assert loaded.blueprint == model.blueprint
    assert not any(module.training for module in loaded.modules())
    assert to_bytes(loaded) == to_bytes(model)
    inputs = torch.rand(4, 1, 6, 6)
    assert torch.equal(loaded(inputs), model.eval()(inputs))


def test_a_loaded_model_can_be_trained(tmp_path, model):
    (tmp_path / "m.safetensors").write_bytes(to_bytes(model))
    loaded = checkpoints.load(tmp_path / "m.safetensors")
    loaded(torch.randn(4, 4)).sum().backward()
    assert all(parameter.grad is not None for parameter in loaded.parameters())


def test_half_precision_is_half_the_size_and_loads_as_float32(tmp_path):
    model = tiny_classifier(hidden=(200,))
    whole, half = to_bytes(model), to_bytes(model, half=True)
    assert len(half) < 0.75 * len(whole)
    (tmp_path / "m.safetensors").write_bytes(half)
    loaded = checkpoints.load(tmp_path / "m.safetensors").state_dict()
    for name, weight in model.state_dict().items():
        assert loaded[name].dtype == torch.float32
        assert torch.equal(loaded[name], weight.half().float())


def test_a_card_tells_what_a_checkpoint_is(tmp_path, model):
    path = tmp_path / "m.safetensors"
    path.write_bytes(to_bytes(model))
    card = checkpoints.inspect(path)
    assert (card.path, card.architecture, card.classes) == (str(path), "mlp", ("0", "1", "2"))
    assert (card.parameters, card.input_shape) == (model.parameter_count, (4,))
    assert card.bytes == path.stat().st_size


def test_tensors_that_do_not_fit_are_told_one_by_one(tmp_path, parts):
    tensors, blueprint = parts
    del tensors["network.1.bias"]
    tensors["network.9.weight"] = torch.zeros(2, 5)
    tensors["network.3.weight"] = torch.zeros(3, 7)
    path = file_of(tmp_path / "m.safetensors", tensors, blueprint)
    error = refusal(path)
    assert "3 of its tensors do not fit the mlp" in error.title
    assert [line.split() for line in error.details.splitlines()] == [
        ["mismatched", "network.3.weight", "[3,", "7]", "in", "the", "file,", "[3,", "8]", "by", "the", "architecture"],
        ["missing", "network.1.bias", "[8]"],
        ["unexpected", "network.9.weight", "[2,", "5]"],
    ]
    with pytest.raises(WorkbenchError, match="3 of its tensors do not fit"):
        checkpoints.inspect(path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["network.1.weight", "logit_shift"])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, parts, name, bad):
    tensors, blueprint = parts
    tensors.setdefault("logit_shift", torch.zeros(3))
    tensors[name].view(-1)[1] = bad
    error = refusal(file_of(tmp_path / "m.safetensors", tensors, blueprint))
    assert "NaN or infinity" in error.title
    assert name in error.title


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("logit_shift", torch.zeros(7)),
        ("logit_shift", torch.zeros(2, 3)),
        ("network.1.bias", torch.zeros(8, dtype=torch.int64)),
    ],
    ids=["shift of another length", "shift of another shape", "whole-number weights"],
)
def test_a_tensor_that_could_not_be_used_is_refused_when_it_is_loaded(tmp_path, parts, name, tensor):
    tensors, blueprint = parts
    assert name in str(refusal(file_of(tmp_path / "m.safetensors", tensors | {name: tensor}, blueprint)))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused_by_name(tmp_path, model, keep):
    raw = to_bytes(model)
    (tmp_path / "m.safetensors").write_bytes(raw[: int(len(raw) * keep)])
    refusal(tmp_path / "m.safetensors")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"architecture": {"kind": "mlp"}}', '"text"', "7"])
def test_a_broken_description_is_refused_by_name(tmp_path, parts, text):
    path = file_of(tmp_path / "m.safetensors", parts[0], text)
    assert "description of the model" in str(refusal(path))
    with pytest.raises(WorkbenchError, match="description of the model"):
        checkpoints.inspect(path)


def test_a_description_that_is_no_text_is_refused_by_name(tmp_path):
    text = json.dumps({"__metadata__": {KEY: 5}}).encode()
    (tmp_path / "m.safetensors").write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(WorkbenchError, match=r"m\.safetensors"):
        checkpoints.inspect(tmp_path / "m.safetensors")


@pytest.mark.parametrize("entry", [5, {}, {"shape": 3}, {"shape": ["a"]}])
def test_a_header_that_makes_no_sense_is_refused_by_name(tmp_path, parts, entry):
    header = {"__metadata__": {KEY: json.dumps(parts[1])}, "network.1.weight": entry}
    text = json.dumps(header).encode()
    (tmp_path / "m.safetensors").write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(WorkbenchError, match=r"m\.safetensors"):
        checkpoints.inspect(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": {"kind": "mlp", "hidden": [65536] * 64}},
        {"architecture": {"kind": "resnet", "blocks": 64, "width": 1024}, "input_shape": [4, 8, 8]},
        {"input_shape": [4, 10**10, 10**10]},
        {"input_shape": [4, 10**30]},
    ],
    ids=["wide", "deep", "pictures beyond 64 bits", "numbers beyond 64 bits"],
)
def test_an_absurd_description_is_refused_without_building_what_it_says(tmp_path, parts, change):
    tensors, blueprint = parts
    path = file_of(tmp_path / "m.safetensors", tensors, blueprint | change)
    tracemalloc.start()
    start = time.perf_counter()
    refusal(path)
    seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20
    assert seconds < 10


def test_loading_draws_nothing_from_the_global_generator(tmp_path, model):
    (tmp_path / "m.safetensors").write_bytes(to_bytes(model))
    before = torch.random.get_rng_state()
    checkpoints.load(tmp_path / "m.safetensors")
    checkpoints.inspect(tmp_path / "m.safetensors")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_loaded_model_does_not_hold_on_to_its_file(tmp_path, model):
    path = tmp_path / "m.safetensors"
    path.write_bytes(to_bytes(model))
    loaded = checkpoints.load(path)
    before = to_bytes(loaded)
    path.write_bytes(bytes(path.stat().st_size))
    path.unlink()
    assert to_bytes(loaded) == before
