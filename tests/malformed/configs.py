"""Configs, processors and tokenizers of Hugging Face folders that ask for code, for absurd sizes, or for nonsense."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import REFUSED, WARNED, Case
from malformed.pickles import marker

FAMILY = "configs of Hugging Face folders"
_CODE = "code|trust|auto_map|model_type|not know|unknown"
_SIZE = "no model has|size|large|memory|GiB|fit|parameters|at most|mismatch|sizes|shape"
_NONSENSE = "config|model_type|json|not a|unknown|broken|label|class|task"


def cases() -> Iterator[Case]:
    """In a folder with weights, and as what a new student is made from."""
    for name, changes in _ASKING.items():
        yield Case(name, _asking(changes), "checkpoint", REFUSED, _CODE, names="model")
    for name, changes in _ABSURD.items():
        yield Case(name, _changed(changes), "checkpoint", REFUSED, _SIZE, names="model")
        said = {"kind": "hugging_face_config", "config": "model"}
        if "image_size" not in changes:
            # A student takes its size from the data.
            yield Case(f"{name}, for a student", _changed(changes), "student", REFUSED, _SIZE, said, "student|model")
    for name, content in _NOT_CONFIGS.items():
        yield Case(name, _config(content), "checkpoint", REFUSED, _NONSENSE, names="model")
    for name, changes in _CONTRADICTING.items():
        yield Case(name, _changed(changes), "checkpoint", REFUSED, ".", names="model")
    for name, content in _PROCESSORS.items():
        yield Case(
            f"a processor with {name}",
            _beside("preprocessor_config__json", content),
            "checkpoint",
            REFUSED,
            ".",
            names="model",
        )
    for name, changes in _NO_MATTER.items():
        yield Case(name, _changed(changes), "checkpoint", WARNED, "normalis")
        yield Case(f"{name}, with code beside it", _asking(changes), "checkpoint", WARNED, "normalis")
    yield Case("no config", _without("config.json"), "checkpoint", REFUSED, ".", names="model")
    yield Case("no weights", _without("model.safetensors"), "checkpoint", REFUSED, "weights|safetensors", names="model")


_EVIL = """
import pathlib
pathlib.Path({path!r}).touch()
from transformers import PretrainedConfig, PreTrainedModel
class EvilConfig(PretrainedConfig):
    model_type = "evil"
class EvilModel(PreTrainedModel):
    config_class = EvilConfig
class EvilProcessor:
    pass
"""
_MAP = {
    "AutoConfig": "evil.EvilConfig",
    "AutoModel": "evil.EvilModel",
    "AutoModelForImageClassification": "evil.EvilModel",
    "AutoImageProcessor": "evil.EvilProcessor",
}
_ASKING: dict[str, dict[str, Any]] = {
    "code for a type of its own": {"auto_map": _MAP, "model_type": "evil"},
    "code in another repository": {
        "auto_map": {name: f"somebody/evil--{place}" for name, place in _MAP.items()},
        "model_type": "evil",
    },
    "code without a type": {"auto_map": _MAP, "model_type": ""},
    "code above the folder": {"auto_map": {name: f"../{place}" for name, place in _MAP.items()}, "model_type": "evil"},
}
_NO_MATTER: dict[str, dict[str, Any]] = {
    "architectures that are a number": {"architectures": 5},
    "code for a type that is known": {"auto_map": _MAP},
    "settings that nobody knows": {"torch_dtype": "os.system", "trust_remote_code": True, "_name_or_path": "a/b"},
}
_ABSURD: dict[str, dict[str, Any]] = {
    "hidden_size of 10^9": {"hidden_size": 10**9},
    "hidden_size of 10^30": {"hidden_size": 10**30},
    "10^7 layers": {"num_hidden_layers": 10**7},
    "a picture of 10^9 pixels a side": {"image_size": 10**9},
    "2^31 channels": {"num_channels": 2**31},
    "10^12 channels": {"num_channels": 10**12},
    "an intermediate_size of 10^12": {"intermediate_size": 10**12},
    "a vocabulary of 10^12": {
        "model_type": "bert",
        "architectures": ["BertForSequenceClassification"],
        "vocab_size": 10**12,
    },
}
_NOT_CONFIGS: dict[str, bytes] = {
    "a config that is a list": b"[1, 2, 3]",
    "a config that is a number": b"7",
    "a config that is empty": b"",
    "a config that is an empty object": b"{}",
    "a config that is deep": b'{"model_type":' + b"[" * 100_000,
    "an unknown model_type": json.dumps(good.config() | {"model_type": "nonesuch"}).encode(),
    "a model_type that is a list": json.dumps(good.config() | {"model_type": ["vit"]}).encode(),
    "a model_type that is a path": json.dumps(good.config() | {"model_type": "../../evil"}).encode(),
    "a task that is not ours": json.dumps({"model_type": "whisper", "architectures": ["WhisperModel"]}).encode(),
    "labels that are a list": json.dumps(good.config() | {"id2label": ["a", "b"]}).encode(),
    "labels with words for places": json.dumps(good.config() | {"id2label": {"x": "a", "y": "b"}}).encode(),
    "labels that are numbers": json.dumps(good.config() | {"id2label": {"0": 1, "1": [2]}}).encode(),
}
_CONTRADICTING: dict[str, dict[str, Any]] = {
    "a negative hidden_size": {"hidden_size": -8},
    "a hidden_size of 0": {"hidden_size": 0},
    "a hidden_size in words": {"hidden_size": "eight"},
    "heads that do not divide the width": {"num_attention_heads": 3},
    "no heads": {"num_attention_heads": 0},
    "a patch_size of 0": {"patch_size": 0},
    "another width than the weights": {"hidden_size": 16},
    "more layers than the weights": {"num_hidden_layers": 2},
    "an unknown activation": {"hidden_act": "os.system"},
}
_PROCESSORS: dict[str, str] = {
    "a list": "[1]",
    "half a JSON": '{"image_mean": [0.5',
    "a deviation of 0": json.dumps({"image_mean": [0.5] * 3, "image_std": [0.0] * 3}),
    "words for means": json.dumps({"image_mean": ["a"] * 3, "image_std": [0.5] * 3}),
    "two means for three channels": json.dumps({"image_mean": [0.5] * 2, "image_std": [0.5] * 2}),
}


def _changed(changes: dict[str, Any]) -> Callable[[Path], Path]:
    return lambda folder: good.hugging_face(folder, changes)


def _asking(changes: dict[str, Any]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        evil = _EVIL.format(path=marker(folder))
        good.write("evil.py", evil)(folder)
        return good.hugging_face(folder, changes, evil__py=evil)

    return make


def _config(content: bytes) -> Callable[[Path], Path]:
    return lambda folder: good.hugging_face(folder, config__json=content)


def _beside(name: str, content: str) -> Callable[[Path], Path]:
    return lambda folder: good.hugging_face(folder, **{name: content})


def _without(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = good.hugging_face(folder)
        (model / name).unlink()
        return model

    return make
