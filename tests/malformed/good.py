"""Files that are whole, to be broken: each as bytes, made once a process."""

import csv
import gzip
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

MLP = {"kind": "mlp", "hidden": (6,)}
KEY = "distillation_workbench.blueprint"


def write(name: str, content: Callable[[], bytes] | bytes | str) -> Callable[[Path], Path]:
    """A maker of one file."""

    def make(folder: Path) -> Path:
        raw = content() if callable(content) else content
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return folder / name

    return make


@cache
def own_checkpoint() -> bytes:
    """Our own safetensors: 4 features, 3 classes."""
    from workbench.engine.checkpoints import to_bytes

    return to_bytes(_classifier())


def state() -> dict[str, Any]:
    """The weights of an mlp with 6 hidden units as a bare state dict."""
    return {name: value.contiguous() for name, value in _classifier().network.state_dict().items()}


def _classifier() -> Any:
    from workbench.engine.classifier import InputStatistics, new_classifier
    from workbench.recipe.models import Mlp

    return new_classifier(Mlp(hidden=(6,)), InputStatistics((4,), (0.5,) * 4, (2.0,) * 4), ("a", "b", "c"), 0)


def saved(what: Any, *, zipped: bool = True) -> bytes:
    """Anything by torch.save, zipped or in the old form."""
    import torch

    buffer = io.BytesIO()
    torch.save(what, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


@cache
def bare_safetensors() -> bytes:
    """A state dict without a word of what it is."""
    from safetensors.torch import save

    return bytes(save(state()))


@cache
def torchscript() -> bytes:
    """A scripted network."""
    import torch

    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(_classifier().network.eval(), torch.zeros(1, 4)), buffer)
    return buffer.getvalue()


@cache
def exported_program() -> bytes:
    """A network by torch.export."""
    import torch

    buffer = io.BytesIO()
    torch.export.save(torch.export.export(_classifier().network.eval(), (torch.zeros(2, 4),)), buffer)
    return buffer.getvalue()


@cache
def onnx_model() -> bytes:
    """One matrix product: 4 features, 3 classes."""
    import onnx

    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["input", "weight"], ["logits"])],
        "good",
        [onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", 4])],
        [onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", 3])],
        [onnx.numpy_helper.from_array(np.ones((4, 3), np.float32), "weight")],
    )
    opsets = [onnx.helper.make_opsetid("", 17)]
    raw: bytes = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    return raw


def arrays(count: int = 30) -> dict[str, np.ndarray]:
    """4 features and 3 classes, as arrays named as a recipe expects them."""
    random = np.random.default_rng(0)
    return {"inputs": random.standard_normal((count, 4)).astype(np.float32), "labels": np.arange(count) % 3}


def npz(**changes: np.ndarray) -> bytes:
    """Those arrays as .npz, some of them changed."""
    buffer = io.BytesIO()
    np.savez(buffer, **(arrays() | changes))
    return buffer.getvalue()


def npz_of(members: dict[str, bytes]) -> bytes:
    """A .npz of raw members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return buffer.getvalue()


def npy(header: str, body: bytes = b"") -> bytes:
    """A .npy member with any header."""
    raw = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw + body


def npy_of(array: np.ndarray) -> bytes:
    """An array as .npy; objects are pickled."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def idx(*shape: int, body: bytes | None = None, kind: int = 8) -> bytes:
    """An IDX file; without a body, of zeros."""
    size = int(np.prod(shape, dtype=object))
    return (
        bytes([0, 0, kind, len(shape)])
        + struct.pack(f">{len(shape)}I", *shape)
        + (bytes(size) if body is None else body)
    )


def idx_pictures() -> bytes:
    """20 pictures of 4 × 4."""
    return idx(20, 4, 4, body=np.random.default_rng(0).integers(0, 256, 320, np.uint8).tobytes())


def idx_labels() -> bytes:
    """Their labels, in 2 classes."""
    return idx(20, body=bytes([0, 1] * 10))


def zipped(raw: bytes) -> bytes:
    """Gzipped, always the same."""
    return gzip.compress(raw, mtime=0)


def picture(form: str, size: tuple[int, int] = (8, 8), mode: str = "RGB", seed: int = 0) -> bytes:
    """A picture of noise in a format of Pillow."""
    from PIL import Image

    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def sound(form: str = "WAV", samples: int = 4096, tone: int = 0) -> bytes:
    """A quarter of a second of a chirp at 16 kHz: no two frames are the same."""
    import soundfile

    place = np.arange(samples)
    wave = 0.5 * np.sin(place * (0.1 + 0.02 * tone + place * 1e-5))
    buffer = io.BytesIO()
    soundfile.write(buffer, wave.astype(np.float32), 16_000, format=form)
    return buffer.getvalue()


def rows(count: int = 40) -> list[dict[str, Any]]:
    """A table with numbers, words and a label."""
    return [{"age": 20 + n, "city": ("Rome", "Oslo")[n // 2 % 2], "label": ("no", "yes")[n % 2]} for n in range(count)]


def comma_separated(table: list[dict[str, Any]] | None = None) -> bytes:
    """As CSV."""
    table = rows() if table is None else table
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return buffer.getvalue().encode()


def parquet() -> bytes:
    """As Parquet."""
    import polars

    buffer = io.BytesIO()
    polars.DataFrame(rows()).write_parquet(buffer)
    return buffer.getvalue()


def arrow() -> bytes:
    """As an Arrow file."""
    import polars

    buffer = io.BytesIO()
    polars.DataFrame(rows()).write_ipc(buffer)
    return buffer.getvalue()


def texts() -> list[dict[str, Any]]:
    """Texts with a label."""
    return [{"text": f"this is {('bad', 'good')[n % 2]} number {n}", "label": ("no", "yes")[n % 2]} for n in range(40)]


def json_lines(table: list[dict[str, Any]] | None = None) -> bytes:
    """As JSONL."""
    return "".join(json.dumps(row) + "\n" for row in (texts() if table is None else table)).encode()


def chats() -> list[dict[str, Any]]:
    """Conversations of two messages."""
    return [
        {"messages": [{"role": "user", "content": f"Say {n}."}, {"role": "assistant", "content": f"{n}!"}]}
        for n in range(20)
    ]


def conversations() -> bytes:
    """As JSONL."""
    return json_lines(chats())


@cache
def tokenizer() -> str:
    """A tokenizer of a few words, as JSON."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["[PAD]", "[UNK]", "this", "is", "bad", "good", "number"]
    made = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token=words[1]))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return str(made.to_str())


@cache
def config() -> dict[str, Any]:
    """The config of a very small ViT."""
    return {
        "architectures": ["ViTForImageClassification"],
        "model_type": "vit",
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": 8,
        "patch_size": 4,
        "num_channels": 3,
        "id2label": {"0": "a", "1": "b", "2": "c"},
        "label2id": {"a": 0, "b": 1, "c": 2},
    }


@cache
def hugging_face_weights() -> bytes:
    """Its weights."""
    from safetensors.torch import save
    from transformers import ViTConfig, ViTForImageClassification

    model = ViTForImageClassification(ViTConfig(**{k: v for k, v in config().items() if k != "model_type"}))
    return bytes(save({name: value.contiguous() for name, value in model.state_dict().items()}, {"format": "pt"}))


def hugging_face(
    folder: Path, changes: dict[str, Any] | None = None, weights: bytes | None = None, **files: bytes | str
) -> Path:
    """A folder of that model; other files by their names, with a double underscore for the dot."""
    model = folder / "model"
    model.mkdir(parents=True, exist_ok=True)
    (model / "config.json").write_text(json.dumps(config() | (changes or {})))
    (model / "model.safetensors").write_bytes(hugging_face_weights() if weights is None else weights)
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (model / name.replace("__", ".")).write_bytes(raw)
    return model


def pickled(what: Any) -> bytes:
    """By Python's own pickle."""
    return pickle.dumps(what, protocol=2)
