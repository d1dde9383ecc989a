"""A share of the sizes of every family whose sizes are known still makes a model."""

from typing import Any

import pytest
import torch

from workbench.engine.architectures.hugging_face import HuggingFace
from workbench.engine.architectures.transformers_config import as_json, config_of, settings_of, task_of
from workbench.engine.classifier import Blueprint, Classifier
from workbench.engine.language.pouring import skeleton
from workbench.engine.starts.scaling import _DECODERS, _SCALERS, scale
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError


def built(config: Any) -> Classifier:
    """Its shapes, without memory."""
    settings = settings_of(config)
    task = task_of(settings, "config.json")
    texts = task == "text-classification"
    blueprint = Blueprint(
        architecture=HuggingFace(task=task, config=as_json(settings)),
        input_shape=(8,) if texts else (3, 64, 64),
        classes=("a", "b"),
        mean=() if texts else (0.0,) * 3,
        std=() if texts else (1.0,) * 3,
        traits=Traits(reads="tokens" if texts else "values"),
    )
    with torch.device("meta"):
        return Classifier(blueprint)


@pytest.mark.parametrize("family", sorted(set(_SCALERS) - set(_DECODERS)))
@pytest.mark.parametrize("width", [0.5, 0.3])
def test_a_part_of_a_familys_usual_sizes_is_a_smaller_model(family: str, width: float) -> None:
    config, smaller = (config_of(_described(family), "config.json") for _ in range(2))
    scale(smaller, 1.0 if family.startswith("mobilenet") else 0.5, width, "config.json")
    assert built(smaller).parameter_count < 0.75 * built(config).parameter_count


@pytest.mark.parametrize("family", _DECODERS)
@pytest.mark.parametrize("width", [0.5, 0.3])
def test_a_part_of_a_language_models_usual_sizes_is_a_smaller_one(family: str, width: float) -> None:
    config, smaller = (config_of({"model_type": family}, "config.json") for _ in range(2))
    scale(smaller, 0.5, width, "config.json")
    counts = [sum(each.numel() for each in skeleton(one, "config.json").parameters()) for one in (smaller, config)]
    assert counts[0] < 0.75 * counts[1]


def test_as_many_queries_share_a_key_as_before() -> None:
    sizes = {"hidden_size": 96, "num_attention_heads": 12, "num_key_value_heads": 4, "head_dim": 16}
    config = config_of({"model_type": "qwen3", **sizes}, "config.json")
    scale(config, 1, 0.5, "config.json")
    assert (config.num_attention_heads, config.num_key_value_heads, config.hidden_size) == (6, 2, 48)
    assert config.head_dim == 16


def test_what_a_config_says_of_each_layer_is_said_of_as_many_as_there_are() -> None:
    kinds = ["sliding_attention", "full_attention"] * 3
    config = config_of({"model_type": "gemma2", "num_hidden_layers": 6, "layer_types": kinds}, "config.json")
    scale(config, 0.5, 1, "config.json")
    assert config.layer_types == kinds[:3]
    scale(config, 3, 1, "config.json")
    assert config.layer_types == kinds[:3] * 3


def _described(family: str) -> dict[str, Any]:
    described: dict[str, Any] = {"model_type": family}
    if family == "deit":
        described["architectures"] = ["DeiTForImageClassification"]
    return described


def test_heads_divide_the_hidden_size_and_keep_their_width() -> None:
    config = config_of({"model_type": "bert"}, "config.json")
    scale(config, 0.5, 0.5, "config.json")
    assert (config.num_hidden_layers, config.num_attention_heads, config.hidden_size) == (6, 6, 384)
    assert config.intermediate_size == 1536


def test_one_head_becomes_narrower() -> None:
    config = config_of({"model_type": "vit", "hidden_size": 64, "num_attention_heads": 1}, "config.json")
    scale(config, 1, 0.5, "config.json")
    assert (config.num_attention_heads, config.hidden_size) == (1, 32)


def test_every_stage_of_a_residual_network_gets_its_share() -> None:
    sizes = {"depths": [3, 4, 6, 1], "hidden_sizes": [64, 128, 256, 512], "embedding_size": 64}
    config = config_of({"model_type": "resnet", **sizes}, "config.json")
    scale(config, 0.5, 0.25, "config.json")
    assert (config.depths, config.hidden_sizes, config.embedding_size) == ([2, 2, 3, 1], [16, 32, 64, 128], 16)


def test_the_layers_of_a_mobilenet_cannot_be_fewer() -> None:
    with pytest.raises(WorkbenchError, match="number of layers of a mobilenet_v2 is fixed"):
        scale(config_of({"model_type": "mobilenet_v2"}, "config.json"), 0.5, 1, "config.json")


def test_sizes_that_no_model_has_are_refused_in_words() -> None:
    config = config_of({"model_type": "bert", "hidden_size": 0}, "config.json")
    with pytest.raises(WorkbenchError, match="none that a bert can have"):
        scale(config, 0.5, 0.5, "config.json")


def test_a_family_of_unknown_sizes_is_refused_with_those_that_are_known() -> None:
    config = config_of({"model_type": "poolformer"}, "config.json")
    scale(config, 1, 1, "config.json")
    with pytest.raises(WorkbenchError, match="which settings of a poolformer are its sizes") as refused:
        scale(config, 0.5, 1, "config.json")
    assert "resnet" in refused.value.hint
