"""Who can be asked to write in a language run: found without loading any model."""

from dataclasses import dataclass
from pathlib import Path

from workbench.recipe import Recipe
from workbench.recipe.inputs import Endpoint
from workbench.session.respondents import ONNX_RUNTIME, PYTORCH, export_folders
from workbench.session.run_folder import RunFolder

ENDPOINT = "endpoint"
# What the variants of an export are called, by the name of their file.
_VARIANTS = {"model": "ONNX", "model_quantized": "ONNX 8-bit", "model_q4": "ONNX 4-bit"}


@dataclass(frozen=True)
class Seat:
    """Somebody who can be asked.

    Attributes:
        who: "teacher", "endpoint", "base", "student", "baseline", or the path of a graph.
        title: For a person.
        through: What runs it.
        note: What a person should know of it.
        path: Where it lies; empty where it is made, or answers from elsewhere.
        changed_ns: Another time is another model.
    """

    who: str
    title: str
    through: str
    note: str = ""
    path: str = ""
    changed_ns: int = 0

    @property
    def is_graph(self) -> bool:
        """Whether it is an exported file."""
        return self.through == ONNX_RUNTIME


def seats_of(folder: RunFolder) -> tuple[Seat, ...]:
    """Who can be asked in a run right now, in the order of their columns. Raises WorkbenchError."""
    recipe = folder.recipe
    seats = []
    if recipe.teachers:
        count = len(recipe.teachers)
        name = Path(recipe.teachers[0].checkpoint).name
        seats.append(Seat("teacher", "Teacher", PYTORCH, f"{name}, the first of {count}" if count > 1 else name))
    asked = endpoint_of(recipe)
    if asked is not None:
        seats.append(Seat(ENDPOINT, "Teacher elsewhere", "endpoint", f"{asked.model} at {asked.url}"))
    seats.append(Seat("base", "Before training", PYTORCH, "step 0"))
    found = (_student(folder), _baseline(folder), *_graphs(folder))
    return (*seats, *(seat for seat in found if seat is not None))


def endpoint_of(recipe: Recipe) -> Endpoint | None:
    """The first endpoint that a recipe lets write; None where it names none."""
    return next(iter(recipe.endpoints), None)


def _student(folder: RunFolder) -> Seat | None:
    finished = folder.student_folder / "model.safetensors"
    if finished.exists():
        return _seat("student", "Student", folder.student_folder, "finished", finished)
    checkpoints = folder.checkpoints()
    if not checkpoints:
        return None
    step = int(checkpoints[-1].stem.removeprefix("step-"))
    return _seat("student", "Student", checkpoints[-1], f"step {step:,}, not finished", checkpoints[-1])


def _baseline(folder: RunFolder) -> Seat | None:
    for path in folder.companions():
        weights = path / "student" / "model.safetensors"
        if path.name.startswith("baseline") and weights.exists():
            return _seat("baseline", "Baseline", weights.parent, "on hard labels", weights)
    return None


def _graphs(folder: RunFolder) -> list[Seat | None]:
    """The files of the newest export, the whole one first."""
    found = [sorted((path / "onnx").glob("*.onnx"), key=_place) for path in export_folders(folder)]
    newest = max(filter(None, found), key=lambda paths: paths[0].stat().st_mtime_ns, default=[])
    return [_seat(str(path), _VARIANTS.get(path.stem, f"ONNX {path.stem}"), path, path.name, path) for path in newest]


def _place(path: Path) -> tuple[int, str]:
    names = list(_VARIANTS)
    return (names.index(path.stem) if path.stem in names else len(names), path.stem)


def _seat(who: str, title: str, path: Path, note: str, changes: Path) -> Seat | None:
    try:
        changed_ns = changes.stat().st_mtime_ns
    except OSError:
        return None
    return Seat(who, title, ONNX_RUNTIME if path.suffix == ".onnx" else PYTORCH, note, str(path), changed_ns)
