"""The header of a safetensors file, bounded before any library parses it: how long it is, how many tensors it names."""

import json
import struct
from pathlib import Path

from workbench.errors import WorkbenchError

# The largest models have some ten thousand tensors, of less than 200 bytes each in a header.
MOST_TENSORS = 50_000
_MOST_BYTES = 24 * 2**20


def tensors_of(path: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Type and shape of every tensor by its name, for a file that the library has opened without complaint.

    The library gives them too, but copies its whole header for each.

    Raises:
        WorkbenchError: As `header_of`.
        ValueError: The header is no JSON.
        OSError: The file cannot be read.
    """
    entries = json.loads(header_of(path))
    return {name: (one["dtype"], tuple(one["shape"])) for name, one in entries.items() if name != "__metadata__"}


def header_of(path: Path) -> bytes:
    """The header, as JSON; empty where the file is none or ends before its header does.

    Raises:
        WorkbenchError: It is longer, or names more tensors, than that of any model.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(9)
        length = struct.unpack("<Q", start[:8])[0] if len(start) == 9 else 0
        if not 2 <= length <= path.stat().st_size - 8 or start[8:] != b"{":
            return b""
        if length > _MOST_BYTES:
            raise WorkbenchError(
                f"{path} begins with a header of {length:,} bytes; at most {_MOST_BYTES:,} are read.",
                "No model needs so many: use the original file.",
            )
        header = start[8:] + file.read(length - 1)
    if header.count(b"[") > 8 * MOST_TENSORS:
        raise WorkbenchError(
            f"{path} has a header of {header.count(b'['):,} lists, and each tensor has two.", "Use the original file."
        )
    # Each tensor is an object; other objects, such as one around all of them, are few.
    count = header.count(b"{") - 1
    if count > MOST_TENSORS:
        raise WorkbenchError(
            f"{path} describes {count:,} tensors in its header; at most {MOST_TENSORS:,} are read.",
            "No model has so many: use the original file.",
        )
    return header
