"""Exports of a run that is done: another place, another kind of input, another variant, a checkpoint."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.events import Event
from workbench.recipe.export import Export
from workbench.session.exporting_language import export_text_student, write_text_student
from workbench.session.places import cache_folder
from workbench.session.respondents import blueprint_of, kept_student
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.turns import TURNS
from workbench.writing import write_atomically

if TYPE_CHECKING:
    from workbench.engine.classifier import Classifier

CHECKPOINT_FILE = "student.safetensors"
HALF_FILE = "student.half.safetensors"


@dataclass(frozen=True)
class ExportWish:
    """What a person wants of a run.

    Attributes:
        target: The folder to write into.
        section: What the ONNX files are like.
        checkpoint: Whether to write a classifier as a checkpoint too; a language model's export has its weights.
        half: Whether that is in float16.
        unfinished: Whether a run that was stopped gives the student of its newest checkpoint.
    """

    target: Path
    section: Export
    checkpoint: bool = False
    half: bool = False
    unfinished: bool = False

    @property
    def checkpoint_file(self) -> Path:
        """Where the checkpoint goes."""
        return self.target / (HALF_FILE if self.half else CHECKPOINT_FILE)


def fulfil(folder: RunFolder, wish: ExportWish, say: Callable[[str], None]) -> list[Event]:
    """Everything that is wished for, the checkpoint last.

    Args:
        folder: The run.
        wish: What to write, and where.
        say: Told what comes next; what it raises ends the export, and an earlier one is as it was.

    Raises:
        WorkbenchError: As `export_run`.
    """
    events = list(export_run(folder, wish.section, wish.target, unfinished=wish.unfinished, say=say))
    if wish.checkpoint:
        say(f"Writing {wish.checkpoint_file.name}")
        export_checkpoint(folder, wish.checkpoint_file, half=wish.half, unfinished=wish.unfinished)
    return events


def export_run(
    folder: RunFolder,
    section: Export,
    target: Path,
    *,
    unfinished: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Event]:
    """Write the finished student of a run for other programs into the folder `target`, and remember where.

    Args:
        folder: The run.
        section: What the ONNX files are like.
        target: The folder to write into.
        unfinished: Whether a run without a finished student gives that of its newest checkpoint.
        say: Told what comes next; what it raises ends the export, and an earlier one is as it was.

    Raises:
        WorkbenchError: The run has no finished student, its data is gone, or the export is not faithful.
    """
    say("Reading the student and the held-out examples")
    export = export_text_student if folder.recipe.writes_text else _export_classifier
    events = export(folder, section, target, unfinished=unfinished, say=say)
    _remember(folder, target.resolve())
    yield from events


def _export_classifier(
    folder: RunFolder, section: Export, target: Path, *, unfinished: bool, say: Callable[[str], None]
) -> Sequence[Event]:
    from workbench.engine.evaluating import HeldOut
    from workbench.engine.exporting import export_student
    from workbench.engine.loading import read_recipe_data

    student = _student(folder, unfinished=unfinished)
    recipe = folder.recipe
    dataset = read_recipe_data(recipe, folder.path, cache_folder())
    with TURNS.exporting():
        export = export_student(
            student,
            section,
            target,
            held_out=HeldOut(dataset.validation.inputs_NX, dataset.validation.labels_N, None),
            calibration_NX=dataset.training.inputs_NX,
            recipe_digest=recipe.digest(),
            recipe_name=recipe.name,
            say=say,
        )
    return export.events(folder.step)


def export_checkpoint(folder: RunFolder, target: Path, *, half: bool, unfinished: bool = False) -> None:
    """Write the student of a run as a checkpoint, in float16 where `half` is asked for; else as `export_run`.

    A classifier becomes a file, a language model a folder.

    Raises:
        WorkbenchError: The run has no finished student, or the disk refuses.
    """
    from workbench.engine import checkpoints

    if _writes_text(folder):
        write_text_student(folder, target, half=half, unfinished=unfinished)
        return
    write_atomically(target, checkpoints.to_bytes(_student(folder, unfinished=unfinished), half=half))


def _writes_text(folder: RunFolder) -> bool:
    """By the recipe; where that is damaged, by the name of the finished student's file."""
    try:
        return folder.recipe.writes_text
    except WorkbenchError:
        if not folder.student_file.is_file():
            raise
        return folder.student_file.name == "model.safetensors"


def _student(folder: RunFolder, *, unfinished: bool) -> "Classifier":
    from workbench.engine import checkpoints

    folder.refuse_links()
    if unfinished and not folder.student_file.exists():
        return kept_student(folder, blueprint_of(folder))[0]
    if not folder.student_file.exists():
        raise WorkbenchError(
            f"{folder.path.name} has no finished student yet.", f"Finish it first: resume {folder.path}"
        )
    return checkpoints.load(folder.student_file)


def _remember(folder: RunFolder, target: Path) -> None:
    """The playground asks the newest export, wherever it lies."""
    if target == (folder.path / "export").resolve():
        return
    # Where the database is damaged the export is there all the same.
    with suppress(WorkbenchError), RunDatabase(folder.database_file) as database:
        others = [str(path) for path in folder.exported_to if path != target]
        database.know(exported_to=[*others, str(target)])
