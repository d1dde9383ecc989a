"""Which processor a run uses, and what it is good at."""

import platform

import psutil
import torch

from workbench.errors import WorkbenchError

_GIB = 2**30


def pick_device(word: str = "auto") -> torch.device:
    """The device for "auto", "cpu", "cuda", "cuda:1" or "mps".

    Raises:
        WorkbenchError: The device is not there.
    """
    if word == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    try:
        device = torch.device(word)
    except RuntimeError:
        raise WorkbenchError(f"There is no kind of device called “{word}”.", "Use cpu, cuda or mps.") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise WorkbenchError(
            f"“{word}” was asked for, but this PyTorch sees {torch.cuda.device_count()} CUDA devices.",
            "Use --device cpu, or install the CUDA build of PyTorch and the driver.",
        )
    if device.type == "mps" and not _has_mps():
        raise WorkbenchError("“mps” was asked for, but it needs a Mac with Apple silicon.", "Use --device cpu.")
    if device.type not in ("cpu", "cuda", "mps"):
        raise WorkbenchError(f"“{word}” is not a device this program trains on.", "Use cpu, cuda or mps.")
    return device


def describe_device(device: torch.device) -> str:
    """A device in words, with the number of threads where it is the processor."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({device})"
    if device.type == "mps":
        return "Apple GPU (mps)"
    threads = torch.get_num_threads()
    return f"CPU, {platform.machine()}, {threads} thread{'s' if threads != 1 else ''}"


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 matrix products are faster than float32 ones here, rather than emulated."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def free_bytes(device: torch.device) -> int:
    """Memory that is free for a run right now, in bytes."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def refuse_beyond_memory(needed: int, name: str, fix: str = "Use a smaller one, or close other programs.") -> None:
    """Refuse what does not fit into main memory, before any of it is read.

    Args:
        needed: Bytes.
        name: What needs them, for the message.
        fix: What to do instead.

    Raises:
        WorkbenchError: Less is free.
    """
    free = free_bytes(torch.device("cpu"))
    if needed > free:
        raise WorkbenchError(
            f"{name} takes {needed / _GIB:,.1f} GiB of memory, and {free / _GIB:,.1f} GiB are free.", fix
        )


def _has_mps() -> bool:
    return bool(torch.backends.mps.is_available())
