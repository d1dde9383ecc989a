"""The exported folder: its graph repeats the model with and without the cache, and others find what they need."""

import json
import logging
import subprocess
import sys

import onnx
import pytest
import torch
from closeness import assert_close, rounding
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.language.test_chat import letters
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.folder import write_descriptions, write_weights
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.onnx_asking import OnnxWriter
from workbench.engine.language.onnx_graph import write_graph
from workbench.engine.language.onnx_parity import Original
from workbench.engine.language.onnx_variants import write_variant
from workbench.errors import WorkbenchError

CONFIG = {"model_type": "llama", "vocab_size": 101, "hidden_size": 32, "intermediate_size": 48, "eos_token_id": 1}
CONFIG |= {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.4}
TOKENS = [0, 40, 7, 99, 3, 56, 56, 12, 80, 5]


@pytest.fixture(scope="module")
def model():
    config = json.dumps(CONFIG | {"tie_word_embeddings": True})
    return LanguageModel(letters(), build_network(config, 4)).eval()


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    (folder / "onnx").mkdir()
    write_graph(model, folder / "onnx" / "model.onnx")
    write_weights(model, folder)
    write_descriptions(model, folder)
    return folder


@pytest.fixture(scope="module")
def writer(folder):
    return OnnxWriter(folder / "onnx" / "model.onnx", threads=1)


def _logits(model, tokens):
    given = torch.tensor([tokens])
    with torch.no_grad():
        return model(given)[0].numpy()


@pytest.mark.parametrize("length", [1, 2, len(TOKENS)])
def test_the_graph_gives_the_model_s_logits_for_texts_of_any_length(model, writer, length):
    assert_close(writer.logits(TOKENS[:length]), _logits(model, TOKENS[:length]))


@pytest.mark.parametrize("first", [1, 4])
def test_reading_through_the_cache_changes_nothing(model, writer, first):
    assert_close(writer.logits_by_and_by(TOKENS, first), _logits(model, TOKENS))


def test_greedy_text_is_the_model_s_own(model, writer):
    stop = frozenset({1})
    sampling = Sampling(temperature=0, most=40)
    (own,) = write(model.network, [TOKENS], sampling, stop=stop, generator=torch.Generator())
    assert writer.greedy(TOKENS, 40, stop) == own


def test_the_graph_says_its_axes_and_nothing_of_the_machine_that_made_it(folder):
    content = (folder / "onnx" / "model.onnx").read_bytes()
    assert b"/site-packages/" not in content
    assert b"stack_trace" not in content
    graph = onnx.load(folder / "onnx" / "model.onnx").graph
    axes = {
        given.name: [axis.dim_param or axis.dim_value for axis in given.type.tensor_type.shape.dim]
        for given in graph.input
    }
    assert axes["attention_mask"] == ["batch_size", "total_sequence_length"]
    assert axes["past_key_values.1.value"] == ["batch_size", 2, "past_sequence_length", 8]
    onnx.checker.check_model(folder / "onnx" / "model.onnx", full_check=True)


def test_transformers_alone_loads_the_folder_and_says_the_same(folder, model):
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        assert_close(loaded(torch.tensor([TOKENS])).logits[0], _logits(model, TOKENS))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    messages = [{"role": "user", "content": "say"}]
    asked = tokenizer.apply_chat_template(messages, add_generation_prompt=True)["input_ids"]
    assert tuple(asked) == Chat(model.blueprint).prompt(messages)


def test_shared_weights_are_stored_once(folder):
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", framework="pt") as file:
        names = set(file.keys())
    assert "model.embed_tokens.weight" in names
    assert "lm_head.weight" not in names


def test_settings_are_such_as_every_program_reads(folder):
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert settings["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert settings["chat_template"] == (folder / "chat_template.jinja").read_text()
    genai = json.loads((folder / "genai_config.json").read_text())
    assert genai["model"]["decoder"]["filename"] == "onnx/model.onnx"
    assert genai["model"]["eos_token_id"] == 1
    assert genai["search"]["past_present_share_buffer"] is False


TEXTS = [Encoded(tuple(TOKENS), ()), Encoded((5, 60, 61), ()), Encoded((7,), ())]
ASKED = [tuple(TOKENS), (44, 45)]


def test_parity_of_the_float_graph_is_within_rounding_and_greedy_text_is_the_same(model, folder):
    parity = Original(model, Chat(model.blueprint), TEXTS, ASKED).compared(folder / "onnx" / "model.onnx")
    most = rounding(float(abs(_logits(model, TOKENS)).max()))
    assert parity.largest < most
    assert parity.cached < most
    assert parity.agreement == 1
    assert parity.same_greedy == parity.greedy
    assert all(sample.model == sample.file for sample in parity.samples)
    assert parity.tokens == 14


@pytest.mark.parametrize(("bits", "most_kl"), [(8, 0.05), (4, 1.0)])
def test_a_smaller_variant_is_smaller_and_says_how_far_it_is_off(model, folder, bits, most_kl):
    path = write_variant(folder / "onnx" / "model.onnx", bits)
    parity = Original(model, Chat(model.blueprint), TEXTS, ASKED).compared(path)
    assert path.stat().st_size < (folder / "onnx" / "model.onnx").stat().st_size
    assert 0 < parity.kl < most_kl
    assert path.stat().st_mode & 0o444 == 0o444


def test_a_graph_of_another_model_is_seen_at_once(folder):
    other = LanguageModel(letters(), build_network(json.dumps(CONFIG), 5)).eval()
    parity = Original(other, Chat(other.blueprint), TEXTS, ASKED).compared(folder / "onnx" / "model.onnx")
    assert parity.kl > 0.1
    assert parity.agreement < 0.5


def test_what_cannot_be_made_smaller_is_told_and_leaves_nothing(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"no graph")
    with pytest.raises(WorkbenchError, match="8-bit variant"):
        write_variant(path, 8)
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]


def test_making_a_variant_leaves_the_process_s_logging_alone(folder):
    program = (
        "import logging, sys; from pathlib import Path\n"
        "from workbench.engine.language.onnx_variants import write_variant\n"
        "write_variant(Path(sys.argv[1]), 8)\n"
        "print(logging.getLogger().handlers, logging.getLogger().level)"
    )
    command = [sys.executable, "-c", program, str(folder / "onnx" / "model.onnx")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (f"[] {logging.WARNING}", "")
