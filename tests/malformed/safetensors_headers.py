"""Safetensors whose header lies: about lengths, places, types and shapes; and weights that are no numbers."""

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import REFUSED, Case

FAMILY = "safetensors headers"
_BROKEN = "header|broken|invalid|reads|cut|truncat|metadata|tensor|too large|not a|fit"
_ENTRY = {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}


def cases() -> Iterator[Case]:
    """Each header comes bare, as a state dict, and beside our description of a model; then in a Hugging Face folder."""
    for name, content in _HEADERS.items():
        yield Case(f"{name}, bare", good.write("bare.safetensors", content), "checkpoint", REFUSED, _BROKEN, _MLP)
    for name, change in _OWN.items():
        yield Case(f"{name}, ours", good.write("own.safetensors", _own(change)), "checkpoint", REFUSED, _BROKEN)
    for name in ("offsets beyond the end", "huge length", "overlapping offsets", "deep JSON"):
        yield Case(f"{name}, in a folder", _in_folder(_HEADERS[name]), "checkpoint", REFUSED, _BROKEN, names="model")
        yield Case(
            f"{name}, as data",
            good.write("data.safetensors", _HEADERS[name]),
            "data",
            REFUSED,
            _BROKEN,
            {"kind": "arrays", "file": "data.safetensors"},
        )
    for name, value in (("NaN", float("nan")), ("infinity", float("inf"))):
        for door, make in (
            ("ours", _own_with(value)),
            ("bare", _bare_with(value)),
            ("in a folder", _folder_with(value)),
        ):
            said = _MLP if door == "bare" else {}
            yield Case(
                f"{name} in the weights, {door}", make, "checkpoint", REFUSED, "NaN or infinity|finite", said, ""
            )


_MLP: dict[str, Any] = {"architecture": good.MLP}


def raw_file(header: Any, body: bytes = bytes(12), length: int | None = None) -> bytes:
    """A file with any header, and any length said of it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


_HEADERS: dict[str, bytes] = {
    "huge length": raw_file({"a": _ENTRY}, length=2**62),
    "length beyond 64 signed bits": raw_file({"a": _ENTRY}, length=2**64 - 1),
    "length of a GiB": raw_file({"a": _ENTRY}, length=2**30),
    "length 0": raw_file(b"", b"", 0),
    "length beyond the file": raw_file({"a": _ENTRY}, length=4096),
    "eight bytes only": struct.pack("<Q", 64),
    "overlapping offsets": raw_file({"a": _ENTRY, "b": _ENTRY}),
    "a gap between tensors": raw_file({"a": _ENTRY, "b": _ENTRY | {"data_offsets": [16, 28]}}, bytes(28)),
    "offsets beyond the end": raw_file({"a": _ENTRY | {"data_offsets": [0, 12]}}, bytes(4)),
    "offsets backwards": raw_file({"a": _ENTRY | {"data_offsets": [12, 0]}}),
    "negative offsets": raw_file({"a": _ENTRY | {"data_offsets": [-12, 0]}}),
    "offsets of 10^18": raw_file({"a": _ENTRY | {"data_offsets": [0, 10**18], "shape": [25 * 10**16]}}),
    "offsets that are texts": raw_file({"a": _ENTRY | {"data_offsets": ["0", "12"]}}),
    "three offsets": raw_file({"a": _ENTRY | {"data_offsets": [0, 6, 12]}}),
    "no offsets": raw_file({"a": {"dtype": "F32", "shape": [3]}}),
    "unknown dtype": raw_file({"a": _ENTRY | {"dtype": "F31"}}),
    "no dtype": raw_file({"a": {"shape": [3], "data_offsets": [0, 12]}}),
    "dtype that is a number": raw_file({"a": _ENTRY | {"dtype": 32}}),
    "shape that does not match its bytes": raw_file({"a": _ENTRY | {"shape": [4]}}),
    "shape of 10^18": raw_file({"a": _ENTRY | {"shape": [10**18]}}),
    "shape beyond 64 bits": raw_file({"a": _ENTRY | {"shape": [2**40, 2**40]}}),
    "negative shape": raw_file({"a": _ENTRY | {"shape": [-3]}}),
    "shape with fractions": raw_file({"a": _ENTRY | {"shape": [1.5, 2]}}),
    "shape of 100,000 axes": raw_file({"a": _ENTRY | {"shape": [1] * 100_000 + [3]}}),
    "bad JSON": raw_file(b'{"a": {"dtype": "F32", '),
    "JSON that is a list": raw_file([1, 2, 3]),
    "JSON that is a number": raw_file(b"12345678"),
    "deep JSON": raw_file(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "not UTF-8": raw_file(b'{"\xff\xfe": {}}'),
    "duplicate keys": raw_file(
        b'{"a": ' + json.dumps(_ENTRY).encode() + b', "a": ' + json.dumps(_ENTRY).encode() + b"}"
    ),
    "metadata that is a number": raw_file({"__metadata__": 5, "a": _ENTRY}),
    "metadata of numbers": raw_file({"__metadata__": {"format": 5}, "a": _ENTRY}),
    "metadata of lists": raw_file({"__metadata__": {"format": ["pt"]}, "a": _ENTRY}),
    "no tensors at all": raw_file({}, b""),
    "an empty name": raw_file({"": _ENTRY}),
    "10,000 tensors of nothing": raw_file(
        {str(n): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(10_000)}, b""
    ),
}


def _blueprint() -> dict[str, Any]:
    raw = good.own_checkpoint()
    length = struct.unpack("<Q", raw[:8])[0]
    said: dict[str, Any] = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"][good.KEY])
    # Each case is about what the file says, not about its digest.
    said.pop("sha256")
    return said


def _own(change: Callable[[dict[str, Any]], Any]) -> Callable[[], bytes]:
    """Our own checkpoint with a changed description of the model."""

    def content() -> bytes:
        raw = good.own_checkpoint()
        length = struct.unpack("<Q", raw[:8])[0]
        header = json.loads(raw[8 : 8 + length])
        said = change(_blueprint())
        header["__metadata__"][good.KEY] = said if isinstance(said, str) else json.dumps(said)
        return raw_file(header, raw[8 + length :])

    return content


_OWN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a description that is no JSON": lambda _: "{",
    "a description that is deep": lambda _: "[" * 100_000,
    "a description of another kind": lambda said: said | {"architecture": {"kind": "transformer"}},
    "a width of 10^9": lambda said: said | {"architecture": {"kind": "mlp", "hidden": [10**9]}},
    "64 layers of 65,536": lambda said: said | {"architecture": {"kind": "mlp", "hidden": [65536] * 64}},
    "an input of 10^18": lambda said: said | {"input_shape": [4, 10**9, 10**9]},
    "an input beyond 64 bits": lambda said: said | {"input_shape": [4, 10**30]},
    "200,000 classes": lambda said: said | {"classes": [str(n) for n in range(200_000)]},
    "one class": lambda said: said | {"classes": ["a"]},
    "a deviation of 0": lambda said: said | {"std": [0.0] * 4},
    "NaN for a mean": lambda said: json.dumps(said | {"mean": [float("nan")] * 4}),
    "a mean too few": lambda said: said | {"mean": [0.5] * 3},
    "an order that names a class twice": lambda said: said | {"order": [0, 0, 1]},
    "an order of negative numbers": lambda said: said | {"order": [0, -1, 1]},
    "an unknown key": lambda said: said | {"run": "me"},
    "a Python class": lambda said: (
        said | {"architecture": {"kind": "python_class", "file": "absent.py", "name": "Net"}}
    ),
    "an installed function": lambda said: (
        said | {"architecture": {"kind": "python_class", "module": "os", "name": "system", "arguments": ['x = "id"']}}
    ),
    "a config that asks for code": lambda said: (
        said
        | {
            "architecture": {
                "kind": "hugging_face",
                "task": "image-classification",
                "config": json.dumps(
                    good.config() | {"auto_map": {"AutoConfig": "evil--x.Config"}, "model_type": "evil"}
                ),
            }
        }
    ),
    "a config of 10^9": lambda said: (
        said
        | {
            "architecture": {
                "kind": "hugging_face",
                "task": "image-classification",
                "config": json.dumps(good.config() | {"hidden_size": 10**9}),
            },
            "input_shape": [3, 8, 8],
            "mean": [0.5] * 3,
            "std": [0.5] * 3,
        }
    ),
    "a frozen program": lambda said: (
        said | {"architecture": {"kind": "frozen_program", "format": "ONNX", "digest": "sha256:" + "0" * 64}}
    ),
}


def _in_folder(weights: bytes) -> Callable[[Path], Path]:
    return lambda folder: good.hugging_face(folder, weights=weights)


def _own_with(value: float) -> Callable[[Path], Path]:
    def content() -> bytes:
        from safetensors.torch import load, save

        tensors = load(good.own_checkpoint())
        next(iter(tensors.values())).view(-1)[0] = value
        return bytes(save(tensors, {good.KEY: json.dumps(_blueprint())}))

    return good.write("own.safetensors", content)


def _bare_with(value: float) -> Callable[[Path], Path]:
    def content() -> bytes:
        from safetensors.torch import load, save

        tensors = load(good.bare_safetensors())
        next(iter(tensors.values())).view(-1)[0] = value
        return bytes(save(tensors))

    return good.write("bare.safetensors", content)


def _folder_with(value: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from safetensors.torch import load, save

        tensors = load(good.hugging_face_weights())
        tensors["classifier.bias"][0] = value
        return good.hugging_face(folder, weights=bytes(save(tensors, {"format": "pt"})))

    return make
