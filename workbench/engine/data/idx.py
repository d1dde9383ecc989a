"""IDX files, the format of MNIST: a magic number, the sizes of the axes, then bytes; gzipped or not.

Source: the description beside the original MNIST files (LeCun, Cortes & Burges).
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import torch
from torch import Tensor

from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.errors import WorkbenchError
from workbench.recipe.data import Idx

_MAX_BYTES = 16 * 2**30
_BYTES_TYPE = 0x08
_PIECE = 2**20


def idx(section: Idx, folder: Path) -> Dataset:
    """Pictures and labels as a recipe names them.

    Raises:
        WorkbenchError: A file is missing, is not IDX, is cut short, or the counts differ.
    """
    training = idx_examples(section.images, section.labels, section.classes, folder)
    validation = None
    if section.validation_images:
        validation = idx_examples(section.validation_images, section.validation_labels, section.classes, folder)
    return as_dataset(training, validation, section.validation_fraction, section.seed)


def read_idx(path: Path) -> Tensor:
    """One IDX file of bytes as a tensor of its own shape.

    Raises:
        WorkbenchError: It cannot be read, is not IDX of bytes, or its length is not what its header says.
    """
    raw = _content(path)
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[3] == 0:
        raise WorkbenchError(f"{path} is not an IDX file: it begins with {raw[:4].hex(' ') or 'nothing'}.")
    if raw[2] != _BYTES_TYPE:
        raise WorkbenchError(f"{path} holds IDX type 0x{raw[2]:02x}; only bytes (0x08) are read.")
    axes = raw[3]
    start = 4 + 4 * axes
    if axes > 8 or len(raw) < start:
        raise WorkbenchError(f"{path} is cut short: {axes} axes are announced in {len(raw)} bytes.")
    shape = struct.unpack(f">{axes}I", raw[4:start])
    expected = 1
    for size in shape:
        expected *= size
    if len(raw) - start != expected:
        raise WorkbenchError(
            f"{path}: its header says {' × '.join(map(str, shape))} = {expected:,} bytes, "
            f"but {len(raw) - start:,} follow.",
            "Download or copy the file again.",
        )
    if expected == 0:
        raise WorkbenchError(f"{path} is empty: its header says {' × '.join(map(str, shape))}.")
    # A copy of its own: a tensor over immutable bytes would warn and could be written through.
    return torch.frombuffer(bytearray(raw[start:]), dtype=torch.uint8).reshape(shape)


def idx_examples(images: str, labels: str, classes: tuple[str, ...], folder: Path) -> Examples:
    """Pictures with their labels, unlabelled where `labels` is empty. Raises WorkbenchError."""
    inputs_NX = read_idx(folder / images)
    if not labels:
        return as_examples(inputs_NX, None, classes, images)
    labels_N = read_idx(folder / labels)
    if labels_N.ndim != 1 or len(labels_N) != len(inputs_NX):
        raise WorkbenchError(
            f"{images} holds {len(inputs_NX)} pictures but {labels} has the shape {tuple(labels_N.shape)}.",
            "Name the labels that belong to these pictures.",
        )
    return as_examples(inputs_NX, labels_N, classes, images)


def _up_to_the_limit(file: BinaryIO) -> bytes:
    """All of a file, piece by piece: memory by what is in it, not by what could be."""
    content = bytearray()
    while len(content) <= _MAX_BYTES and (piece := file.read(_PIECE)):
        content += piece
    return bytes(content)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as file:
            raw = _up_to_the_limit(cast(BinaryIO, file))
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise WorkbenchError(f"{path} cannot be unzipped: {error}.", "Download or copy the file again.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(raw) > _MAX_BYTES:
        raise WorkbenchError(f"{path} unpacks to more than {_MAX_BYTES >> 30} GiB.")
    return raw
