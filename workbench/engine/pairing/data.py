"""Is there enough of every class to train and to judge by, and do both parts of the data belong together?"""

from collections.abc import Iterable, Sequence

import torch

from workbench.engine.data import Dataset, Examples
from workbench.engine.objectives import UNLABELLED
from workbench.engine.pairing.repeats import look_for_repeats
from workbench.engine.wording import axes_in_words, some_of
from workbench.events import Finding
from workbench.recipe import Stage
from workbench.recipe.inputs import TransferSet

_MOST_AXES = 4
_MOST_UNEVEN = 10


def look_at_data(dataset: Dataset, probe: Sequence[int] = (), stages: Sequence[Stage] = ()) -> tuple[Finding, ...]:
    """Shapes, labels, classes, repeats and what reading had to say; whether the watched examples are there.

    Args:
        dataset: What is trained on, and what is held out.
        probe: Held-out places that are to be watched.
        stages: Of the recipe, for what they do to the inputs.
    """
    training, validation = dataset.training, dataset.validation
    findings = [
        *_notes(dataset),
        *_odd_inputs(dataset),
        *_missing_examples(probe, len(validation)),
        *_too_few_classes(training),
        *_labels_beyond(training, "training"),
        *_labels_beyond(validation, "held-out"),
        *_unjudged(validation),
        *_uneven(training),
        *_out_of_place_augmentation(training, stages),
        *look_for_repeats(dataset),
    ]
    if all(finding.level == "ok" for finding in findings):
        title = f"Data: {len(training):,} to train on, {len(validation):,} held out, {len(training.classes)} classes."
        findings.insert(0, Finding(level="ok", title=title))
    return tuple(findings)


def _notes(dataset: Dataset) -> tuple[Finding, ...]:
    """What reading had to say; both parts often come from the same file and say the same."""
    return tuple(dict.fromkeys((*dataset.training.notes, *dataset.validation.notes)))


def _odd_inputs(dataset: Dataset) -> Iterable[Finding]:
    training, validation = dataset.training.inputs_NX.shape[1:], dataset.validation.inputs_NX.shape[1:]
    if training != validation:
        title = f"Training inputs are {axes_in_words(training)}, held-out ones {axes_in_words(validation)}."
        yield Finding(level="refusal", title=title, fix="Give held-out data of the same shape.")
    if len(training) > _MOST_AXES:
        title = f"An input has {len(training)} axes ({axes_in_words(training)}); models here read at most {_MOST_AXES}."
        yield Finding(level="refusal", title=title, fix="Flatten the inputs, or leave out an axis.")


def _missing_examples(probe: Sequence[int], count: int) -> Iterable[Finding]:
    beyond = [place for place in probe if place >= count]
    if beyond:
        title = f"The probe names example {beyond[0]}, but there are {count:,} held-out examples, counted from 0."
        yield Finding(level="refusal", title=title, fix="Name others in monitoring.probe, or none.")


def _too_few_classes(training: Examples) -> Iterable[Finding]:
    if len(training.classes) < 2:
        title = f"The data has {len(training.classes)} class; a classifier needs at least 2."
        fix = "List the class names in data.classes, or give data with more classes."
        yield Finding(level="refusal", title=title, fix=fix)


def _labels_beyond(part: Examples, name: str) -> Iterable[Finding]:
    classes = len(part.classes)
    labels_N = part.labels_N[part.labels_N != UNLABELLED]
    beyond = int(((labels_N < 0) | (labels_N >= classes)).sum())
    if beyond:
        low, high = int(labels_N.min()), int(labels_N.max())
        title = (
            f"{beyond:,} of {len(part):,} {name} labels are outside the {classes} classes, which are numbered from 0: "
            f"they run from {low} to {high}."
        )
        yield Finding(level="refusal", title=title, fix="List every class in data.classes, or mend the labels.")


def _unjudged(validation: Examples) -> Iterable[Finding]:
    unlabelled = int((validation.labels_N == UNLABELLED).sum())
    if unlabelled:
        title = f"{unlabelled:,} of {len(validation):,} held-out examples have no label to judge by."
        yield Finding(level="refusal", title=title, fix="Give labelled validation files.")
        return
    missing = set(range(len(validation.classes))) - set(validation.labels_N.tolist())
    if missing:
        names = some_of([validation.classes[label] for label in sorted(missing)])
        title = f"{len(missing)} of {len(validation.classes)} classes have no held-out example: {names}."
        yield Finding(level="warning", title=title, fix="Errors on them will not be seen.")


def _uneven(training: Examples) -> Iterable[Finding]:
    """Classes that are missing among the labels, or much rarer than others."""
    classes = len(training.classes)
    labels_N = training.labels_N[(training.labels_N >= 0) & (training.labels_N < classes)]
    if classes < 2 or not len(labels_N):
        return
    counts_C = torch.bincount(labels_N, minlength=classes)
    missing = [training.classes[label] for label in (counts_C == 0).nonzero().flatten().tolist()]
    if missing:
        title = f"{len(missing)} of {classes} classes have no labelled example to train on: {some_of(missing)}."
        yield Finding(
            level="warning", title=title, fix="What the student knows of them, it has from the teacher alone."
        )
    counts_C[counts_C == 0] = counts_C.max()
    rarest, commonest = int(counts_C.argmin()), int(counts_C.argmax())
    if counts_C[commonest] > _MOST_UNEVEN * counts_C[rarest]:
        title = (
            f"Classes are uneven: {int(counts_C[commonest]):,} examples of “{training.classes[commonest]}” and "
            f"{int(counts_C[rarest]):,} of “{training.classes[rarest]}”."
        )
        fix = "Give more of the rare classes, or look at the errors of each class and not at their sum alone."
        yield Finding(level="warning", title=title, fix=fix)


def _out_of_place_augmentation(training: Examples, stages: Sequence[Stage]) -> Iterable[Finding]:
    for number, stage in enumerate(stages, start=1):
        assert isinstance(stage.inputs, TransferSet), "the recipe has checked it"
        section = stage.inputs.augmentation
        moves = [name for name in ("shift", "flip", "crop") if getattr(section, name)]
        if section.active and training.traits.reads == "tokens":
            title = f"Stage {number} asks for augmentation of pictures, and the data are texts."
            fix = f"Set shift, flip, crop and noise of stages[{number - 1}].inputs.augmentation to 0."
            yield Finding(level="refusal", title=title, fix=fix)
        elif moves and training.inputs_NX.ndim != 4:
            title = f"Stage {number} asks for {' and '.join(moves)}, which does nothing: the inputs are no pictures."
            yield Finding(level="warning", title=title, fix="Leave it out; noise is all that rows of numbers know.")
