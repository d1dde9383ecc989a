"""A language model as the one folder that others load: transformers, ONNX Runtime, transformers.js, onnxruntime-genai.

config.json  generation_config.json  tokenizer.json  tokenizer_config.json  chat_template.jinja  model.safetensors
genai_config.json  onnx/model.onnx  onnx/model_quantized.onnx  onnx/model_q4.onnx
"""

import json
from pathlib import Path
from typing import Any, cast

from safetensors.torch import save
from torch import Tensor

from workbench.engine.language.model import LanguageModel
from workbench.engine.language.onnx_graph import DATA_SUFFIX, cache_shape
from workbench.writing import write_atomically

ONNX_FOLDER, FLOAT_GRAPH = "onnx", "model.onnx"
# What only the library that wrote them understands, and others stumble over.
_PRIVATE = ("backend", "is_local", "local_files_only", "auto_map", "processor_class", "added_tokens_decoder")


def write_weights(model: LanguageModel, folder: Path, *, half: bool = False) -> None:
    """A folder that `transformers` loads by itself: weights, config and tokenizer. Raises WorkbenchError.

    Args:
        model: Its weights are copied to the CPU.
        folder: Made if needed; files of the same names are replaced.
        half: Store float16, half the size.
    """
    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in cast(Any, model.network).state_dict().items():
        # Shared weights are stored once; the config says that they are shared.
        if tensor.data_ptr() in seen and tensor.numel():
            continue
        seen.add(tensor.data_ptr())
        kept = tensor.half() if half and tensor.is_floating_point() else tensor
        tensors[name] = kept.detach().cpu().contiguous()
    write_atomically(folder / "model.safetensors", save(tensors, metadata={"format": "pt"}))
    config = _config(model)
    config["dtype"] = "float16" if half else "float32"
    _write_json(folder / "config.json", config)
    write_tokenizer(model, folder)


def write_tokenizer(model: LanguageModel, folder: Path) -> None:
    """The tokenizer and what steers the writing, as every program reads them. Raises WorkbenchError."""
    blueprint = model.blueprint
    write_atomically(folder / "tokenizer.json", blueprint.tokenizer.encode())
    settings = {name: value for name, value in json.loads(blueprint.tokenizer_config).items() if name not in _PRIVATE}
    # The only class that the library's older releases and transformers.js know as well.
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    settings["model_input_names"] = ["input_ids", "attention_mask"]
    _write_json(folder / "tokenizer_config.json", settings)
    if settings.get("chat_template"):
        # transformers.js reads it in the settings, everybody newer beside them.
        write_atomically(folder / "chat_template.jinja", settings["chat_template"].encode())
    _write_json(folder / "generation_config.json", _generation(model))


def write_descriptions(model: LanguageModel, folder: Path, graph: str = FLOAT_GRAPH) -> None:
    """What onnxruntime-genai and transformers.js must be told of the graphs and the tokenizer in `folder`.

    Raises:
        WorkbenchError: The disk refuses.
    """
    config = _config(model)
    outside = [path.name.removesuffix(DATA_SUFFIX) for path in (folder / ONNX_FOLDER).glob(f"*{DATA_SUFFIX}")]
    if outside:
        config["transformers.js_config"] = {"use_external_data_format": dict.fromkeys(sorted(outside), True)}
    _write_json(folder / "config.json", config)
    _write_json(folder / "genai_config.json", _genai(model, f"{ONNX_FOLDER}/{graph}"))
    _describe_words(folder)


def _describe_words(folder: Path) -> None:
    """A tokenizer with a token for each word, or letter, has less in its file than those two look for."""
    tokenizer, settings = (_read_json(folder / name) for name in ("tokenizer.json", "tokenizer_config.json"))
    words = tokenizer["model"]
    if words.get("type") != "WordLevel":
        return
    # Where there are none, onnxruntime-genai 0.18 reads what happens to be in memory, and mostly fails.
    words.setdefault("merges", [])
    _write_json(folder / "tokenizer.json", tokenizer)
    # transformers.js looks for it here alone, and fails at a letter that it does not know.
    settings.setdefault("unk_token", words["unk_token"])
    _write_json(folder / "tokenizer_config.json", settings)


def _config(model: LanguageModel) -> dict[str, Any]:
    config = cast(Any, model.network).config.to_dict()
    for name in ("_name_or_path", "auto_map", "quantization_config", "transformers_version"):
        config.pop(name, None)
    config["architectures"] = [type(model.network).__name__]
    return dict(config)


def _generation(model: LanguageModel) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(model.blueprint.generation) if model.blueprint.generation else {}
    config = _config(model)
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        if given.get(name) is None and config.get(name) is not None:
            given[name] = config[name]
    given.pop("transformers_version", None)
    return given


def _genai(model: LanguageModel, graph: str) -> dict[str, Any]:
    config, (layers, heads, size) = _config(model), cache_shape(model)
    generation = _generation(model)
    length = int(config.get("max_position_embeddings") or 2048)
    ends = generation.get("eos_token_id")
    pad = generation.get("pad_token_id")
    first = ends[0] if isinstance(ends, list) else ends
    return {
        "model": {
            "type": config["model_type"],
            "vocab_size": model.vocabulary,
            "context_length": length,
            "bos_token_id": generation.get("bos_token_id") or first or 0,
            "eos_token_id": ends if ends is not None else 0,
            "pad_token_id": pad if pad is not None else (first or 0),
            "decoder": {
                "filename": graph,
                "head_size": size,
                "hidden_size": config["hidden_size"],
                "num_attention_heads": config["num_attention_heads"],
                "num_hidden_layers": layers,
                "num_key_value_heads": heads,
                "session_options": {"log_id": "onnxruntime-genai", "provider_options": []},
                "inputs": {
                    "input_ids": "input_ids",
                    "attention_mask": "attention_mask",
                    "position_ids": "position_ids",
                    "past_key_names": "past_key_values.%d.key",
                    "past_value_names": "past_key_values.%d.value",
                },
                "outputs": {
                    "logits": "logits",
                    "present_key_names": "present.%d.key",
                    "present_value_names": "present.%d.value",
                },
            },
        },
        "search": {
            "do_sample": False,
            "early_stopping": True,
            "max_length": length,
            "min_length": 0,
            "num_beams": 1,
            "num_return_sequences": 1,
            # Our graph returns a cache that has grown; it cannot write into the one it was given.
            "past_present_share_buffer": False,
            "repetition_penalty": 1.0,
            "temperature": 1.0,
            "top_k": 1,
            "top_p": 1.0,
        },
    }


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _write_json(path: Path, values: dict[str, Any]) -> None:
    write_atomically(path, (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())
