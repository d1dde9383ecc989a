"""Exports of a run that is done: another place, another kind of input, another variant."""

from collections.abc import Iterator
from pathlib import Path

from workbench.engine import checkpoints
from workbench.engine.classifier import Classifier
from workbench.engine.data import read_data
from workbench.engine.evaluating import HeldOut
from workbench.engine.exporting import export_student
from workbench.errors import WorkbenchError
from workbench.events import Event
from workbench.recipe.export import Export
from workbench.session.run_folder import RunFolder
from workbench.writing import write_atomically


def export_run(folder: RunFolder, section: Export, target: Path) -> Iterator[Event]:
    """Write the finished student of a run as ONNX into the folder `target`.

    Raises:
        WorkbenchError: The run has no finished student, its data is gone, or the export is not faithful.
    """
    student = _finished_student(folder)
    recipe = folder.recipe
    dataset = read_data(recipe.data, folder.path)
    export = export_student(
        student,
        section,
        target,
        held_out=HeldOut(dataset.validation.inputs_NX, dataset.validation.labels_N, None),
        calibration_NX=dataset.training.inputs_NX,
        recipe_digest=recipe.digest(),
        recipe_name=recipe.name,
    )
    yield from export.events(int(folder.facts().get("step", 0)))


def export_checkpoint(folder: RunFolder, target: Path, *, half: bool) -> None:
    """Write the finished student of a run as a checkpoint, in float16 where `half` is asked for.

    Raises:
        WorkbenchError: The run has no finished student, or the disk refuses.
    """
    write_atomically(target, checkpoints.to_bytes(_finished_student(folder), half=half))


def _finished_student(folder: RunFolder) -> Classifier:
    if not folder.student_file.exists():
        raise WorkbenchError(
            f"{folder.path.name} has no finished student yet.", f"Finish it first: resume {folder.path}"
        )
    return checkpoints.load(folder.student_file)
