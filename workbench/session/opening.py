"""What a file or folder is, by its content: a run, recipe, checkpoint, data or picture; for whatever is dropped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe.file_names import is_named_as_recipe
from workbench.session.database_files import MAGIC, database_problem
from workbench.session.guessing_data import guess_data
from workbench.writing import disk_errors

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_DATABASES = (".sqlite", ".sqlite3", ".db")
_LOOKED_AT = 4096
# What a folder of a model holds beside its weights.
_OF_A_MODEL = ("config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


@dataclass(frozen=True)
class Found:
    """A path and what lies there: "run", "recipe", "checkpoint", "data" or "picture".

    Attributes:
        path: Where.
        kind: What.
        data: The data section that reads it, as a draft; for data only.
        is_trainable: Whether a student may start from it; for checkpoints only.
        writes_text: Whether it is a language model; for checkpoints only.
    """

    path: Path
    kind: str
    data: dict[str, Any] | None = None
    is_trainable: bool = True
    writes_text: bool = False


def look_at(path: Path) -> Found:
    """What lies at a path; checkpoints are asked last, since that loads torch.

    Raises:
        WorkbenchError: Nothing is there, or nothing this program can open.
    """
    refuse_unless_plain(path)
    if not path.exists():
        raise WorkbenchError(f"There is nothing at {path}.", "It may have been moved or deleted.")
    # A file of a run stands for its run.
    folder = path if path.is_dir() else path.parent
    if (folder / "run.sqlite").is_file() and (path.is_dir() or path.name in ("run.sqlite", "recipe.toml")):
        return Found(folder, "run")
    if path.is_file():
        _refuse_what_is_torn(path)
    if path.is_file() and is_named_as_recipe(path):
        return Found(path, "recipe")
    with disk_errors(path):
        if path.is_file() and _is_picture(path):
            return Found(path, "picture")
        data = None if _may_be_model(path) else guess_data(path)
    return Found(path, "data", data) if data is not None else _checkpoint(path)


def _checkpoint(path: Path) -> Found:
    from workbench.engine import checkpoints
    from workbench.engine.language.loading import writes_text

    _refuse_what_is_only_a_part(path)
    if writes_text(path):
        return Found(path, "checkpoint", writes_text=True)
    try:
        checkpoints.format_of(path)
    except WorkbenchError as error:
        raise WorkbenchError(
            f"{path.name} is neither a recipe, a run, a checkpoint, data nor a picture this program opens"
            f"{_beginning(path)}.",
            "Data is a folder of pictures or sounds, a table, texts or arrays; see the recipe's Data section.",
            str(error),
        ) from None
    return Found(path, "checkpoint", is_trainable=checkpoints.inspect(path).trainable)


def _refuse_what_is_torn(path: Path) -> None:
    """Files that are nothing any more, or never were a file of ours though their name says so."""
    with disk_errors(path):
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    if not size:
        problem = "is empty (0 bytes)"
    elif not any(start):
        problem = f"holds only zero bytes at its beginning, of {size:,} bytes in all"
    elif start.startswith(MAGIC) or path.suffix.lower() in _DATABASES:
        problem = database_problem(path) or "is a SQLite database, which is not opened by itself"
    else:
        return
    hint = "It was not written or copied to its end: make it, or copy it, again."
    if problem.startswith("is a SQLite"):
        hint = "A run is opened by its folder, which holds recipe.toml and run.sqlite."
    raise WorkbenchError(f"{path.name} {problem}.", hint)


def _refuse_what_is_only_a_part(path: Path) -> None:
    """Files that are of use, but not by themselves."""
    if path.suffix.lower() == ".py" and path.is_file():
        raise WorkbenchError(
            f"{path.name} is code, which is not run when it is opened.",
            "If it holds the class of a model, name it in the recipe: Architecture, then “Python class”.",
        )
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(12)
        if start[:4] == b"fLaC" or (start[:4] == b"RIFF" and start[8:] == b"WAVE"):
            raise WorkbenchError(
                f"{path.name} is one sound.", "Drop the folder it lies in: with one folder of sounds a class."
            )


def _beginning(path: Path) -> str:
    """What a file begins with, for a person who knows what it should be."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        start = file.read(16)
    return f": its {path.stat().st_size:,} bytes begin with {start!r}"


def _may_be_model(path: Path) -> bool:
    """Models have files of their own kind in their folder, and code is no table however many commas it has."""
    if path.is_dir():
        return any((path / name).is_file() for name in _OF_A_MODEL)
    return path.suffix.lower() == ".py" or path.name.lower() in _OF_A_MODEL


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(12)
    # Two letters, or those of every RIFF file, are not enough: sound and weights may begin with them too.
    is_bitmap = start.startswith(b"BM") and start[6:10] == bytes(4)
    is_webp = start.startswith(b"RIFF") and start[8:] == b"WEBP"
    return start.startswith(_PICTURES) or is_bitmap or is_webp
