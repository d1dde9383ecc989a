"""Networks of the transformers library: built from a config, the same from the same seed, whole without memory."""

import json
from typing import Any

import pytest
import torch
from closeness import assert_close

from workbench.engine.architectures.dropout import SeededDropout
from workbench.engine.architectures.hugging_face import HuggingFace, hugging_face
from workbench.engine.classifier import Blueprint, Classifier, seeded_classifier
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError

BERT = {
    "model_type": "bert",
    "vocab_size": 20,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 16,
    "hidden_dropout_prob": 0.3,
    "attention_probs_dropout_prob": 0.3,
    "id2label": {"0": "a", "1": "b"},
}
SWIN = {
    "model_type": "swin",
    "image_size": 16,
    "patch_size": 2,
    "window_size": 2,
    "embed_dim": 8,
    "depths": [1, 1],
    "num_heads": [1, 2],
    "id2label": {"0": "a", "1": "b"},
}


def texts(pad: int = 0, **changes: Any) -> Blueprint:
    architecture = HuggingFace(task="text-classification", config=json.dumps(BERT | changes), pad=pad)
    traits = Traits(reads="tokens", pad=pad)
    return Blueprint(architecture=architecture, input_shape=(8,), classes=("a", "b"), mean=(), std=(), traits=traits)


def pictures(settings: dict[str, Any]) -> Blueprint:
    architecture = HuggingFace(task="image-classification", config=json.dumps(settings))
    ones = (1.0, 1.0, 1.0)
    return Blueprint(architecture=architecture, input_shape=(3, 16, 16), classes=("a", "b"), mean=ones, std=ones)


def tokens(*rows: list[int]) -> torch.Tensor:
    return torch.tensor([row + [0] * (8 - len(row)) for row in rows], dtype=torch.int32)


@torch.no_grad()
def test_what_stands_on_padding_is_not_attended_to() -> None:
    model = seeded_classifier(texts(), seed=1).eval()
    longer = torch.cat([tokens([5, 6, 7]), torch.zeros((1, 4), dtype=torch.int32)], dim=1)
    assert_close(model(tokens([5, 6, 7])), model(longer))
    other_padding = seeded_classifier(texts(pad=9), seed=1).eval()
    assert not torch.allclose(model(tokens([5, 6, 7])), other_padding(tokens([5, 6, 7])))


def test_the_same_seed_makes_the_same_network() -> None:
    first, again, other = (seeded_classifier(texts(), seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_dropout_follows_the_step_and_leaves_the_global_generator_alone() -> None:
    model = seeded_classifier(texts(), seed=1).train()
    draws = [part for part in model.modules() if isinstance(part, SeededDropout)]
    assert len(draws) == 1

    def answer(seed: int, disturbance: int) -> torch.Tensor:
        draws[0].seed = seed
        torch.manual_seed(disturbance)
        before = torch.get_rng_state()
        logits: torch.Tensor = model(tokens([5, 6, 7])).detach()
        assert torch.equal(torch.get_rng_state(), before)
        return logits

    with torch.random.fork_rng(devices=[]):
        assert torch.equal(answer(3, disturbance=1), answer(3, disturbance=2))
        assert not torch.equal(answer(3, disturbance=1), answer(4, disturbance=1))


@pytest.mark.parametrize("blueprint", [texts(), pictures(SWIN)], ids=["bert", "swin"])
@torch.no_grad()
def test_a_model_of_shapes_only_has_its_constant_tables_once_weights_are_in(blueprint: Blueprint) -> None:
    whole = seeded_classifier(blueprint, seed=1).eval()
    with torch.device("meta"):
        hollow = Classifier(blueprint).eval()
    assert all(parameter.is_meta for parameter in hollow.parameters())
    hollow.load_state_dict(whole.state_dict(), assign=True)
    inputs = tokens([5, 6], [7]) if blueprint.traits.reads == "tokens" else torch.rand(2, 3, 16, 16)
    assert torch.equal(hollow(inputs), whole(inputs))


def test_a_table_that_the_library_does_not_make_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import BertPreTrainedModel

    monkeypatch.setattr(BertPreTrainedModel, "_init_weights", lambda self, part: None)
    with pytest.raises(WorkbenchError, match="tables that cannot be made again"), torch.device("meta"):
        Classifier(texts())


def test_another_number_of_classes_than_the_config_names_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="names 3 classes, but its checkpoint has 2"):
        Classifier(texts(id2label={"0": "a", "1": "b", "2": "c"}))


@pytest.mark.parametrize("config", ["", "[]", "{", "[" * 100_000])
def test_a_config_that_is_no_object_is_refused(config: str) -> None:
    section = HuggingFace(task="text-classification", config=config)
    with pytest.raises(WorkbenchError, match="no JSON object"):
        hugging_face(section, (8,), 2)


def test_sizes_that_contradict_each_other_are_refused_in_words() -> None:
    with pytest.raises(WorkbenchError, match="cannot build a bert of these sizes"):
        Classifier(texts(num_attention_heads=3))


def test_a_model_larger_than_memory_is_refused_before_it_is_built() -> None:
    with pytest.raises(WorkbenchError, match="GiB of memory"):
        Classifier(texts(hidden_size=2**20, intermediate_size=2**20))


def test_weights_shared_between_layers_are_refused() -> None:
    sizes = {"model_type": "bart", "d_model": 8, "vocab_size": 20, "id2label": {"0": "a", "1": "b"}}
    sizes |= dict.fromkeys(
        ("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads"), 1
    )
    section = HuggingFace(task="text-classification", config=json.dumps(sizes))
    with pytest.raises(WorkbenchError, match="shares weights"):
        hugging_face(section, (8,), 2)
