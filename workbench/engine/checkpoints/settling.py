"""What a bare file becomes: its architecture, inputs and classes settled between file, recipe and data.

B examples in a batch, C classes, X any input axes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from workbench.consents import digest_of
from workbench.engine.architectures.python_class import python_class, python_file
from workbench.engine.checkpoints.checkpoint_format import Wanted
from workbench.engine.checkpoints.families import family_of
from workbench.engine.checkpoints.guessing import guess
from workbench.engine.checkpoints.matching import Match, match
from workbench.engine.classifier import Blueprint, Classifier, InputStatistics
from workbench.errors import WorkbenchError
from workbench.recipe.models import PythonClass, TeacherLayers
from workbench.recipe.section import whole_name
from workbench.wording import counted

Shapes = Mapping[str, Sequence[int]]
_TRIED = 2
_MOST_ROWS = 500


@dataclass(frozen=True)
class Settled:
    """A model that a file's tensors fit.

    Attributes:
        model: Without memory, but for a person's own class.
        found: Which tensor becomes which, by the names of the model's network.
    """

    model: Classifier
    found: Match


def settle(given: Shapes, wanted: Wanted, path: Path) -> Settled:
    """The model for these tensors.

    Args:
        given: Shapes by name, in the file's order.
        wanted: What recipe and data say.
        path: The file, for messages.

    Raises:
        ConsentNeededError: It is a Python class that nobody here has agreed to run.
        WorkbenchError: Something is not known, and the message says what to add; or the tensors do not fit.
    """
    section = wanted.architecture
    if section is None:
        return _settle_guess(given, wanted, path)
    if isinstance(section, TeacherLayers):
        raise WorkbenchError(
            f"{path}: a checkpoint is not made of layers of the teacher.", "Name the architecture of the checkpoint."
        )
    if isinstance(section, PythonClass):
        return _settle_python_class(section, given, wanted, path)
    return _settle_section(given, wanted, path)


def unknown(given: Shapes, path: Path) -> WorkbenchError:
    """The refusal of a file whose architecture nobody says; names what it could be."""
    family = family_of(given)
    words = f" Its names are those of {family.words}: {family.fix}" if family else ""
    return WorkbenchError(
        f"{path} holds {counted(len(given), 'tensor')} and does not say which model they belong to.{words}",
        "Add an architecture to the recipe: mlp, convnet, resnet, hugging_face_config with a config.json, or "
        "python_class with the file and class that made it.",
        table_of(given),
    )


def table_of(given: Shapes) -> str:
    """Names and shapes, a line each."""
    rows = [f"  {name}  {list(shape)}" for name, shape in islice(given.items(), _MOST_ROWS)]
    return "\n".join(rows + ([f"  and {len(given) - _MOST_ROWS:,} more"] if len(given) > _MOST_ROWS else []))


def _settle_guess(given: Shapes, wanted: Wanted, path: Path) -> Settled:
    guessed = guess(given)
    if guessed is None:
        raise unknown(given, path)
    shape = input_shape_of(wanted, path) if wanted.signature.input_shape or wanted.input_shape else guessed.input_shape
    shape = shape or ((guessed.reads,) if guessed.architecture.kind == "mlp" else ())
    if not shape:
        raise _no_input_shape(path)
    reads = math.prod(shape) if guessed.architecture.kind == "mlp" else shape[0]
    if reads != guessed.reads:
        what = "numbers" if guessed.architecture.kind == "mlp" else "channels"
        raise WorkbenchError(
            f"{path} reads inputs of {guessed.reads:,} {what} ({guessed.words}), but here an input has "
            f"{' × '.join(map(str, shape))}.",
            "Use data of the right size, or correct signature.input_shape.",
        )
    blueprint = _blueprint(guessed.architecture, shape, guessed.outputs, wanted, path)
    model = _on_meta(blueprint, path)
    sources = guessed.found.sources
    renamed = {ours: given[theirs] for ours, theirs in sources.items()}
    settled = _fitted(model, renamed, wanted, path)
    found = replace(
        guessed.found,
        sources={ours: sources[name] for ours, name in settled.found.sources.items()},
        anew=settled.found.anew,
    )
    return Settled(model, found)


def _settle_section(given: Shapes, wanted: Wanted, path: Path) -> Settled:
    # Late, since new students may start from teachers, which are checkpoints.
    from workbench.engine.students import Needs, start_of

    shape = input_shape_of(wanted, path)
    mean, std = normalisation(wanted, shape, path)
    statistics = InputStatistics(shape, mean, std, wanted.traits)
    assert wanted.architecture is not None, "it was asked for"
    classes = classes_of(wanted, _outputs(given), path)
    start = start_of(wanted.architecture, Needs(statistics, classes, wanted.folder))
    blueprint = start.blueprint.model_copy(update={"answers": wanted.signature.answers})
    return _fitted(_on_meta(blueprint, path), given, wanted, path)


def _settle_python_class(section: PythonClass, given: Shapes, wanted: Wanted, path: Path) -> Settled:
    shape = input_shape_of(wanted, path)
    section = whole_class(section, wanted.folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(wanted.seed)
        network = python_class(section, shape, 0)
    section = section.model_copy(update={"trust": digest_of(python_file(section))})
    outputs = _answers_of(network, shape, wanted, section.name)
    blueprint = _blueprint(section, shape, outputs, wanted, path)
    return _fitted(Classifier(blueprint, network), given, wanted, path)


def whole_class(section: PythonClass, folder: Path) -> PythonClass:
    """The same with the whole name of its file."""
    return section.model_copy(update={"file": str(whole_name(folder, section.file))}) if section.file else section


def _answers_of(network: nn.Module, shape: tuple[int, ...], wanted: Wanted, name: str) -> int:
    """How many answers a network gives, by two inputs of zeros."""
    kind = torch.int64 if wanted.traits.reads == "tokens" else torch.float32
    network.eval()
    try:
        with torch.no_grad():
            answers_BC = network(torch.zeros((_TRIED, *shape), dtype=kind))
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise WorkbenchError(
            f"{name} cannot read inputs of {' × '.join(map(str, shape))}: {reason[0]}",
            "Give the shape it reads as signature.input_shape, or data of that shape.",
        ) from None
    if not isinstance(answers_BC, Tensor) or answers_BC.ndim != 2 or len(answers_BC) != _TRIED:
        shown = f"the shape {list(answers_BC.shape)}" if isinstance(answers_BC, Tensor) else type(answers_BC).__name__
        raise WorkbenchError(
            f"{name} answers {_TRIED} inputs with {shown}, and one row of numbers for each is needed.",
            "Name a class, or write a small one around it, whose forward gives [batch, classes].",
        )
    return int(answers_BC.shape[1])


def _fitted(model: Classifier, given: Shapes, wanted: Wanted, path: Path) -> Settled:
    found = match(shapes_of(model.network), given, new_head=wanted.new_head)
    if found.rows:
        kind = model.blueprint.architecture.kind
        guessed = guess(given)
        hint = f"By its shapes it is: {guessed.words}." if guessed else "Correct the architecture in the recipe."
        title = f"{path}: {len(found.rows)} tensors do not fit the {kind} that the recipe describes."
        raise WorkbenchError(title, hint, "\n".join(found.rows))
    return Settled(model, found)


def _on_meta(blueprint: Blueprint, path: Path) -> Classifier:
    try:
        with torch.device("meta"):
            return Classifier(blueprint)
    except (RuntimeError, TypeError, OverflowError) as error:
        raise WorkbenchError(f"{path}: no model has these sizes: {str(error).splitlines()[0]}") from None


def shapes_of(network: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's tensors, in its order."""
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _blueprint(architecture: object, shape: tuple[int, ...], outputs: int, wanted: Wanted, path: Path) -> Blueprint:
    mean, std = normalisation(wanted, shape, path)
    try:
        return Blueprint(
            architecture=architecture,  # type: ignore[arg-type]
            input_shape=shape,
            classes=classes_of(wanted, outputs, path),
            mean=mean,
            std=std,
            traits=wanted.traits,
            answers=wanted.signature.answers,
        )
    except ValidationError:
        raise WorkbenchError(f"{path} gives {outputs} answer, and a classifier has at least 2 classes.") from None


def input_shape_of(wanted: Wanted, path: Path) -> tuple[int, ...]:
    """One input, by recipe or data. Raises WorkbenchError where neither says."""
    shape = wanted.signature.input_shape or wanted.input_shape
    if not shape:
        raise _no_input_shape(path)
    return shape


def _no_input_shape(path: Path) -> WorkbenchError:
    return WorkbenchError(
        f"{path} does not say what one input looks like.",
        "Add it to the recipe: signature.input_shape, such as [3, 224, 224].",
    )


def classes_of(wanted: Wanted, outputs: int | None, path: Path) -> tuple[str, ...]:
    """Names for the answers: the recipe's, else the data's where they are as many, else numbers.

    Raises:
        WorkbenchError: The recipe names another number of classes, or nothing says how many there are.
    """
    named = wanted.signature.classes
    if named and outputs is not None and len(named) != outputs and not wanted.new_head:
        raise WorkbenchError(
            f"{path} gives {counted(outputs, 'answer')}, but the recipe names "
            f"{counted(len(named), 'class', 'classes')}.",
            "Correct signature.classes: one name for each answer, in their order.",
        )
    classes = named or wanted.classes
    if not classes and outputs is None:
        raise WorkbenchError(f"{path} does not say how many classes it has.", "Add signature.classes to the recipe.")
    if named or outputs is None or len(classes) == outputs or (wanted.new_head and classes):
        return classes
    return tuple(map(str, range(outputs)))


def normalisation(wanted: Wanted, shape: tuple[int, ...], path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation, one a channel: the recipe's, one number for all of them, or inputs as they are.

    Raises:
        WorkbenchError: They are of another number than the channels.
    """
    if wanted.traits.reads == "tokens":
        return (), ()
    mean, std = wanted.signature.mean or (0.0,), wanted.signature.std or (1.0,)
    if len(mean) not in (1, shape[0]):
        raise WorkbenchError(
            f"{path}: {len(mean)} means are given for inputs of {shape[0]} channels.",
            "Give signature.mean and signature.std one number for all, or one for each channel.",
        )
    return (mean * shape[0], std * shape[0]) if len(mean) == 1 else (mean, std)


def _outputs(given: Shapes) -> int | None:
    """How many answers, by the last matrix of a built-in or usual head; None where there is none."""
    guessed = guess(given)
    if guessed is not None:
        return guessed.outputs
    matrices = [shape for name, shape in given.items() if len(shape) == 2 and name.endswith("weight")]
    return matrices[-1][0] if matrices else None
