"""A Hugging Face folder on disk: its config, and its weights in one file or in shards, headers first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from workbench.engine.architectures.transformers_config import CONFIG_FILE, read_settings
from workbench.engine.checkpoints.checkpoint_format import TensorRow
from workbench.engine.checkpoints.pickled_tensors import read_by_torch
from workbench.engine.devices import refuse_beyond_memory
from workbench.engine.safetensors_headers import header_of, tensors_of
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

# In the order in which the transformers library itself looks for them.
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_ELSEWHERE = ("tf_model.h5", "flax_model.msgpack", "adapter_model.safetensors", "adapter_model.bin", "model.onnx")
# In bytes, on every system in use.
_LONGEST_NAME = 255
_MOST_SHARDS = 10_000


@dataclass(frozen=True)
class HuggingFaceFolder:
    """What lies in a folder.

    Attributes:
        path: The folder.
        config: Its config.json, or the config that was named.
        settings: What the config says.
        weights: The files with the weights; empty where there are none.
    """

    path: Path
    config: Path
    settings: dict[str, Any]
    weights: tuple[Path, ...]

    def rows(self) -> tuple[TensorRow, ...]:
        """Every tensor by its header; values stay on disk. Raises WorkbenchError."""
        rows = [row for file in self.weights for row in _reader(file).rows(file)]
        names = {row.name for row in rows}
        if len(names) != len(rows):
            raise WorkbenchError(
                f"{self.path}: {len(rows) - len(names)} tensors are in more than one shard.",
                "Copy or download the folder again.",
            )
        return tuple(sorted(rows, key=lambda row: row.name))

    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by its name. Raises WorkbenchError."""
        return {name: tensor for file in self.weights for name, tensor in _reader(file).tensors(file).items()}


def config_beside(path: Path) -> Path | None:
    """The config that belongs to a folder, a config.json or a file of weights; None where there is none."""
    if path.is_dir():
        path = path / CONFIG_FILE
    elif path.name in WEIGHTS:
        path = path.with_name(CONFIG_FILE)
    if path.suffix != ".json":
        return None
    settings = read_settings(path) or {}
    named = isinstance(settings.get("model_type"), str) or "auto_map" in settings
    return path if named else None


def read_folder(path: Path) -> HuggingFaceFolder:
    """What lies at a path that `config_beside` knows.

    Raises:
        WorkbenchError: The config cannot be read, or an index of shards names files that it must not, or that are
            not there.
    """
    config = config_beside(path)
    settings = None if config is None else read_settings(config)
    if config is None or settings is None:
        raise WorkbenchError(f"{path} is no Hugging Face model: there is no {CONFIG_FILE} with a model_type.")
    return HuggingFaceFolder(config.parent, config, settings, _weights_in(config.parent))


def missing_weights(folder: Path) -> WorkbenchError:
    """What to say of a folder without weights that can be read here."""
    others = [name for name in _ELSEWHERE if (folder / name).exists()]
    found = f" It holds {', '.join(others)}, which this program does not read there." if others else ""
    return WorkbenchError(
        f"{folder} has no weights: none of {', '.join(WEIGHTS)} is in it.{found}",
        "Download the model's .safetensors files too, or use the config for a new student (hugging_face_config).",
    )


def _weights_in(folder: Path) -> tuple[Path, ...]:
    for name in WEIGHTS:
        path = folder / name
        if path.is_file():
            return _shards(path) if name.endswith(".json") else (path,)
    return ()


def _shards(index: Path) -> tuple[Path, ...]:
    places = (read_settings(index) or {}).get("weight_map")
    if not isinstance(places, dict) or not places or not all(isinstance(name, str) for name in places.values()):
        raise WorkbenchError(f"{index} lists no shards: it has no weight_map of file names.", "Download it again.")
    names = sorted(set(places.values()))
    outside = [name for name in names if not _is_plain(name)]
    if outside:
        raise WorkbenchError(
            f"{index} names a shard outside its folder: “{outside[0]}”. Such a file is not opened.",
            "Use the original folder; this index was tampered with.",
        )
    missing = [name for name in names[:_MOST_SHARDS] if not (index.parent / name).is_file()]
    if missing or len(names) > _MOST_SHARDS:
        raise WorkbenchError(
            f"{index} names {len(names):,} shards, and {len(missing):,} of them are not there, such as {missing[:1]}.",
            "Download the missing files into the same folder.",
        )
    return tuple(index.parent / name for name in names)


def _is_plain(name: str) -> bool:
    """A mere file name, on any system; colons would name a drive or a stream on Windows."""
    fits = 0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
    return fits and name not in (".", "..") and not any(letter in name for letter in "/\\:\0")


class _Safetensors:
    """Shards that cannot run code; the library checks header and length."""

    def rows(self, path: Path) -> list[TensorRow]:
        with _opened(path):
            return [TensorRow(name, shape, kind) for name, (kind, shape) in tensors_of(path).items()]

    def tensors(self, path: Path) -> dict[str, Tensor]:
        refuse_beyond_memory(path.stat().st_size, str(path))
        with _opened(path) as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A shard, once its header is known to be no larger than that of a model."""
    with _reading(path):
        header_of(path)
        with safe_open(path, framework="pt") as file:
            yield file


class _Pickled:
    """Shards that may hold more than tensors, which is then refused and never run."""

    def rows(self, path: Path) -> list[TensorRow]:
        found = self._read(path, values=False).items()
        return [TensorRow(name, tuple(tensor.shape), str(tensor.dtype)) for name, tensor in found]

    def tensors(self, path: Path) -> dict[str, Tensor]:
        return self._read(path, values=True)

    def _read(self, path: Path, *, values: bool) -> dict[str, Tensor]:
        found = read_by_torch(path, values=values)
        named = isinstance(found, dict) and all(isinstance(name, str) for name in found)
        if not named or not all(isinstance(tensor, Tensor) for tensor in found.values()):
            raise WorkbenchError(f"{path} is no plain list of named tensors.", "Use a folder with .safetensors files.")
        return dict(found)


def _reader(path: Path) -> _Safetensors | _Pickled:
    refuse_unless_plain(path)
    with _reading(path), path.open("rb") as file:
        start = file.read(9)
    # By its name too, so that a broken one is told as such.
    return _Safetensors() if start[8:] == b"{" or path.suffix == ".safetensors" else _Pickled()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except WorkbenchError:
        raise
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    except SafetensorError as error:
        raise WorkbenchError(f"{path} is broken: {error}.", "Copy or download it again.") from None
    except Exception as error:
        # What pickles raise has no base class; nothing of them was run.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(
            f"{path} cannot be read as plain weights, and nothing else in it is run: {reason}",
            "Use a folder with .safetensors files.",
        ) from None
