"""Do teacher, student and data fit? Each finding is a sentence with the two numbers, and the fix."""

from collections.abc import Iterable, Sequence

import torch

from workbench.engine.classifier import Classifier
from workbench.engine.data import Dataset
from workbench.engine.devices import free_bytes
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe import Recipe

# Copies of the weights an optimiser keeps beside weights and gradients.
_OPTIMISER_COPIES = {"sgd": 1, "adam": 2, "adamw": 2}
_GIB = 2**30
_MOST_AXES = 4


def refuse_if_needed(findings: Iterable[Finding]) -> None:
    """Raise WorkbenchError with every refusal among the findings."""
    refusals = [finding for finding in findings if finding.level == "refusal"]
    if refusals:
        title = "\n".join(finding.title for finding in refusals)
        raise WorkbenchError(title, "\n".join(finding.fix for finding in refusals if finding.fix))


def look_at_data(dataset: Dataset, probe: Sequence[int] = ()) -> tuple[Finding, ...]:
    """Is there enough of every class to train and to judge by, and are the watched examples there?"""
    training, validation = dataset.training, dataset.validation
    findings = [*_odd_inputs(dataset), *_missing_examples(probe, len(validation))]
    if len(training.classes) < 2:
        findings.append(
            Finding(
                level="refusal",
                title=f"The data has {len(training.classes)} class; a classifier needs at least 2.",
                fix="List the class names in data.classes, or give data with more classes.",
            )
        )
    unlabelled = int((validation.labels_N == UNLABELLED).sum())
    if unlabelled:
        findings.append(
            Finding(
                level="refusal",
                title=f"{unlabelled:,} of {len(validation):,} held-out examples have no label to judge by.",
                fix="Give labelled validation files.",
            )
        )
    missing = set(range(len(validation.classes))) - set(validation.labels_N.tolist())
    if missing and not unlabelled:
        names = ", ".join(validation.classes[label] for label in sorted(missing)[:5])
        findings.append(
            Finding(
                level="warning",
                title=f"{len(missing)} of {len(validation.classes)} classes have no held-out example: {names}.",
                fix="Errors on them will not be seen.",
            )
        )
    if not findings:
        title = f"Data: {len(training):,} to train on, {len(validation):,} held out, {len(training.classes)} classes."
        findings.append(Finding(level="ok", title=title))
    return tuple(findings)


def _odd_inputs(dataset: Dataset) -> Iterable[Finding]:
    training, validation = dataset.training.inputs_NX.shape[1:], dataset.validation.inputs_NX.shape[1:]
    if training != validation:
        title = f"Training inputs are {_shape(training)}, held-out ones {_shape(validation)}."
        yield Finding(level="refusal", title=title, fix="Give held-out data of the same shape.")
    if len(training) > _MOST_AXES:
        title = f"An input has {len(training)} axes ({_shape(training)}); models here read at most {_MOST_AXES}."
        yield Finding(level="refusal", title=title, fix="Flatten the inputs, or leave out an axis.")


def _missing_examples(probe: Sequence[int], count: int) -> Iterable[Finding]:
    beyond = [place for place in probe if place >= count]
    if beyond:
        title = f"The probe names example {beyond[0]}, but there are {count:,} held-out examples, counted from 0."
        yield Finding(level="refusal", title=title, fix="Name others in monitoring.probe, or none.")


def look_at_models(dataset: Dataset, student: Classifier, teachers: Sequence[Classifier]) -> tuple[Finding, ...]:
    """Do the models read this data, and do they name the same classes in the same order?"""
    named = [("The student", student)]
    one = len(teachers) == 1
    named += [("The teacher" if one else f"Teacher {n}", model) for n, model in enumerate(teachers, start=1)]
    findings = [finding for name, model in named for finding in _fits(name, model, dataset)]
    return tuple(findings) or (Finding(level="ok", title="Models and data agree on input shape and classes."),)


def look_at_memory(
    recipe: Recipe, dataset: Dataset, models: Sequence[Classifier], device: torch.device
) -> tuple[Finding, ...]:
    """Will it all fit? Weights, gradients, optimiser, one batch's activations and the data against what is free."""
    student = models[0]
    weights = sum(model.parameter_count for model in models) * 4
    copies = max(_OPTIMISER_COPIES[stage.optimisation.optimiser] for stage in recipe.stages)
    training_state = student.parameter_count * 4 * (1 + copies)
    batch = max(stage.inputs.batch_size for stage in recipe.stages)
    activations = 2 * _activation_bytes(student, dataset) * min(batch, len(dataset.training))
    data = sum(part.inputs_NX.nbytes for part in (dataset.training, dataset.validation))
    # The data lies in main memory already; a GPU gets a copy of its own.
    needed = weights + training_state + activations + (data if device.type != "cpu" else 0)
    free = free_bytes(device)
    sentence = f"about {needed / _GIB:.2f} GiB needed, {free / _GIB:.1f} GiB free on {device}"
    if needed > free:
        fix = "Use a smaller batch_size or student, close other programs, or choose another device."
        return (Finding(level="refusal", title=f"Not enough memory: {sentence}.", fix=fix),)
    return (Finding(level="ok", title=f"Memory: {sentence}."),)


@torch.no_grad()
def _activation_bytes(student: Classifier, dataset: Dataset) -> int:
    """Bytes that the layers put out for one example, by a dry run of two."""
    sizes: list[int] = []

    def note(_: torch.nn.Module, __: object, output: torch.Tensor) -> None:
        sizes.append(output.nbytes)

    layers = [module for module in student.modules() if not list(module.children())]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    try:
        student.eval()(dataset.training.inputs_NX[:2].to(next(student.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return sum(sizes) // min(2, len(dataset.training))


def _fits(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    blueprint, data_shape = model.blueprint, tuple(dataset.training.inputs_NX.shape[1:])
    if blueprint.input_shape != data_shape:
        yield Finding(
            level="refusal",
            title=f"{name} reads inputs of {_shape(blueprint.input_shape)}, but the data has {_shape(data_shape)}.",
            fix="Use data of that shape, or another checkpoint.",
        )
    classes = dataset.training.classes
    if len(blueprint.classes) != len(classes):
        yield Finding(
            level="refusal",
            title=f"{name} tells {len(blueprint.classes)} classes apart, but the data has {len(classes)}.",
            fix="Use data with the same classes, or another checkpoint.",
        )
    elif blueprint.classes != classes:
        same = sorted(blueprint.classes) == sorted(classes)
        first = next(
            place for place, pair in enumerate(zip(blueprint.classes, classes, strict=True)) if pair[0] != pair[1]
        )
        yield Finding(
            level="refusal",
            title=f"{name} names class {first} “{blueprint.classes[first]}”, the data names it “{classes[first]}”.",
            fix="The names are the same in another order: list data.classes in the model's order."
            if same
            else "If they mean the same, give data.classes the model's names.",
        )


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))
