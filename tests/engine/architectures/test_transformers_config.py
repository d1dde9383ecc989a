"""A config is plain sizes: nothing in it runs code, fetches anything or builds without end."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.hugging_face_models import tokenizer_json
from workbench.engine.architectures.transformers_config import (
    config_of,
    longest_text,
    read_settings,
    refuse_foreign_texts,
    settings_of,
    task_of,
)
from workbench.errors import WorkbenchError


def test_what_would_run_code_or_fetch_something_is_left_out() -> None:
    asked = {"auto_map": {"AutoModel": "modeling.Mine"}, "attn_implementation": "somebody/kernel", "dtype": "float16"}
    config = config_of({"model_type": "vit", "hidden_size": 32, **asked}, "config.json")
    assert config.hidden_size == 32
    assert not hasattr(config, "auto_map")
    assert config._attn_implementation_internal is None
    assert config.dtype is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model_type": "mine", "auto_map": {"AutoConfig": "configuration.Mine"}}, "asks to run Python code"),
        ({"model_type": "a-kind-from-tomorrow"}, "knows no models of the kind 'a-kind-from-tomorrow'"),
        ({"model_type": 5}, "knows no models of the kind 5"),
        ({"model_type": "vit", "num_hidden_layers": 10**9}, "num_hidden_layers is 1,000,000,000"),
        ({"model_type": "vit", "hidden_size": 10**15}, "hidden_size is"),
        ({"model_type": "vit", "num_labels": 10**8}, "num_labels is 100,000,000"),
        ({"model_type": "resnet", "depths": [400] * 20}, "depths lists 20 parts of 8,000"),
        ({"model_type": "bert", "hidden_size": "wide"}, "no bert has these settings"),
        ({"model_type": "bert", "quantization_config": {"bits": 4}}, "is quantised"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        config_of(settings, "folder/config.json")
    assert words in refused.value.title
    assert "folder/config.json" in refused.value.title


def test_settings_nested_without_end_are_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(50):
        nested = {"inner": nested}
    with pytest.raises(WorkbenchError, match="nested more than"):
        config_of({"model_type": "vit", "odd": nested}, "config.json")


def test_settings_survive_being_written_and_read() -> None:
    config = config_of({"model_type": "resnet", "depths": [1, 2], "hidden_sizes": [8, 16]}, "config.json")
    again = config_of(json.loads(json.dumps(settings_of(config))), "config.json")
    assert settings_of(again) == settings_of(config)


@pytest.mark.parametrize(("family", "task"), [("vit", "image-classification"), ("distilbert", "text-classification")])
def test_the_task_follows_from_the_kind_of_model(family: str, task: str) -> None:
    assert task_of({"model_type": family}, "config.json") == task


def test_a_model_that_classifies_nothing_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="classify neither pictures nor texts"):
        task_of({"model_type": "whisper"}, "config.json")


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"cut', b"\xff\xfe", b"[" * 100_000])
def test_a_file_without_settings_reads_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_bytes(content)
    assert read_settings(tmp_path / "config.json") is None


def test_positions_after_the_padding_token_do_not_count_for_texts() -> None:
    sizes = {"max_position_embeddings": 514, "pad_token_id": 1}
    assert longest_text(config_of({"model_type": "roberta", **sizes}, "config.json")) == 512
    assert longest_text(config_of({"model_type": "bert", **sizes}, "config.json")) == 514


def test_longer_texts_and_more_tokens_than_a_model_knows_are_refused() -> None:
    config = config_of({"model_type": "bert", "vocab_size": 10, "max_position_embeddings": 64}, "config.json")
    with pytest.raises(WorkbenchError, match="up to 64 tokens, and those of the data have 65"):
        refuse_foreign_texts(config, "", 65, "The model")
    with pytest.raises(WorkbenchError, match="knows 10 tokens, and the tokenizer of the data has 11"):
        refuse_foreign_texts(config, tokenizer_json(), 64, "The model")
    with pytest.raises(WorkbenchError, match="tokenizer cannot be read"):
        refuse_foreign_texts(config, "{}", 64, "The model")
