"""The tensors of a bare file, safetensors or by torch.save, with nothing but tensors taken from it."""

import math
import re
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from workbench.engine.checkpoints.pickled_tensors import beginning_of, read_by_torch
from workbench.engine.checkpoints.unwrapping import Weights, unwrap
from workbench.engine.devices import refuse_beyond_memory
from workbench.engine.safetensors_headers import header_of, tensors_of
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

_MOST_AXES = 16
# Tied weights lie in a file once and have several names.
_MOST_TIES = 4
_ROLES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def is_safetensors(path: Path) -> bool:
    """Whether a file begins as safetensors do: eight bytes of length, then JSON."""
    start = beginning_of(path)
    return len(start) > 9 and start[8:9] == b"{" and start[5:8] == bytes(3)


def tensors_in_safetensors(path: Path, *, values: bool) -> Weights:
    """The tensors of a safetensors file; without values, they take no memory. Raises WorkbenchError."""
    with disk_errors(path):
        header_of(path)
        if values:
            refuse_beyond_memory(path.stat().st_size, str(path))
    try:
        with safe_open(path, framework="pt") as file:
            names = sorted(file.keys(), key=in_order)
            kinds = {} if values else tensors_of(path)
            tensors = {name: file.get_tensor(name) if values else _sketch(*kinds[name]) for name in names}
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        raise WorkbenchError(
            f"{path} is broken or cut short: {str(error).strip() or type(error).__name__}.",
            "Copy or download it again.",
        ) from None
    if not tensors:
        raise WorkbenchError(f"{path} holds no tensors.", "Save a model's state_dict().")
    return Weights(tensors)


def tensors_by_torch(path: Path, *, values: bool, role: str = "") -> Weights:
    """The tensors of a file by torch.save, unwrapped.

    Args:
        path: The file.
        values: Whether the numbers are wanted; without them no memory is taken.
        role: "student" or "teacher" where the file may hold both.

    Raises:
        WorkbenchError: It wants to run code, is broken, holds no weights, or claims more than it has.
    """
    weights = unwrap(read_by_torch(path, values=False), str(path), role)
    with disk_errors(path):
        size = path.stat().st_size
    _refuse_claims(weights.tensors, size, path)
    if values:
        refuse_beyond_memory(size, str(path))
        return unwrap(read_by_torch(path, values=True), str(path), role)
    return weights


def in_order(name: str) -> tuple[list[tuple[int, int, str]], int, str]:
    """A key that sorts names as models have them: layer 2 before layer 10, a weight before its bias."""
    layer, _, role = name.rpartition(".")
    parts = re.split(r"(\d+)", layer)
    counted = [(0, int(part), "") if part.isdecimal() and len(part) < 10 else (1, 0, part) for part in parts]
    return counted, _ROLES.index(role) if role in _ROLES else len(_ROLES), role


def _sketch(kind: str, shape: tuple[int, ...]) -> Tensor:
    if len(shape) > _MOST_AXES:
        raise ValueError(f"a tensor has {len(shape):,} axes")
    if kind not in _TYPES:
        raise ValueError(f"a tensor holds numbers of the type {kind}")
    return torch.empty(shape, dtype=_TYPES[kind], device="meta")


def _refuse_claims(tensors: dict[str, Tensor], size: int, path: Path) -> None:
    odd = [name for name, one in tensors.items() if one.layout != torch.strided or one.is_quantized or one.is_nested]
    if odd:
        raise WorkbenchError(
            f"{path}: {len(odd)} of its tensors are sparse, quantised or nested, the first is {odd[0]}.",
            "Save ordinary, dense weights.",
        )
    claimed = sum(math.prod(tensor.shape) * tensor.element_size() for tensor in tensors.values())
    if claimed > _MOST_TIES * size:
        raise WorkbenchError(
            f"{path} is broken or cut short: its tensors claim {claimed:,} bytes, and the whole file has {size:,}.",
            "Copy or download it again.",
        )
