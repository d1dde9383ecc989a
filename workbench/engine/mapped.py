"""Tensors that lie in a file: read where they are asked for, let go of soon after, never in memory as a whole.

N examples, M of them, X any input axes.
"""

import mmap
import warnings
import weakref
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

# What may stay in memory between two times of letting go. A page that is touched brings its neighbours with it.
_KEPT_BYTES = 64 * 2**20
_BROUGHT_ALONG = 64 * 2**10
_MOST_VALUES = 2**24

_maps: "weakref.WeakValueDictionary[int, mmap.mmap]" = weakref.WeakValueDictionary()


def map_bytes(file: BinaryIO, shape: tuple[int, ...]) -> Tensor:
    """The bytes of a file as a tensor that must not be written to; the file may be closed, and deleted, after.

    Args:
        file: Opened for reading.
        shape: Of the tensor; its product is the length of the file, and more than 0.
    """
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    array = np.frombuffer(mapped, np.uint8).reshape(shape)
    with warnings.catch_warnings():
        # A copy that may be written to would count as memory that is needed, however large the file is.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        tensor = torch.from_numpy(array)
    _maps[tensor.untyped_storage().data_ptr()] = mapped
    return tensor


def is_mapped(inputs_NX: Tensor) -> bool:
    """Whether a tensor, or what it is a part of, lies in a file."""
    return _map_of(inputs_NX) is not None


def on_device(inputs_NX: Tensor, device: torch.device) -> Tensor:
    """The inputs on a device; those in a file stay there, and are brought over batch by batch."""
    return inputs_NX if is_mapped(inputs_NX) else inputs_NX.to(device)


def let_go(inputs_NX: Tensor) -> None:
    """Give back the memory that pages of a mapped file take; they are read again when needed. Else does nothing."""
    mapped = _map_of(inputs_NX)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


class Rows:
    """Examples that are picked in any order, for a device."""

    def __init__(self, inputs_NX: Tensor, among_M: Tensor | None = None) -> None:
        """Pick from all of the inputs, or only from those at the places `among_M`, which are then counted from 0."""
        self._inputs_NX = inputs_NX
        self._among_M = among_M
        self._is_mapped = is_mapped(inputs_NX)
        self._brought = 0

    def pick(self, places_M: Tensor, device: torch.device) -> Tensor:
        """The examples at these places, on the device; `places_M` lies where the inputs lie."""
        if self._among_M is not None:
            places_M = self._among_M[places_M]
        picked_MX = self._inputs_NX.index_select(0, places_M)
        if self._is_mapped:
            self._brought += picked_MX.nbytes + _BROUGHT_ALONG * len(places_M)
            if self._brought > _KEPT_BYTES:
                let_go(self._inputs_NX)
                self._brought = 0
        return picked_MX.to(device)


def in_chunks(inputs_NX: Tensor, most: int) -> Iterator[Tensor]:
    """The inputs part by part, at most so many and fewer where they are large; each is let go of after its turn."""
    numbers = max(inputs_NX[0].numel(), 1) if len(inputs_NX) else 1
    for chunk in inputs_NX.split(max(min(most, _MOST_VALUES // numbers), 1)):  # type: ignore[no-untyped-call]
        yield chunk
        let_go(chunk)


def _map_of(tensor: Tensor) -> mmap.mmap | None:
    if not _maps or tensor.device.type != "cpu":
        return None
    return _maps.get(tensor.untyped_storage().data_ptr())
