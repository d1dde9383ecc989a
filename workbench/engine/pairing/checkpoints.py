"""What the checkpoints of a recipe say of themselves, where it is of weight for a run."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from workbench.engine import checkpoints
from workbench.engine.data import Dataset
from workbench.engine.loading import wanted_of
from workbench.events import Finding
from workbench.recipe import Recipe
from workbench.recipe.models import Student, Teacher
from workbench.recipe.section import whole_name

# What is said of these once the model is there, with its numbers.
_SAID_LATER = "signature.mean"
_CLASSES = "signature.classes"


def look_at_checkpoints(recipe: Recipe, folder: Path, dataset: Dataset) -> tuple[Finding, ...]:
    """The warnings on the cards of teachers and student; what is merely so is left to the cards.

    Args:
        recipe: Which checkpoints.
        folder: What file names in it count from.
        dataset: For the names of its classes.

    Raises:
        WorkbenchError: A checkpoint cannot be read.
    """
    one = len(recipe.teachers) == 1
    named: list[tuple[str, Teacher | Student]] = [
        ("The teacher" if one else f"Teacher {number}", teacher) for number, teacher in enumerate(recipe.teachers, 1)
    ]
    if recipe.student.checkpoint:
        named.append(("The student’s checkpoint", recipe.student))
    return tuple(finding for name, section in named for finding in _warnings(name, section, folder, dataset))


def _warnings(name: str, section: Teacher | Student, folder: Path, dataset: Dataset) -> Iterable[Finding]:
    path = whole_name(folder, section.checkpoint)
    wanted = replace(wanted_of(section, folder), classes=dataset.training.classes)
    card = checkpoints.inspect(path, wanted)
    numbered = dataset.training.classes == tuple(map(str, range(len(dataset.training.classes))))
    for note in card.notes:
        # Where nothing has names, there is no order to be wrong about.
        is_idle = numbered and _CLASSES in note.fix
        # The model is there already, so what would refuse it has been dealt with.
        if note.level == "warning" and _SAID_LATER not in note.fix and not is_idle:
            yield Finding(level="warning", title=f"{name} ({path.name}): {note.title}", fix=note.fix)
