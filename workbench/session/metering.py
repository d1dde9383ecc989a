"""How much memory the program uses and how much there is; light, and asked about once a second."""

import sys
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Meter:
    """In bytes; the graphics card's is None where none is used."""

    used: int
    total: int
    card_used: int | None = None
    card_total: int | None = None


def read_meter() -> Meter:
    """What it is right now."""
    used, total = psutil.Process().memory_info().rss, psutil.virtual_memory().total
    # Only a torch that has loaded already is asked: this is no reason to load it.
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not getattr(cuda, "is_initialized", bool)():
        return Meter(used, total)
    free, whole = cuda.mem_get_info()
    return Meter(used, total, whole - free, whole)
