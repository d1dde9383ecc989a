"""A student of the transformers library as a plain folder that the library alone loads: config, weights, processor.

C classes.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from workbench.engine.architectures import HuggingFace
from workbench.engine.architectures.transformers_config import CONFIG_FILE
from workbench.engine.classifier import Blueprint, Classifier
from workbench.errors import WorkbenchError

HUGGING_FACE_FOLDER = "hugging_face"

_WEIGHTS = "model.safetensors"
_PROCESSOR = "preprocessor_config.json"
_TOKENIZER = "tokenizer.json"
_TOKENIZER_CONFIG = "tokenizer_config.json"


def write_hugging_face(model: Classifier, folder: Path) -> None:
    """Write config.json, model.safetensors, and preprocessor_config.json or the tokenizer's files.

    Args:
        model: A model of the transformers library, on any device; it is left as it is.
        folder: Made if needed; files of these names in it are replaced.

    Raises:
        WorkbenchError: It is no such model, or its answers need what the library's model cannot do.
    """
    if not isinstance(model.blueprint.architecture, HuggingFace):
        kind = model.blueprint.architecture.kind
        raise WorkbenchError(f"A {kind} is no model of the transformers library.", "Export it as ONNX.")
    if model.blueprint.answers != "logits":
        raise WorkbenchError(f"The model answers {model.blueprint.answers}; models of that library give logits.")
    folder.mkdir(parents=True, exist_ok=True)
    network: Any = model.network.model
    _write_json(folder / CONFIG_FILE, _config(network))
    save_file(_weights(model, network), folder / _WEIGHTS, metadata={"format": "pt"})
    # The library writes weights for everybody; save_file leaves them to their owner on some systems.
    (folder / _WEIGHTS).chmod(0o644)
    if model.blueprint.traits.reads == "tokens":
        _write_tokenizer(folder, model.blueprint)
    else:
        _write_json(folder / _PROCESSOR, _processor(model.blueprint))


def _config(network: Any) -> dict[str, Any]:
    """Classes in the order of the network's own answers: its config has them so."""
    found: dict[str, Any] = json.loads(network.config.to_json_string())
    return found | {"architectures": [type(network).__name__], "dtype": "float32"}


def _weights(model: Classifier, network: Any) -> dict[str, Tensor]:
    from transformers.core_model_loading import revert_weight_conversion

    states = {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
    if model.logit_shift is not None:
        _shift(states, model, network)
    written: dict[str, Tensor] = revert_weight_conversion(network, states)
    return {name: tensor.contiguous() for name, tensor in written.items()}


def _shift(states: dict[str, Tensor], model: Classifier, network: Any) -> None:
    """Add the constant of each class to the bias of the head, where the library's model can keep it."""
    assert model.logit_shift is not None, "the caller has looked"
    shift_C, order = model.logit_shift.detach().cpu(), model.blueprint.order
    if order:
        shift_C = torch.zeros_like(shift_C).scatter(0, torch.tensor(order), shift_C)
    prefix = f"{network.base_model_prefix}."
    heads = [
        f"{name}.bias"
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and not name.startswith(prefix) and module.out_features == len(shift_C)
    ]
    if not heads or any(name not in states for name in heads[-1:]):
        raise WorkbenchError(
            f"The head of a {type(network).__name__} has no bias to keep the shifted logits in.",
            "Export the student as ONNX.",
        )
    # Models distilled with a token of its own answer by the mean of two heads.
    averaged = type(network).__name__.endswith("WithTeacher")
    for name in heads if averaged else heads[-1:]:
        states[name] += shift_C


def _processor(blueprint: Blueprint) -> dict[str, Any]:
    _, height, width = blueprint.input_shape
    return {
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": list(blueprint.mean),
        "image_processor_type": "ViTImageProcessor",
        "image_std": list(blueprint.std),
        "resample": 2,
        "rescale_factor": 1 / 255,
        "size": {"height": height, "width": width},
    }


def _write_tokenizer(folder: Path, blueprint: Blueprint) -> None:
    from tokenizers import Tokenizer

    traits = blueprint.traits
    if not traits.tokenizer:
        return
    (folder / _TOKENIZER).write_text(traits.tokenizer, encoding="utf-8")
    settings = {
        # The class that every version of the library knows.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": blueprint.input_shape[0],
        "pad_token": Tokenizer.from_str(traits.tokenizer).id_to_token(traits.pad),
    }
    _write_json(folder / _TOKENIZER_CONFIG, {key: value for key, value in settings.items() if value is not None})


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
