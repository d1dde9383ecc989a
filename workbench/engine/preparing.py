"""From a recipe to everything a run needs: data, models, teacher outputs and stages, checked to fit together."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from workbench.engine.answers import answers_to_bytes
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import Classifier
from workbench.engine.data import Dataset, Examples
from workbench.engine.evaluating import HeldOut, logits_of
from workbench.engine.exporting import export_student
from workbench.engine.inputs import Material, open_source
from workbench.engine.loading import load_teachers, make_student, read_recipe_data
from workbench.engine.mapped import let_go, on_device
from workbench.engine.pairing import (
    look_at_checkpoints,
    look_at_data,
    look_at_disk,
    look_at_memory,
    look_at_models,
    refuse_if_needed,
)
from workbench.engine.probing import default_probe
from workbench.engine.selfcheck import self_check
from workbench.engine.setup import Setup, StagePlan
from workbench.engine.tasks.classifying import Classifying
from workbench.engine.tasks.task import Task
from workbench.engine.teacher_cache import TeacherCache
from workbench.engine.teachers import Teachers
from workbench.events import Event, Finding
from workbench.recipe import Recipe
from workbench.writing import write_atomically


@dataclass(frozen=True)
class ClassifierSetup(Setup):
    """Everything a run of a classifier needs.

    Attributes:
        student: The model to be trained.
        classes: Class names in label order.
        teachers: None when every stage uses hard labels.
        held_out: What is judged by, with the teachers' logits.
        calibration_NX: The training inputs, for exports that must know the range of activations.
    """

    student: Classifier
    classes: tuple[str, ...]
    teachers: Teachers | None
    held_out: HeldOut
    calibration_NX: Tensor

    @cached_property
    def task(self) -> Task:
        """How the student is scored, judged and watched."""
        return Classifying(self.classes, self.teachers, self.held_out, self.probe)

    def self_check(self) -> tuple[Finding, ...]:
        """One finding a promise and stage. Raises WorkbenchError."""
        return self_check(self.stages, self.student, self.teachers, self.held_out)

    def keep(self, folder: Path) -> None:
        """student.safetensors, and labels and top-1 answers for the verdict. Raises WorkbenchError."""
        write_atomically(folder / "student.safetensors", to_bytes(self.student))
        tensors = {
            "labels": self.held_out.labels_N,
            "student": logits_of(self.student, self.held_out.inputs_NX).argmax(1),
        }
        if self.held_out.teacher_NC is not None:
            tensors["teacher"] = self.held_out.teacher_NC.argmax(1)
        whole = {name: value.to("cpu", torch.int64) for name, value in tensors.items()}
        write_atomically(folder / "answers.safetensors", answers_to_bytes(whole))

    def export(self, folder: Path, step: int) -> Iterator[Event]:
        """ONNX files with their parity reports. Raises WorkbenchError."""
        export = export_student(
            self.student,
            self.recipe.export,
            folder,
            held_out=self.held_out,
            calibration_NX=self.calibration_NX,
            recipe_digest=self.recipe.digest(),
            recipe_name=self.recipe.name,
        )
        yield from export.events(step)


def prepare(
    recipe: Recipe,
    folder: Path,
    device: torch.device,
    cache_folder: Path | None,
    pulse: Callable[[str], None] = lambda _: None,
) -> Setup:
    """Read, build, check and ask the teachers in advance where that can be done.

    Args:
        recipe: What was asked for.
        folder: What relative file names in the recipe count from.
        device: Where to train.
        cache_folder: Where teacher outputs are kept between runs; None keeps them in memory only.
        pulse: Hears what is being done; what it raises ends preparing, with nothing left behind.

    Raises:
        WorkbenchError: A file cannot be used, or preflight refuses; the message carries every refusal.
    """
    # The kernels that may add up in another order each time would break the promise that a resumed run repeats.
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    if recipe.writes_text:
        # What only language models need takes a while to load.
        from workbench.engine.language.preparing import prepare_language

        return prepare_language(recipe, folder, device, cache_folder, pulse)
    return _prepare_classifier(recipe, folder, device, cache_folder, pulse)


def _prepare_classifier(
    recipe: Recipe, folder: Path, device: torch.device, cache_folder: Path | None, pulse: Callable[[str], None]
) -> ClassifierSetup:
    pulse("Reading the data")
    dataset = read_recipe_data(recipe, folder, cache_folder, pulse)
    findings = look_at_data(dataset, recipe.monitoring.probe, recipe.stages)
    refuse_if_needed(findings)
    pulse("Loading the models")
    teachers = load_teachers(recipe, folder, dataset.training)
    student = make_student(recipe, dataset, folder, teachers)
    teacher_models = teachers.models if teachers else []
    findings += look_at_checkpoints(recipe, folder, dataset)
    findings += look_at_models(dataset, student, teacher_models)
    refuse_if_needed(findings)
    findings += look_at_memory(recipe, dataset, [student, *teacher_models], device)
    findings += look_at_disk(dataset, len(teacher_models), cache_folder)
    refuse_if_needed(findings)
    student.to(device)
    if teachers is not None:
        teachers.to(device)
    cache = TeacherCache(cache_folder, pulse)
    material = Material(recipe, dataset.training, teachers, cache, device)
    stages = tuple(StagePlan.of(stage, open_source(stage, material)) for stage in recipe.stages)
    held_out = _held_out(dataset.validation, teachers, cache, device)
    for part in (dataset.training, dataset.validation):
        let_go(part.inputs_NX)
    if cache.computed or cache.reused:
        known = f"{cache.reused:,} teacher outputs reused, {cache.computed:,} computed"
        findings += (Finding(level="ok", title=f"Teacher cache: {known}."),)
    return ClassifierSetup(
        recipe=recipe,
        device=device,
        classes=dataset.training.classes,
        student=student,
        teachers=teachers,
        held_out=held_out,
        stages=stages,
        probe=recipe.monitoring.probe or default_probe(held_out.labels_N, len(dataset.training.classes)),
        calibration_NX=dataset.training.inputs_NX,
        content=_content_of(dataset, teachers),
        findings=findings,
    )


def _content_of(dataset: Dataset, teachers: Teachers | None) -> str:
    digest = hashlib.sha256("".join(teachers.fingerprints if teachers else ()).encode())
    for part in (dataset.training, dataset.validation):
        digest.update(part.digest.encode() or part.inputs_NX.numpy().data)
        digest.update(part.labels_N.numpy().data)
    return digest.hexdigest()


def _held_out(validation: Examples, teachers: Teachers | None, cache: TeacherCache, device: torch.device) -> HeldOut:
    teacher_NC: Tensor | None = None
    if teachers is not None:
        # Judged at T = 1, where the ensemble's own answer is.
        teacher_NC = teachers.combine(cache.logits_NKC(teachers, validation.inputs_NX, device), 1.0)
    return HeldOut(on_device(validation.inputs_NX, device), validation.labels_N.to(device), teacher_NC)
