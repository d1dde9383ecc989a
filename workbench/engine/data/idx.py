"""IDX files, the format of MNIST: a magic number, the sizes of the axes, then bytes; gzipped or not.

Source: the description beside the original MNIST files (LeCun, Cortes & Burges).
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import torch
from torch import Tensor

from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.engine.data.wishes import Wishes
from workbench.engine.devices import refuse_beyond_memory
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe.data import Idx

_LARGE = 2**28
_MOST_SQUEEZED = 100
_BYTES_TYPE = 0x08
_PIECE = 2**20


def idx(section: Idx, folder: Path, _: Wishes | None = None) -> Dataset:
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
    refuse_unless_plain(path)
    try:
        with _opened(path) as file:
            shape = _shape(file, path)
            expected = math.prod(shape)
            # What is read is copied once, into what is trained on and what is held out.
            refuse_beyond_memory(2 * expected, str(path), "Give fewer pictures, or close other programs.")
            raw = _up_to(file, expected + _PIECE)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise WorkbenchError(f"{path} cannot be unzipped: {error}.", "Download or copy the file again.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(raw) != expected:
        more = " or more" if len(raw) == expected + _PIECE else ""
        raise WorkbenchError(
            f"{path}: its header says {_in_words(shape)} = {expected:,} bytes, but {len(raw):,}{more} follow.",
            "Download or copy the file again.",
        )
    if expected == 0:
        raise WorkbenchError(f"{path} is empty: its header says {_in_words(shape)}.")
    return torch.frombuffer(raw, dtype=torch.uint8).reshape(shape)


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


def _shape(file: BinaryIO, path: Path) -> tuple[int, ...]:
    """The sizes of the axes, refused where no file like this one could hold them."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\x00\x00" or start[3] == 0:
        raise WorkbenchError(f"{path} is not an IDX file: it begins with {start.hex(' ') or 'nothing'}.")
    if start[2] != _BYTES_TYPE:
        raise WorkbenchError(f"{path} holds IDX type 0x{start[2]:02x}; only bytes (0x08) are read.")
    axes = start[3]
    sizes = file.read(4 * axes)
    if axes > 8 or len(sizes) < 4 * axes:
        raise WorkbenchError(f"{path} is cut short: {axes} axes are announced in {4 + len(sizes)} bytes.")
    shape = struct.unpack(f">{axes}I", sizes)
    size, on_disk = math.prod(shape), path.stat().st_size
    # As MNIST comes, pictures are squeezed to a fifth; gzip can make a thousandth of nothing but zeros.
    if size > max(_LARGE, _MOST_SQUEEZED * on_disk):
        raise WorkbenchError(
            f"{path}: its header says {_in_words(shape)} = {size:,} bytes, but the file has {on_disk:,}.",
            "Download or copy the file again; if it is meant, unzip it first.",
        )
    return shape


def _in_words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _up_to(file: BinaryIO, most: int) -> bytearray:
    """At most so many bytes, piece by piece: memory by what is in the file, not by what could be."""
    content = bytearray()
    while len(content) < most and (piece := file.read(min(_PIECE, most - len(content)))):
        content += piece
    return content


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if zipped else path.open("rb")
