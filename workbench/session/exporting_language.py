"""Exports of a language model's run that is over: the folder that other programs load, or its weights alone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.events import Event
from workbench.recipe.export import Export
from workbench.session.run_folder import RunFolder
from workbench.session.turns import TURNS

if TYPE_CHECKING:
    from workbench.engine.language.model import LanguageModel


def export_text_student(
    folder: RunFolder, section: Export, target: Path, *, unfinished: bool, say: Callable[[str], None]
) -> list[Event]:
    """Write the student of a run into a folder, as `export_run` does. Raises WorkbenchError."""
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.exporting import export_language
    from workbench.engine.language.exporting.material import material_of

    student = text_student(folder, unfinished=unfinished)
    recipe = folder.recipe
    held_out, prompts = material_of(recipe, folder.path, Chat(student.blueprint))
    with TURNS.exporting():
        return list(
            export_language(
                student,
                section,
                target,
                held_out=held_out,
                prompts=prompts,
                step=folder.step,
                recipe_name=recipe.name,
                recipe_digest=recipe.digest(),
                say=say,
            )
        )


def write_text_student(folder: RunFolder, target: Path, *, half: bool, unfinished: bool) -> None:
    """Write the student's weights, config and tokenizer into a folder that transformers loads.

    Raises:
        WorkbenchError: The run has no finished student, there is something at `target`, or the disk refuses.
    """
    from workbench.engine.checksums import write_sums
    from workbench.engine.language.folder import write_weights

    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WorkbenchError(
            f"There is already something at {target}, and a language model is written as a folder of its own.",
            "Name a new folder.",
        )
    write_weights(text_student(folder, unfinished=unfinished), target, half=half)
    write_sums(target)


def text_student(folder: RunFolder, *, unfinished: bool) -> "LanguageModel":
    """The finished student of a run, else that of its newest checkpoint where that is wished for, adapters merged.

    Raises:
        WorkbenchError: There is none, or a file of it is broken or gone.
    """
    from workbench.engine.language.adapters import merged
    from workbench.engine.language.loading import load_language_model, make_language_student, read_language_model
    from workbench.engine.run_state import restore_model

    folder.refuse_links()
    if (folder.student_folder / "model.safetensors").exists():
        return read_language_model(folder.student_folder)
    if not unfinished:
        raise WorkbenchError(
            f"{folder.path.name} has no finished student yet.", f"Finish it first: resume {folder.path}"
        )
    state = folder.latest_state()
    if state is None:
        raise WorkbenchError(f"{folder.path.name} has no student yet: nothing was kept.", "Resume the run first.")
    recipe = folder.recipe
    # One that goes on from a checkpoint of its own needs no teacher in memory.
    needed = () if recipe.student.checkpoint else recipe.teachers
    student = make_language_student(recipe, folder.path, [load_language_model(each, folder.path) for each in needed])
    restore_model(student, state.tensors, "student")
    return merged(student.eval())
