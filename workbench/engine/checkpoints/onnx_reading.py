"""ONNX files read without trusting or running them: what they hold, need and ask for."""

import math
import os
import stat
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from workbench.bounded import LimitError, bounded
from workbench.consents import digest_of
from workbench.engine.checkpoints.onnx_expansion import may_propagate, refuse_endless_functions
from workbench.engine.onnx_session import parsed
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

if TYPE_CHECKING:
    import onnx

# The fields of a ModelProto, each with its wire type: 0 a number, 2 bytes with their length before them.
_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
_GRAPH = 7
_NEWEST_FORMAT = 100
_MOST_FIELDS = 64
_BEGINNING = 64 * 2**10

_DOMAINS = frozenset(
    ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training", "com.microsoft")
)
# They read other files, or hand over to a compiled program inside.
_NEVER = frozenset(("EPContext", "PyOp", "PythonOp"))
_MOST_BYTES = 2**31
# Two bytes can describe an operator that takes a hundred in memory: what is longer is read by a child process first.
_READ_AT_ONCE = 8 * 2**20
_SECONDS, _BYTES_A_SECOND = 5.0, 25e6
_COPY_AGAIN = "Copy or export it again."
_MOST_NODES = 500_000
_MOST_VALUES = 2**40
_MOST_BETWEEN = 2**31
_STRIPPED = 4096
_EXTERNAL = 1
# Bytes of a value, by the number that ONNX has for its type.
_SIZES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2}


def looks_like_onnx(path: Path) -> bool:
    """Whether a file begins as an ONNX model does; also one that is cut short."""
    try:
        with path.open("rb") as file:
            start = file.read(_BEGINNING)
    except OSError:
        return False
    if len(start) < 4 or start[0] != 0x08 or not 1 <= start[1] <= _NEWEST_FORMAT:
        return False
    place = 2
    for _ in range(_MOST_FIELDS):
        tag, place = _varint(start, place)
        wire = _FIELDS.get(tag >> 3)
        if wire is None or wire != tag & 7:
            return False
        value, place = _varint(start, place)
        if tag >> 3 == _GRAPH:
            return True
        place += value if wire == 2 else 0
        if place >= len(start):
            return True
    return False


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    """A number as protobuf writes it, and where the next one begins; 0 after the end."""
    value = shift = 0
    for byte in raw[place : place + 10]:
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            break
    return value, place


def read_model(path: Path) -> "onnx.ModelProto":
    """An ONNX model without the weights that lie in other files, checked to be one that this program may run.

    Raises:
        WorkbenchError: It is broken or absurd, uses operators of others, or names files outside its folder.
    """
    import onnx
    from google.protobuf.message import DecodeError

    with disk_errors(path):
        size = path.stat().st_size
    if size >= _MOST_BYTES:
        raise WorkbenchError(f"{path} has {size:,} bytes, and an ONNX file ends at {_MOST_BYTES:,}.")
    if size > _READ_AT_ONCE:
        reason = _unread_because(path, size, path.stat().st_mtime_ns)
        if reason:
            raise WorkbenchError(f"{path} ({size:,} bytes) cannot be read as ONNX: reading it {reason}.", _COPY_AGAIN)
    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, ValueError, OSError, MemoryError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise WorkbenchError(
            f"{path} ({size:,} bytes) is broken or cut short: it cannot be read as ONNX: {reason}", "Copy it again."
        ) from None
    if not model.graph.output:
        raise WorkbenchError(f"{path} is broken or cut short: its graph gives nothing.", _COPY_AGAIN)
    _refuse_operators(model, path)
    refuse_endless_functions(model, path)
    for tensor in tensors_of(model):
        _refuse_tensor(tensor, path)
    return model


@lru_cache(maxsize=64)
def _unread_because(path: Path, size: int, _changed: int) -> str:
    """Why a file cannot be read within limits; empty where it can. Asked once for each state of a file."""
    try:
        bounded(parsed, str(path), seconds=_SECONDS + size / _BYTES_A_SECOND, memory=2**29 + 3 * size)
    except LimitError as error:
        return error.reason
    return ""


def digest_of_all(model: "onnx.ModelProto", path: Path) -> str:
    """The digest of a model with the files of its weights, where there are any."""
    import hashlib

    others = external_files(model, path)
    own = digest_of(path)
    if not others:
        return own
    together = "".join([own, *(digest_of(other) for other in others)])
    return f"sha256:{hashlib.sha256(together.encode()).hexdigest()}"


def external_files(model: "onnx.ModelProto", path: Path) -> list[Path]:
    """The files beside a model that hold its weights."""
    named = {_external(tensor).get("location", "") for tensor in tensors_of(model) if _is_external(tensor)}
    return sorted(path.parent / name for name in named)


def tensors_of(model: "onnx.ModelProto") -> Iterator[Any]:
    """Every tensor of a model, wherever it is kept."""
    for graph in _graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        yield from _constants(graph.node)
    for function in model.functions:
        yield from _constants(function.node)


def _constants(nodes: Iterable[Any]) -> Iterator[Any]:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("sparse_tensor"):
                yield from (attribute.sparse_tensor.values, attribute.sparse_tensor.indices)


def _graphs(model: "onnx.ModelProto") -> Iterator[Any]:
    """The graph and all graphs inside it; protobuf itself bounds how deep they are nested."""
    waiting = [model.graph]
    waiting += [graph for function in model.functions for graph in _inner(function.node)]
    while waiting:
        graph = waiting.pop()
        yield graph
        waiting += _inner(graph.node)


def _inner(nodes: Iterable[Any]) -> list[Any]:
    found = []
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                found.append(attribute.g)
            found += attribute.graphs
    return found


def _refuse_operators(model: "onnx.ModelProto", path: Path) -> None:
    own = {(function.domain, function.name) for function in model.functions}
    nodes = [node for graph in _graphs(model) for node in graph.node]
    nodes += [node for function in model.functions for node in function.node]
    if len(nodes) > _MOST_NODES:
        raise WorkbenchError(f"{path} describes {len(nodes):,} operators; more than {_MOST_NODES:,} are not read.")
    foreign = sorted(
        {
            f"{node.domain}::{node.op_type}"
            for node in nodes
            if (node.domain, node.op_type) not in own and (node.domain not in _DOMAINS or node.op_type in _NEVER)
        }
    )
    if foreign:
        raise WorkbenchError(
            f"{path} needs operators that ONNX Runtime has only through a library of somebody else: {foreign[0]}"
            + (f" and {len(foreign) - 1} more." if len(foreign) > 1 else "."),
            "Such libraries are never loaded here. Export the model with operators of ONNX alone.",
            "\n".join(foreign),
        )


def _refuse_tensor(tensor: Any, path: Path) -> None:
    count = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0 or count > _MOST_VALUES:
        raise WorkbenchError(f"{path} is broken: its tensor {tensor.name!r} has the sizes {list(tensor.dims)[:8]}.")
    needed = _bytes_of(tensor.data_type, count)
    if _is_external(tensor):
        _refuse_external(tensor, needed, path)
    elif tensor.raw_data and needed is not None and len(tensor.raw_data) != needed:
        raise WorkbenchError(
            f"{path} is broken: its tensor {tensor.name!r} of the sizes {list(tensor.dims)} needs {needed:,} bytes, "
            f"and {len(tensor.raw_data):,} are there.",
            _COPY_AGAIN,
        )


def _refuse_external(tensor: Any, needed: int | None, path: Path) -> None:
    said = _external(tensor)
    name = said.get("location", "")
    odd = not name or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor or "\\" in name or "\0" in name
    if odd or ".." in PurePosixPath(name).parts:
        raise WorkbenchError(
            f"{path} wants its weights from {name!r}, which is outside its folder. That file was not touched.",
            "Use a model whose weights lie beside it.",
        )
    found = path.parent / name
    inside = Path(os.path.realpath(path.parent))
    try:
        real = Path(os.path.realpath(found))
        mode, size = real.stat().st_mode, real.stat().st_size
    except (OSError, ValueError):
        raise WorkbenchError(
            f"{path} keeps its weights in {name!r}, and there is no such file beside it.", "Copy both files together."
        ) from None
    if not real.is_relative_to(inside) or not stat.S_ISREG(mode):
        raise WorkbenchError(
            f"{path} wants its weights from {name!r}, which leads out of its folder to {real}. That file was not read.",
            "Use a model whose weights lie beside it.",
        )
    try:
        offset = int(said.get("offset", 0))
        length = int(said.get("length", needed or 0))
    except ValueError:
        raise WorkbenchError(f"{path} is broken: it does not say where its tensor {tensor.name!r} lies.") from None
    if min(offset, length) < 0 or offset + max(length, needed or 0) > size:
        raise WorkbenchError(
            f"{path}: its tensor {tensor.name!r} is said to be {max(length, needed or 0):,} bytes from byte {offset:,} "
            f"of {name}, which has {size:,}.",
            "The file is cut short, or belongs to another model; copy both again.",
        )


def _is_external(tensor: Any) -> bool:
    return bool(tensor.data_location == _EXTERNAL)


def _external(tensor: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _bytes_of(data_type: int, count: int) -> int | None:
    """How many bytes so many values take; None for types that are packed or are no numbers."""
    size = _SIZES.get(data_type)
    return None if size is None else size * count


def with_shapes(model: "onnx.ModelProto", path: Path) -> "onnx.ModelProto":
    """The model with the shapes between its operators, as far as they can be told; its large weights are dropped.

    Raises:
        WorkbenchError: A result between two operators would fill any memory.
    """
    import onnx

    for tensor in model.graph.initializer:
        if len(tensor.raw_data) > _STRIPPED:
            tensor.ClearField("raw_data")
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=may_propagate(model))
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError, RuntimeError, ValueError):
        # ONNX Runtime has the words for what is wrong.
        return model
    for value in (*inferred.graph.value_info, *inferred.graph.output):
        sizes = [axis.dim_value for axis in value.type.tensor_type.shape.dim if axis.HasField("dim_value")]
        if min(sizes, default=1) < 0 or math.prod(sizes) > _MOST_BETWEEN:
            raise WorkbenchError(
                f"{path} would make {value.name!r} of {' × '.join(map(str, sizes))} numbers: no memory holds that.",
                "Do not use it, unless you know where it comes from.",
            )
    return inferred
