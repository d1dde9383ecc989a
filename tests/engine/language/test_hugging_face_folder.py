"""A folder of a language model is read as the library reads it, and whatever is wrong with it is told in words."""

import json

import pytest
import torch
from closeness import assert_close
from safetensors.torch import load_file, save_file

from engine.hugging_face_models import bert_folder, change_json, shard
from engine.language.language_models import LETTERS, answers, language_folder, letters, tiny_language_model
from workbench.engine.language.chat import Chat
from workbench.engine.language.loading import inspect_language_model, read_language_model
from workbench.errors import WorkbenchError

FAMILIES = {
    "gemma2": {"head_dim": 8},
    "gemma3_text": {"head_dim": 8},
    "gpt2": {"n_embd": 16, "n_layer": 4, "n_head": 2},
    "gpt_neox": {},
    "granite": {"logits_scaling": 8.0},
    "mistral": {},
    "mixtral": {"num_local_experts": 2},
    "phi": {},
    "phi3": {},
    "qwen2": {},
    "qwen3": {"head_dim": 8, "tie_word_embeddings": False},
    "qwen2_moe": {
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 8,
        "shared_expert_intermediate_size": 600,
    },
}


@pytest.mark.parametrize("family", FAMILIES)
def test_its_answers_are_those_of_the_library(tmp_path, family):
    from transformers import AutoModelForCausalLM

    language_folder(tmp_path, family, **FAMILIES[family])
    # In the library's own layout, which may differ from the network's.
    AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True).save_pretrained(tmp_path)
    model = read_language_model(tmp_path)
    own = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True).eval()
    tokens_BT = torch.arange(3, 19).reshape(2, 8)
    with torch.no_grad():
        assert_close(answers(model), own(tokens_BT).logits)
    assert not model.training


def test_shards_are_one_model(tmp_path):
    before = answers(read_language_model(language_folder(tmp_path)))
    shard(tmp_path)
    torch.testing.assert_close(answers(read_language_model(tmp_path)), before, rtol=0, atol=0)


def test_half_precision_becomes_float32(tmp_path):
    language_folder(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    save_file({name: tensor.bfloat16() for name, tensor in weights.items()}, tmp_path / "model.safetensors")
    change_json(tmp_path / "config.json", dtype="bfloat16")
    assert {parameter.dtype for parameter in read_language_model(tmp_path).parameters()} == {torch.float32}


def test_shared_embeddings_stay_shared(tmp_path):
    model = read_language_model(language_folder(tmp_path))
    assert model.head.layer.weight is model.network.get_input_embeddings().weight
    other = read_language_model(language_folder(tmp_path / "apart", tie_word_embeddings=False))
    assert other.parameter_count == model.parameter_count + 16 * len(LETTERS)


def test_its_card_tells_sizes_without_reading_weights(tmp_path):
    model = read_language_model(language_folder(tmp_path))
    card = inspect_language_model(tmp_path)
    assert (card.format, card.architecture) == ("Hugging Face folder", "LlamaForCausalLM")
    assert (card.vocabulary, card.layers, card.width, card.context) == (len(LETTERS), 4, 16, 64)
    assert card.parameters == model.parameter_count
    assert card.chat
    assert card.notes == ()


def test_the_chat_template_is_found_beside_the_settings_too(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "tokenizer_config.json", chat_template=None)
    assert Chat(read_language_model(tmp_path).blueprint).has_template
    (tmp_path / "chat_template.jinja").unlink()
    assert not Chat(read_language_model(tmp_path).blueprint).has_template
    assert not inspect_language_model(tmp_path).chat


def test_of_several_chat_templates_the_default_is_taken(tmp_path):
    language_folder(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    named = [{"name": "tools", "template": "no"}, {"name": "default", "template": "{{ messages[0]['content'] }}!"}]
    change_json(tmp_path / "tokenizer_config.json", chat_template=named)
    chat = Chat(read_language_model(tmp_path).blueprint)
    assert chat.text(chat.prompt([{"role": "user", "content": "a"}])) == "a!"


def test_the_token_that_ends_a_text_is_taken_from_the_config_where_the_tokenizer_names_none(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "tokenizer_config.json", eos_token=None)
    (tmp_path / "generation_config.json").unlink()
    assert Chat(read_language_model(tmp_path).blueprint).stop == {1}


def test_code_that_a_config_names_is_not_run_and_said(tmp_path):
    before = answers(read_language_model(language_folder(tmp_path)))
    (tmp_path / "evil.py").write_text("raise SystemExit('it was run')")
    change_json(tmp_path / "config.json", auto_map={"AutoModelForCausalLM": "evil.Model"})
    torch.testing.assert_close(answers(read_language_model(tmp_path)), before, rtol=0, atol=0)
    (note,) = inspect_language_model(tmp_path).notes
    assert "It is not run" in note.title


def refused(folder):
    with pytest.raises(WorkbenchError) as caught:
        read_language_model(folder)
    assert str(folder) in caught.value.title
    assert caught.value.hint
    return caught.value


def test_a_family_that_only_its_own_code_knows_is_refused(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "config.json", model_type="own", auto_map={"AutoModelForCausalLM": "evil.Model"})
    assert "auto_map" in refused(tmp_path).title


def test_quantised_weights_are_refused(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "config.json", quantization_config={"quant_method": "gptq", "bits": 4})
    assert "quantised" in refused(tmp_path).title


def test_a_model_without_an_output_head_is_refused(tmp_path):
    language_folder(tmp_path, tie_word_embeddings=False)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, tmp_path / "model.safetensors")
    assert "no output head" in refused(tmp_path).title


def test_an_encoder_is_refused(tmp_path):
    assert "do not write text from left to right" in refused(bert_folder(tmp_path)).title


def test_a_model_that_reads_pictures_too_is_refused(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "config.json", model_type="gemma3", vision_config={}, text_config={})
    assert "pictures or sounds" in refused(tmp_path).title


def test_a_folder_without_a_tokenizer_is_refused_and_its_card_says_so(tmp_path):
    language_folder(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    assert "no tokenizer" in refused(tmp_path).title
    (note,) = inspect_language_model(tmp_path).notes
    assert note.level == "refusal"
    (tmp_path / "vocab.json").write_text("{}")
    assert "save_pretrained" in refused(tmp_path).hint


def test_a_tokenizer_with_more_tokens_than_the_model_has_rows_is_refused(tmp_path):
    language_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_text(letters("one", "more"), encoding="utf-8")
    assert f"a token {len(LETTERS) + 1}, and the model only {len(LETTERS)} rows" in refused(tmp_path).title


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[]", b'{"model": {}}'])
def test_a_broken_tokenizer_is_refused(tmp_path, content):
    language_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(WorkbenchError):
        read_language_model(tmp_path)


def test_a_token_numbered_beyond_all_tables_is_refused_before_one_is_made(tmp_path):
    language_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_text(letters().replace('"a":68', '"a":2147483648'), encoding="utf-8")
    assert "beyond 16,000,000" in refused(tmp_path).title


def test_an_end_that_is_no_token_is_left_out(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "generation_config.json", eos_token_id={})
    assert Chat(read_language_model(tmp_path).blueprint).stop == {1}


def test_a_config_for_other_weights_is_refused_with_what_does_not_fit(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "config.json", num_hidden_layers=3)
    error = refused(tmp_path)
    assert "do not fit the LlamaForCausalLM" in error.title
    assert "unexpected" in error.details


def test_a_config_that_asks_for_far_more_than_there_is_is_refused_before_memory_is_taken(tmp_path):
    language_folder(tmp_path)
    change_json(tmp_path / "config.json", vocab_size=2**31 - 1, hidden_size=2**20)
    error = refused(tmp_path)
    assert "its config describes" in error.title


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    language_folder(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights["model.norm.weight"][3] = float("nan")
    save_file(weights, tmp_path / "model.safetensors")
    assert "NaN" in refused(tmp_path).title


def test_adapters_without_their_model_are_refused(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    assert "adapters" in refused(tmp_path).title


def test_what_is_no_model_at_all_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="There is no model at"):
        read_language_model(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("GGUf")
    with pytest.raises(WorkbenchError, match="is not a language model"):
        read_language_model(tmp_path / "notes.txt")


def test_a_family_that_does_more_to_its_logits_is_not_taken_for_another(tmp_path, monkeypatch):
    from workbench.engine.language.model import OutputHead

    language_folder(tmp_path)
    monkeypatch.setattr(OutputHead, "forward", lambda self, hidden_NH: 2 * self.layer(hidden_NH))
    assert "does more to its logits" in refused(tmp_path).title


def test_a_blueprint_that_was_read_builds_the_same_network_again(tmp_path):
    from workbench.engine.language.model import build_network

    model = read_language_model(language_folder(tmp_path, "qwen3", head_dim=8))
    again = build_network(model.blueprint.config)
    again.load_state_dict(model.network.state_dict())
    assert json.loads(model.blueprint.config)["model_type"] == "qwen3"
    assert sum(each.numel() for each in again.parameters()) == tiny_language_model("qwen3", head_dim=8).parameter_count
