"""Files cut short, at several places of every format."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import REFUSED, WARNED, Case

FAMILY = "truncated files"
_REASON = (
    "cut short|truncat|broken|incomplete|follow|no shards|header too small|not a zip|bad|end of|reads|not .*file|"
    "cannot be|invalid|corrupt|damaged|empty|not a "
)


def _cut(raw: bytes, share: float) -> bytes:
    """The beginning of a file; a share of 1 leaves out the last byte only."""
    return raw[: min(int(len(raw) * share), len(raw) - 1)]


def cases() -> Iterator[Case]:
    """Checkpoints, data and configs."""
    yield from _whole_files()
    yield from _among_good()
    for name, make, shares in (
        ("config.json", lambda share: _in_folder("config.json", share), (0.0, 0.5, 1.0)),
        ("safetensors in a folder", lambda share: _in_folder("model.safetensors", share), (0.0, 0.5, 1.0)),
        ("index.json", _index, (0.0, 0.5, 1.0)),
    ):
        for share in shares:
            yield Case(_named(name, share), make(share), "checkpoint", REFUSED, _REASON, names="model")


def _whole_files() -> Iterator[Case]:
    for door, files, shares in (
        ("checkpoint", _CHECKPOINTS, (0.0, 0.02, 0.5, 0.9, 1.0)),
        ("data", _DATA, (0.0, 0.1, 0.5, 1.0)),
    ):
        for name, (file, raw, section) in files.items():
            for share in shares:
                yield Case(_named(name, share), _file(file, raw, share), door, REFUSED, _REASON, section)


def _among_good() -> Iterator[Case]:
    for name, (form, shares) in _PICTURES.items():
        for share in shares:
            yield Case(_named(name, share), _picture(form, share), "data", REFUSED, _REASON, _FOLDER, "broken")
            yield Case(f"{_named(name, share)}, skipped", _picture(form, share), "data", WARNED, "broken", _SKIPPED)
    for name in ("WAV", "FLAC"):
        for share in (0.0, 0.002, 0.5):
            yield Case(_named(name, share), _sound(name, share), "data", REFUSED, _REASON, _SOUNDS, "broken")


def _named(name: str, share: float) -> str:
    return f"{name} at {share:.1%}" if share < 1 else f"{name} but for the last byte"


def _file(name: str, raw: Callable[[], bytes], share: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        if name.startswith("pictures"):
            good.write("labels", good.idx_labels)(folder)
        return good.write(name, _cut(raw(), share))(folder)

    return make


def _state(*, zipped: bool) -> Callable[[], bytes]:
    return lambda: good.saved(good.state(), zipped=zipped)


_MLP: dict[str, Any] = {"architecture": good.MLP}
_CHECKPOINTS: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "our own checkpoint": ("model.safetensors", good.own_checkpoint, {}),
    "bare safetensors": ("bare.safetensors", good.bare_safetensors, _MLP),
    "zipped state dict": ("model.pt", _state(zipped=True), _MLP),
    "old state dict": ("model.pth", _state(zipped=False), _MLP),
    "ONNX": ("model.onnx", good.onnx_model, {}),
    "exported program": ("model.pt2", good.exported_program, {}),
    "script": ("script.pt", good.torchscript, {}),
}
_DATA: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "npz": ("data.npz", good.npz, {"kind": "arrays", "file": "data.npz"}),
    "IDX": ("pictures", good.idx_pictures, {"kind": "idx", "images": "pictures", "labels": "labels"}),
    "zipped IDX": (
        "pictures.gz",
        lambda: good.zipped(good.idx_pictures()),
        {"kind": "idx", "images": "pictures.gz", "labels": "labels"},
    ),
    "Parquet": ("table.parquet", good.parquet, {"kind": "table", "file": "table.parquet"}),
    "Arrow": ("table.arrow", good.arrow, {"kind": "table", "file": "table.arrow"}),
}
_FOLDER: dict[str, Any] = {"kind": "image_folder", "folder": "pictures", "size": (8, 8), "validation_fraction": 0.25}
_SKIPPED = _FOLDER | {"skip_broken": True}
_SOUNDS: dict[str, Any] = {"kind": "audio", "folder": "sounds", "validation_fraction": 0.25}
_PICTURES = {"PNG": ("PNG", (0.0, 0.1, 0.5)), "JPEG": ("JPEG", (0.0, 0.1, 0.5)), "GIF": ("GIF", (0.1,))}


def _picture(form: str, share: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(8):
            good.write(f"pictures/{'ab'[n % 2]}/{n}.png", good.picture("PNG", seed=n))(folder)
        broken = _cut(good.picture(form, (32, 32), seed=9), share)
        good.write(f"pictures/a/broken.{form.lower()}", broken)(folder)
        return folder / "pictures"

    return make


def _sound(form: str, share: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(8):
            good.write(f"sounds/{'ab'[n % 2]}/{n}.wav", good.sound(tone=n))(folder)
        good.write(f"sounds/a/broken.{form.lower()}", _cut(good.sound(form, tone=9), share))(folder)
        return folder / "sounds"

    return make


def _in_folder(file: str, share: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = good.hugging_face(folder)
        (model / file).write_bytes(_cut((model / file).read_bytes(), share))
        return model

    return make


def _index(share: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = good.hugging_face(folder)
        (model / "model.safetensors").rename(model / "model-00001-of-00001.safetensors")
        index = {"metadata": {}, "weight_map": {"vit.embeddings.cls_token": "model-00001-of-00001.safetensors"}}
        (model / "model.safetensors.index.json").write_bytes(_cut(json.dumps(index).encode(), share))
        return model

    return make
