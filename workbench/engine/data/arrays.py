"""Arrays in one .npz or .safetensors file; the kind of file is told by its content."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.engine.data.wishes import Wishes
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe.data import Arrays

_LARGE = 2**28
_MOST_SQUEEZED = 100
# What zipfile and numpy say of archives that are broken, encrypted or squeezed in ways of their own.
_NPZ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    MemoryError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    RecursionError,
)


def arrays(section: Arrays, folder: Path, _: Wishes | None = None) -> Dataset:
    """Inputs and labels as a recipe names them.

    Raises:
        WorkbenchError: A file or array is missing or broken.
    """
    training = array_examples(folder / section.file, section)
    validation = None
    if section.validation_file:
        validation = array_examples(folder / section.validation_file, section)
    return as_dataset(training, validation, section.validation_fraction, section.seed)


def read_arrays(path: Path) -> dict[str, Tensor]:
    """Every numeric array of an .npz or .safetensors file; nothing in it is run.

    Raises:
        WorkbenchError: It cannot be read or is neither format.
    """
    refuse_unless_plain(path)
    try:
        with path.open("rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
        return _from_npz(path) if zipped else _from_safetensors(path)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except SafetensorError as error:
        raise WorkbenchError(f"{path} is neither an .npz nor a .safetensors file: {error}.") from None
    except _NPZ_ERRORS as error:
        raise WorkbenchError(f"{path} cannot be read as .npz: {error}.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None


def _from_npz(path: Path) -> dict[str, Tensor]:
    # allow_pickle stays off: an array of objects could run code when it is read.
    _refuse_bomb(path)
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: torch.from_numpy(np.ascontiguousarray(_native(file[name]))) for name in file.files}


def _refuse_bomb(path: Path) -> None:
    """Refuse an archive that would unpack to far more than it is, before any of it is unpacked."""
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            # Only newer releases of Python refuse this themselves, as members that overlap.
            if member.compress_size > size:
                raise WorkbenchError(
                    f"{path} is broken: its member {member.filename} claims a size of {member.compress_size:,} bytes, "
                    f"and the whole file has {size:,}."
                )
            if member.file_size > max(_LARGE, _MOST_SQUEEZED * member.compress_size):
                raise WorkbenchError(
                    f"{path}: {member.filename} would unpack from {member.compress_size / 2**20:,.1f} MiB "
                    f"to a size of {member.file_size / 2**20:,.0f} MiB.",
                    "If that is meant, save the arrays without compression, by numpy.savez.",
                )


def _from_safetensors(path: Path) -> dict[str, Tensor]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dictionary)


def _native(array: np.ndarray) -> np.ndarray:
    """The array in this machine's byte order and in a type that torch knows."""
    if array.dtype.kind not in "biuf":
        raise ValueError(f"an array of type {array.dtype} holds no numbers")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    return array.astype(np.int64) if array.dtype.kind == "u" and array.dtype != np.uint8 else array


def array_examples(path: Path, section: Arrays) -> Examples:
    """The inputs and labels in one file, by the names in the section. Raises WorkbenchError."""
    found = read_arrays(path)
    if section.inputs not in found:
        raise WorkbenchError(
            f"{path} has no array “{section.inputs}”; it holds: {', '.join(sorted(found)) or 'nothing'}.",
            "Name the right one in the recipe: data.inputs.",
        )
    labels_N = found.get(section.labels)
    if labels_N is not None and labels_N.dtype.is_floating_point:
        if not torch.equal(labels_N, labels_N.round()):
            raise WorkbenchError(f"{path}: the labels in “{section.labels}” are not whole numbers.")
        labels_N = labels_N.to(torch.int64)
    return as_examples(found[section.inputs], labels_N, section.classes, str(path))
