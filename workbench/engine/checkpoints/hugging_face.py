"""Hugging Face folders: classifiers of pictures and texts, in safetensors or plain .bin weights; never their code."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench.engine.architectures import HuggingFace
from workbench.engine.architectures.hugging_face import refuse_too_large
from workbench.engine.architectures.transformers_config import (
    Task,
    as_json,
    config_of,
    settings_of,
    task_of,
)
from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, TensorRow, Wanted
from workbench.engine.checkpoints.filling import sound_weights
from workbench.engine.checkpoints.hugging_face_folder import (
    HuggingFaceFolder,
    config_beside,
    missing_weights,
    read_folder,
)
from workbench.engine.checkpoints.hugging_face_reading import Reading, card_shape, reading_of, tokenizer_of
from workbench.engine.checkpoints.key_fitting import Fit, fit
from workbench.engine.classifier import Blueprint, Classifier, seeded_classifier
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.wording import counted

_TASKS = {"image-classification": "classifies pictures", "text-classification": "classifies texts"}
_UNNAMED = re.compile(r"LABEL_\d+")
_UNTRAINED = re.compile(r"(^|\.)(running_mean|running_var|num_batches_tracked|position_ids|token_type_ids)$")


class HuggingFaceFormat:
    """A folder as the transformers library saves it, or the config.json or the weights in it."""

    name = "Hugging Face folder"

    def recognises(self, path: Path) -> bool:
        """By a config that names a kind of model."""
        return config_beside(path) is not None

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From the config, the processor and the headers of the weights."""
        folder = read_folder(path)
        source = _source_of(folder, wanted)
        rows = folder.rows()
        model: Any = _skeleton(source.blueprint(wanted, (), ((0.0,), (1.0,)))).network.model
        fitting = fit(model, rows) if rows else None
        return CheckpointCard(
            path=str(path),
            format=self.name,
            architecture=_in_words(folder, model, source.task, fitting),
            parameters=_count(rows) if rows else sum(parameter.numel() for parameter in model.parameters()),
            bytes=sum(file.stat().st_size for file in folder.weights),
            input_shape=card_shape(folder, source.config, source.task, wanted),
            classes=wanted.signature.classes or source.named,
            tokenizer=str(folder.path) if tokenizer_of(folder) else "",
            tensors=rows,
            notes=_notes(folder, source, fitting, wanted),
        )

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """Half-precision weights become float32; where a student may have a new head, what the file lacks is made."""
        folder = read_folder(path)
        if not folder.weights:
            raise missing_weights(folder.path)
        source = _source_of(folder, wanted)
        reading = reading_of(folder, source.config, source.task, wanted)
        blueprint = source.blueprint(wanted, reading.input_shape, (reading.mean, reading.std), reading)
        skeleton = _skeleton(blueprint)
        fitting = fit(skeleton.network.model, folder.rows())
        new_head = wanted.new_head and bool(fitting.missing_head)
        _refuse_misfit(folder, fitting, type(skeleton.network.model).__name__, new_head=new_head)
        refuse_too_large(skeleton, str(folder.path))
        model = _filled(folder, fitting, skeleton, wanted.seed if new_head else None)
        _refuse_mute(model, str(folder.path))
        return model


@dataclass(frozen=True)
class _Source:
    """What a folder's config comes to, for what is wanted of it.

    Attributes:
        config: Of the transformers library, with the classes it will have.
        task: What it classifies.
        classes: Names in the order of its answers.
        named: The names that the file itself gives; empty where it gives none.
        before: How many classes the file has.
    """

    config: Any
    task: Task
    classes: tuple[str, ...]
    named: tuple[str, ...]
    before: int

    def blueprint(
        self,
        wanted: Wanted,
        input_shape: tuple[int, ...],
        normalisation: tuple[tuple[float, ...], tuple[float, ...]],
        reading: Reading | None = None,
    ) -> Blueprint:
        """The model with all that is known of it; a card needs no more than its weights."""
        traits = wanted.traits if reading is None else reading.traits
        architecture = HuggingFace(task=self.task, config=as_json(settings_of(self.config)), pad=traits.pad)
        return Blueprint(
            architecture=architecture,
            input_shape=input_shape or (1,),
            classes=self.classes,
            mean=normalisation[0],
            std=normalisation[1],
            traits=traits,
            answers=wanted.signature.answers,
        )


def _source_of(folder: HuggingFaceFolder, wanted: Wanted) -> _Source:
    name = str(folder.config)
    config = config_of(folder.settings, name)
    task = task_of(folder.settings, name)
    before, named = config.num_labels, _class_names(config)
    classes = _classes(named, before, wanted, name)
    config.id2label = dict(enumerate(classes))
    config.label2id = {label: place for place, label in enumerate(classes)}
    return _Source(config, task, classes, named, before)


def _class_names(config: Any) -> tuple[str, ...]:
    """Names in order, told apart where several are the same; none where the library made them up."""
    labels = config.id2label
    if sorted(labels) != list(range(len(labels))):
        return ()
    names = [str(labels[place]) for place in range(len(labels))]
    if all(_UNNAMED.fullmatch(name) for name in names):
        return ()
    return tuple(name if name not in names[:place] else f"{name} ({place})" for place, name in enumerate(names))


def _classes(named: tuple[str, ...], before: int, wanted: Wanted, name: str) -> tuple[str, ...]:
    if wanted.new_head and wanted.classes and len(wanted.classes) != before:
        return wanted.classes
    if before < 2 and wanted.new_head:
        # The data is not known yet; its head will be another one.
        return ("0", "1")
    if before < 2:
        raise WorkbenchError(
            f"{name} describes a model with {before} output, which tells no classes apart.",
            "Use a classifier; a model of another task can be a student's checkpoint, which gets a head for the data.",
        )
    given = wanted.signature.classes
    if given and len(given) != before:
        raise WorkbenchError(f"{name}: the model has {before} classes, and signature.classes names {len(given)}.")
    unnamed = wanted.classes if len(wanted.classes) == before else tuple(map(str, range(before)))
    return given or named or unnamed


def _skeleton(blueprint: Blueprint) -> Classifier:
    with torch.device("meta"):
        return Classifier(blueprint)


def _refuse_misfit(folder: HuggingFaceFolder, fitting: Fit, kind: str, *, new_head: bool) -> None:
    faults = fitting.other_faults if new_head else fitting.faults
    if not faults:
        return
    if not fitting.other_faults:
        raise WorkbenchError(
            f"{folder.path} has no head for the classes of a {kind}: {len(fitting.missing_head)} tensors of it are "
            "missing or of other sizes.",
            "It can be the checkpoint of a student, which gets a new head; a teacher must be trained to the end.",
            "\n".join(faults),
        )
    raise WorkbenchError(
        f"{folder.path}: {len(faults)} of its tensors do not fit the {kind} that its config describes.",
        "Config and weights do not belong together; download the folder again.",
        "\n".join(faults),
    )


def _filled(folder: HuggingFaceFolder, fitting: Fit, skeleton: Classifier, seed: int | None) -> Classifier:
    """The model with the file's weights; with a seed, what the file lacks is drawn from it."""
    found = folder.tensors()
    tensors = {new: found[name] for name, new in fitting.names.items()}
    model = skeleton if seed is None else seeded_classifier(skeleton.blueprint, seed)
    network: Any = model.network.model
    states = network.state_dict()
    weights = sound_weights(tensors, states, str(folder.path))
    # What is left is a counter of batches, or the new head.
    left = {name: tensor for name, tensor in states.items() if name not in weights}
    rest = {name: torch.zeros_like(t, device="cpu") if t.is_meta else t for name, t in left.items()}
    network.load_state_dict(weights | rest, assign=True)
    return model.eval()


@torch.no_grad()
def _refuse_mute(model: Classifier, name: str) -> None:
    """Ask it once: some settings only show themselves in an answer, such as pictures too small for a network.

    By two inputs: some models answer one, and no more at a time.
    """
    blueprint = model.blueprint
    blank = torch.zeros((2, *blueprint.input_shape), dtype=torch.int32 if blueprint.traits.reads == "tokens" else None)
    try:
        answer = model(blank)
    except Exception as error:
        # The library's models raise whatever comes of it.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        shape = " × ".join(map(str, blueprint.input_shape))
        raise WorkbenchError(
            f"{name} was loaded, but does not answer an input of {shape}: {reason}",
            "Give another signature.input_shape, or check its config.json.",
        ) from None
    if tuple(answer.shape) != (2, len(blueprint.classes)):
        raise WorkbenchError(
            f"{name} answers an input with numbers of the shape {tuple(answer.shape)}, not one for each of its "
            f"{counted(len(blueprint.classes), 'class', 'classes')}."
        )


def _in_words(folder: HuggingFaceFolder, model: Any, task: Task, fitting: Fit | None) -> str:
    """The library's name of what the file holds, and what it does."""
    names = folder.settings.get("architectures")
    own = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else type(model).__name__
    if fitting is not None and fitting.missing_head and not fitting.other_faults:
        return f"{own}, which has no head that {_TASKS[task]}"
    return f"{own}, which {_TASKS[task]}"


def _count(rows: tuple[TensorRow, ...]) -> int:
    return sum(torch.Size(row.shape).numel() for row in rows if not _UNTRAINED.search(row.name))


def _notes(folder: HuggingFaceFolder, source: _Source, fitting: Fit | None, wanted: Wanted) -> tuple[Finding, ...]:
    from workbench.engine.checkpoints.hugging_face_notes import notes_on

    return notes_on(
        folder,
        fitting,
        pictures=source.task == "image-classification",
        named=bool(source.named or wanted.signature.classes),
        before=source.before,
        wanted=wanted,
    )


HUGGING_FACE = HuggingFaceFormat()
