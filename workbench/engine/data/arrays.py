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
from workbench.engine.devices import refuse_beyond_memory
from workbench.engine.safetensors_headers import header_of
from workbench.engine.wording import some_of
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe.data import Arrays

_LARGE = 2**28
_MOST_SQUEEZED = 100
# What is read is copied once, into what is trained on and what is held out.
_COPIES = 2
_MEMBER = ".npy"
_SMALLER = "Give fewer examples, or close other programs."
# From here on floats are too coarse to be counted with.
_LARGEST_LABEL = 2**53
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


def read_arrays(path: Path, wanted: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Numeric arrays of an .npz or .safetensors file; nothing in it is run.

    Args:
        path: The file.
        wanted: The names of those that are read, the first of which must be there; () reads all.

    Raises:
        WorkbenchError: It cannot be read, is neither format, does not fit into memory, or lacks the first.
    """
    refuse_unless_plain(path)
    try:
        with path.open("rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
        return _from_npz(path, wanted) if zipped else _from_safetensors(path, wanted)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except SafetensorError as error:
        raise WorkbenchError(f"{path} is neither an .npz nor a .safetensors file: {error}.") from None
    except _NPZ_ERRORS as error:
        raise WorkbenchError(f"{path} cannot be read as .npz: {error}.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None


def _from_npz(path: Path, wanted: tuple[str, ...]) -> dict[str, Tensor]:
    # allow_pickle stays off: an array of objects could run code when it is read.
    names = _names_in(path, wanted)
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        found = {name: _native(file[f"{name}{_MEMBER}"], name) for name in names}
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in found.items()}


def _names_in(path: Path, wanted: tuple[str, ...]) -> list[str]:
    """The wanted arrays in an archive, refused where it is another one or would unpack to far more than it is."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if any(member.filename.rpartition("/")[2] == "data.pkl" for member in members):
        raise WorkbenchError(
            f"{path} is a file by torch.save, not arrays.",
            "Save inputs and labels by numpy.savez or safetensors; a checkpoint is named as teacher or student.",
        )
    # Only newer releases of Python refuse this themselves, as members that overlap.
    for member in members:
        if member.compress_size > (size := path.stat().st_size):
            raise WorkbenchError(
                f"{path} is broken: its member {member.filename} claims a size of {member.compress_size:,} bytes, "
                f"and the whole file has {size:,}."
            )
    arrays = {one.filename.removesuffix(_MEMBER): one for one in members if one.filename.endswith(_MEMBER)}
    names = _chosen(path, tuple(arrays), wanted)
    _refuse_bomb(path, [arrays[name] for name in names])
    return names


def _chosen(path: Path, names: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    """The wanted names that are there, or all."""
    if wanted and wanted[0] not in names:
        raise WorkbenchError(
            f"{path} has no array “{wanted[0]}”; it holds: {some_of(sorted(names)) or 'none'}.",
            "Name the right one in the recipe: data.inputs.",
        )
    return [name for name in wanted or names if name in names]


def _refuse_bomb(path: Path, members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        if member.file_size > max(_LARGE, _MOST_SQUEEZED * member.compress_size):
            raise WorkbenchError(
                f"{path}: {member.filename} would unpack from {member.compress_size / 2**20:,.1f} MiB "
                f"to a size of {member.file_size / 2**20:,.0f} MiB.",
                "If that is meant, save the arrays without compression, by numpy.savez.",
            )
    refuse_beyond_memory(_COPIES * sum(member.file_size for member in members), str(path), _SMALLER)


def _from_safetensors(path: Path, wanted: tuple[str, ...]) -> dict[str, Tensor]:
    header_of(path)
    refuse_beyond_memory(_COPIES * path.stat().st_size, str(path), _SMALLER)
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in _chosen(path, tuple(file.keys()), wanted)}


def _native(array: np.ndarray, name: str) -> np.ndarray:
    """The array in this machine's byte order and in a type that torch knows."""
    if array.dtype.kind not in "biuf":
        raise ValueError(f"the array “{name}” is of the type {array.dtype}, which holds no numbers")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    return array.astype(np.int64) if array.dtype.kind == "u" and array.dtype != np.uint8 else array


def array_examples(path: Path, section: Arrays) -> Examples:
    """The inputs and labels in one file, by the names in the section. Raises WorkbenchError."""
    found = read_arrays(path, (section.inputs, section.labels))
    labels_N = found.get(section.labels)
    if labels_N is not None and labels_N.dtype.is_floating_point:
        odd = ~torch.isfinite(labels_N) | (labels_N != labels_N.round()) | (labels_N.abs() >= _LARGEST_LABEL)
        if odd.any():
            place = tuple(odd.nonzero()[0].tolist())
            where = ", ".join(map(str, place))
            raise WorkbenchError(
                f"{path}: the labels in “{section.labels}” are not whole numbers: at place {where}, "
                f"counted from 0, there is {labels_N[place].item():g}.",
                "Give each example the number of its class, from 0.",
            )
        labels_N = labels_N.to(torch.int64)
    return as_examples(found[section.inputs], labels_N, section.classes, str(path))
