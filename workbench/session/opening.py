"""What a file or folder is, by its content: a run, a recipe, a checkpoint or a picture; for whatever is dropped."""

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True)
class Found:
    """A path and what lies there: "run", "recipe", "checkpoint" or "picture"."""

    path: Path
    kind: str


def look_at(path: Path) -> Found:
    """What lies at a path; checkpoints are asked last, since that loads torch.

    Raises:
        WorkbenchError: Nothing is there, or nothing this program can open.
    """
    if not path.exists():
        raise WorkbenchError(f"There is nothing at {path}.", "It may have been moved or deleted.")
    # A file of a run stands for its run.
    folder = path if path.is_dir() else path.parent
    if (folder / "run.sqlite").is_file() and (path.is_dir() or path.name in ("run.sqlite", "recipe.toml")):
        return Found(folder, "run")
    if path.is_file():
        if path.suffix.lower() == ".toml":
            return Found(path, "recipe")
        with disk_errors(path), path.open("rb") as file:
            start = file.read(12)
        if _is_picture(start):
            return Found(path, "picture")
    from workbench.engine import checkpoints

    try:
        checkpoints.format_of(path)
    except WorkbenchError as error:
        raise WorkbenchError(
            f"{path.name} is neither a recipe, a run, a checkpoint nor a picture this program opens.",
            "Data files are chosen in the recipe's Data section.",
            str(error),
        ) from None
    return Found(path, "checkpoint")


def _is_picture(start: bytes) -> bool:
    # Two letters, or those of every RIFF file, are not enough: sound and weights may begin with them too.
    is_bitmap = start.startswith(b"BM") and start[6:10] == bytes(4)
    is_webp = start.startswith(b"RIFF") and start[8:] == b"WEBP"
    return start.startswith(_PICTURES) or is_bitmap or is_webp
