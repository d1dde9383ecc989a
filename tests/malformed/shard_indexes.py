"""Indexes of sharded weights that point where they must not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import REFUSED, WARNED, Case

FAMILY = "shard indexes"
_SHARD = "model-00001-of-00001.safetensors"
_OUTSIDE = "outside|folder|beside|plain name|not a file"


def cases() -> Iterator[Case]:
    """Places outside, places that are not there, and indexes that are no index."""
    for name, place in _OUTSIDE_PLACES.items():
        yield Case(name, _index_to(place), "checkpoint", REFUSED, _OUTSIDE, names="model")
    # The library's own cache is made of such links.
    yield Case("a link to weights elsewhere", _linked, "checkpoint", WARNED, "normalis", posix=True)
    yield Case("a link to a device", _linked_device, "checkpoint", REFUSED, ".", names="model", posix=True)
    yield Case(
        "single weights that are a link to a device", _device, "checkpoint", REFUSED, ".", names="model", posix=True
    )
    for name, place in _WRONG_PLACES.items():
        yield Case(name, _index_to(place), "checkpoint", REFUSED, ".", names="model")
    others = _index(_mapped({"no.such.tensor": _SHARD}))
    # The weights are read from the shards themselves, and are all there.
    yield Case("a map of other tensors than the shard's", others, "checkpoint", WARNED, "normalis")
    for name, content in _WRONG_INDEXES.items():
        yield Case(name, _index(content), "checkpoint", REFUSED, ".", names="model")


_OUTSIDE_PLACES = {
    "a shard above the folder": "../../elsewhere/weights.safetensors",
    "a shard with a whole name": "/etc/hostname",
    "a shard beside the folder, and back in": "../model/../../elsewhere/weights.safetensors",
    "a shard behind a drive letter": "C:\\Windows\\weights.safetensors",
    "a shard above the folder, with backslashes": "..\\..\\elsewhere\\weights.safetensors",
    "a shard at an address": "https://example.org/weights.safetensors",
}
_WRONG_PLACES = {
    "a missing shard": "model-00007-of-00009.safetensors",
    "itself": "model.safetensors.index.json",
    "the folder": ".",
    "an empty name": "",
    "a name with NUL": "model\x00.safetensors",
    "a name of 10,000 letters": "m" * 10_000 + ".safetensors",
    "the config": "config.json",
}


def _folder(folder: Path) -> Path:
    model = good.hugging_face(folder)
    (model / "model.safetensors").rename(model / _SHARD)
    good.write("weights.safetensors", good.hugging_face_weights())(folder.parent / "elsewhere")
    return model


def _index_to(place: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from safetensors.torch import load

        names = sorted(load(good.hugging_face_weights()))
        weight_map = dict.fromkeys(names, _SHARD) | {names[0]: place}
        return _index(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))(folder)

    return make


def _index(content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = _folder(folder)
        (model / "model.safetensors.index.json").write_text(content)
        return model

    return make


def _linked(folder: Path) -> Path:
    model = _folder(folder)
    (model / _SHARD).unlink()
    (model / _SHARD).symlink_to(folder.parent / "elsewhere" / "weights.safetensors")
    (model / "model.safetensors.index.json").write_text(_mapped({"vit.embeddings.cls_token": _SHARD}))
    return model


def _linked_device(folder: Path) -> Path:
    model = _linked(folder)
    (model / _SHARD).unlink()
    (model / _SHARD).symlink_to("/dev/zero")
    return model


def _device(folder: Path) -> Path:
    model = good.hugging_face(folder)
    (model / "model.safetensors").unlink()
    (model / "model.safetensors").symlink_to("/dev/zero")
    return model


def _mapped(value: Any) -> str:
    return json.dumps({"weight_map": value})


_WRONG_INDEXES = {
    "an index that is a list": "[1, 2]",
    "an index that is a number": "7",
    "an index without a map": "{}",
    "an index that is no JSON": '{"weight_map": ',
    "a map that is a list": _mapped([_SHARD]),
    "a map of numbers": _mapped({"vit.embeddings.cls_token": 1}),
    "a map of lists": _mapped({"vit.embeddings.cls_token": [_SHARD]}),
    "an empty map": _mapped({}),
    "a deep index": '{"weight_map":' + "[" * 100_000,
}
