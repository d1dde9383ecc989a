"""What a file may take: its own time, less first imports and other programs; and memory, before the machine suffers."""

import contextlib
import importlib
import sys
from functools import cache

if sys.platform != "win32":
    import resource

_HEAVY = (
    "torch.export", "transformers", "onnx", "onnxruntime", "polars", "PIL.Image", "soundfile", "tokenizers",
    "transformers.models.vit.modeling_vit",
)  # fmt: skip
# Beyond this the machine would suffer; what a file may take is judged by what it took.
_SAFETY_BYTES = 12 * 2**30


def limit_memory() -> None:
    """Let this process fail before the machine does; Windows knows no such limit."""
    with contextlib.suppress(NameError, ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_SAFETY_BYTES, resource.RLIM_INFINITY))


@cache
def warm_up() -> None:
    """Import now what would otherwise be counted against the first file."""
    import torch

    importlib.import_module("malformed.doors")
    torch.set_num_threads(1)
    for name in _HEAVY:
        importlib.import_module(name)


def own_time(wall: float, busy: float) -> float:
    """The time a file took by itself, in seconds.

    Args:
        wall: From its beginning to its end.
        busy: What this process worked in that time; where it worked much, and shared the machine, this is judged.
    """
    return min(wall, busy) if busy > wall / 5 else wall
