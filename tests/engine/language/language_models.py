"""Tiny language models on disk, as others write them: Hugging Face folders and GGUF files; made without a network."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

from workbench.engine.language.folder import write_weights
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.recipe import Recipe

TEMPLATE = "{% for m in messages %}<s>{{ m['content'] }}</s>{% endfor %}{% if add_generation_prompt %}<s>{% endif %}"
LETTERS = ("<s>", "</s>", "<unk>", *(chr(code) for code in range(32, 127)), "\n")
WIDE = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 4, "max_position_embeddings": 64}
SIZES: dict[str, Any] = WIDE | {"num_attention_heads": 4, "num_key_value_heads": 2, "tie_word_embeddings": True}


def letters(*extra: str) -> str:
    """A tokenizer with one token a letter, and more tokens behind them."""
    names = (*LETTERS, *extra)
    tokenizer = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token="<unk>"))  # noqa: S106
    tokenizer.add_special_tokens(["<s>", "</s>", "<unk>"])
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    text: str = tokenizer.to_str()
    return text


def tiny_language_model(
    family: str = "llama", *, seed: int = 0, tokenizer: str = "", template: str = TEMPLATE, **changes: Any
) -> LanguageModel:
    """Four layers of 16, one token a letter."""
    sizes = SIZES | {"vocab_size": len(LETTERS), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    config = {"model_type": family} | sizes | changes
    network = build_network(json.dumps(config), seed=seed)
    settings = {"eos_token": "</s>"} | ({"chat_template": template} if template else {})
    blueprint = LanguageBlueprint(
        config=json.dumps(config), tokenizer=tokenizer or letters(), tokenizer_config=json.dumps(settings)
    )
    return LanguageModel(blueprint, network).eval()


def language_folder(folder: Path, family: str = "llama", **changes: Any) -> Path:
    """The same as a folder."""
    write_weights(tiny_language_model(family, **changes), folder)
    return folder


def answers(model: LanguageModel) -> torch.Tensor:
    """Logits of two short texts."""
    tokens_BT = torch.arange(3, 19).reshape(2, 8)
    with torch.no_grad():
        logits: torch.Tensor = model(tokens_BT)
    return logits


def language_recipe(student: dict[str, Any], *, teacher: str = "teacher", **stage: Any) -> Recipe:
    """One stage over conversations; the teacher lies in a folder of that name."""
    return Recipe.model_validate(
        {
            "teachers": [{"checkpoint": teacher}] if teacher else [],
            "student": student,
            "data": {"kind": "conversations", "file": "data.jsonl", "max_length": 48},
            "stages": [stage or {"objective": {"kind": "reverse_kl"}}],
        }
    )


def gguf_file(path: Path, model: LanguageModel) -> Path:
    """A Llama in a GGUF file of plain float32, with a byte-level tokenizer of one merge."""
    from gguf import GGUFWriter, TokenType

    config = json.loads(model.blueprint.config)
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    tokens = ["<s>", "</s>", *(chr(code) for code in range(33, 127)), "Ġ", "ab"]
    tokens += ["Ċ"] * (len(tokens) == config["vocab_size"] - 1)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] * 2 + [TokenType.NORMAL] * (len(tokens) - 2))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in _gguf_tensors(model, config).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def _gguf_tensors(model: LanguageModel, config: dict[str, Any]) -> dict[str, np.ndarray]:
    found = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    for layer in range(config["num_hidden_layers"]):
        for name, short in _GGUF_NAMES.items():
            found[f"blk.{layer}.{short}.weight"] = f"model.layers.{layer}.{name}.weight"
    states = model.network.state_dict()
    tensors = {short: states[name].numpy() for short, name in found.items()}
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    return {name: _turned(value, heads.get(name.split(".")[-2])) for name, value in tensors.items()}


def _turned(weights: np.ndarray, heads: int | None) -> np.ndarray:
    """Queries and keys as llama.cpp turns them: the halves of each head interleaved."""
    if heads is None:
        return weights
    rows = weights.shape[0]
    halves = weights.reshape(heads, 2, rows // heads // 2, weights.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weights.shape))
