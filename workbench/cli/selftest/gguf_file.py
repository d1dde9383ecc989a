"""A tiny model as llama.cpp keeps it, written here, read as any other, and asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.selftest.part import Facts, demand

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from numpy.typing import NDArray

NAME = "gguf"

_LAYERS, _WIDTH, _INNER, _HEADS, _CONTEXT = 2, 32, 64, 4, 32
_TOKENS = ("<s>", "</s>", *(chr(code) for code in range(33, 127)), "GG")
_TEXT = "GGUF"


def check(folder: Path) -> Facts:
    """Write, read, ask. Raises WorkbenchError where it answers nothing that makes sense."""
    import torch

    from workbench.engine.language.chat import Chat
    from workbench.engine.language.loading import inspect_language_model, read_language_model

    path = folder / "tiny.gguf"
    embeddings_VH = _write(path)
    card = inspect_language_model(path)
    model = read_language_model(path)
    tokens = Chat(model.blueprint).bare(_TEXT)
    demand(len(tokens) == 3, f"“{_TEXT}” became {len(tokens)} tokens, and a pair and two letters were expected.")
    with torch.no_grad():
        logits_BTV = model(torch.tensor([tokens]))
    demand(bool(torch.isfinite(logits_BTV).all()), f"The model in {path.name} answers NaN or infinity.")
    read_VH = model.state_dict()["network.model.embed_tokens.weight"]
    away = float((read_VH - torch.from_numpy(embeddings_VH)).abs().max())
    # 8 bits a weight, and the largest is about 4.
    demand(away < 0.03, f"Weights came back from {path.name} up to {away:.3f} away from what was written.")
    return {
        "format": card.format,
        "bytes": path.stat().st_size,
        "parameters": card.parameters,
        "tokens": len(tokens),
        "logits": list(logits_BTV.shape),
        "furthest_weight": away,
    }


def _write(path: Path) -> "NDArray[Any]":
    """A Llama with drawn weights of 8 bits and a tokenizer of letters and one pair; returns its embeddings."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter, quantize

    writer = GGUFWriter(path, "llama")
    _describe(writer)
    draw = np.random.default_rng(0)
    embeddings_VH = draw.standard_normal((len(_TOKENS), _WIDTH), dtype=np.float32)
    for name, shape in _shapes().items():
        weights = embeddings_VH if name.startswith("token_embd") else draw.standard_normal(shape, dtype=np.float32)
        if len(shape) == 1:
            writer.add_tensor(name, np.ones(shape, np.float32))
        else:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return embeddings_VH


def _describe(writer: "GGUFWriter") -> None:
    from gguf import TokenType

    writer.add_name("tiny")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(list(_TOKENS))
    writer.add_token_types([TokenType.CONTROL] * 2 + [TokenType.NORMAL] * (len(_TOKENS) - 2))
    writer.add_token_merges(["G G"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def _shapes() -> dict[str, tuple[int, ...]]:
    square, up, down, row = (_WIDTH, _WIDTH), (_INNER, _WIDTH), (_WIDTH, _INNER), (_WIDTH,)
    layer: dict[str, tuple[int, ...]] = {
        "attn_q": square,
        "attn_k": square,
        "attn_v": square,
        "attn_output": square,
        "ffn_gate": up,
    }
    layer |= {"ffn_up": up, "ffn_down": down, "attn_norm": row, "ffn_norm": row}
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (len(_TOKENS), _WIDTH), "output_norm.weight": row}
    for place in range(_LAYERS):
        shapes |= {f"blk.{place}.{name}.weight": shape for name, shape in layer.items()}
    return shapes
