"""What programs have in common as teachers: how inputs are made to fit them, and what their answers mean.

B examples in a batch, C classes, X any input axes.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from workbench.engine.architectures.frozen_program import FrozenProgram, Intake, Layout, ProgramNetwork
from workbench.engine.checkpoints.checkpoint_format import Wanted
from workbench.engine.classifier import Blueprint, Classifier
from workbench.errors import WorkbenchError
from workbench.events import Finding

_CHANNELS = (1, 3, 4)
_WHOLE = (torch.int32, torch.int64)
TRIAL = 2
_NEAR = 1e-3


@dataclass(frozen=True)
class Program:
    """What is known of a program before it answers.

    Attributes:
        path: Its file.
        format: Such as "ONNX".
        digest: Of all its files.
        parameters: How many numbers it holds.
        shape: One input as it takes it, None for an axis of any length; None where it does not say.
        dtype: Of its input.
        least: The fewest inputs in one call.
        most: The most inputs in one call; None where any number is taken.
        classes: Names in the order of its answers; empty where it does not say.
        answers: What it gives, as far as it says.
        output: Which output holds the answer.
        normalises: Whether it normalises for itself.
    """

    path: Path
    format: str
    digest: str
    parameters: int
    shape: tuple[int | None, ...] | None = None
    dtype: torch.dtype = torch.float32
    least: int = 1
    most: int | None = None
    classes: tuple[str, ...] = ()
    answers: Literal["logits", "probabilities", "sigmoids"] = "logits"
    output: str = ""
    normalises: bool = False

    @property
    def card_shape(self) -> tuple[int, ...]:
        """One input with its channels first; empty where the program leaves an axis open."""
        shape = tuple(size for size in self.shape or () if size is not None)
        if len(shape) != len(self.shape or ()):
            return ()
        if len(shape) == 3 and shape[2] in _CHANNELS and shape[0] not in _CHANNELS:
            return (shape[2], shape[0], shape[1])
        return shape

    @property
    def reads_tokens(self) -> bool:
        """Whether it takes rows of whole numbers."""
        return self.dtype in _WHOLE and (self.shape is None or len(self.shape) == 1)


def refuse_student(program: str, path: Path, wanted: Wanted) -> None:
    """A program cannot go on training. Raises WorkbenchError where a student is wanted."""
    if wanted.new_head:
        raise WorkbenchError(
            f"{path} is {program}: it answers, but it cannot be trained, so it is no student.",
            "Use it as a teacher, and give the student an architecture or a checkpoint of weights.",
        )


def program_failed(path: Path, error: Exception) -> WorkbenchError:
    """What to say where PyTorch cannot load a program that a person has agreed to."""
    if isinstance(error, WorkbenchError):
        return error
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return WorkbenchError(
        f"PyTorch {torch.__version__} cannot load {path}: {type(error).__name__}: {reason}",
        "It may be broken, or made by another version of PyTorch; export it again with this one, or to ONNX.",
        str(error),
    )


def notes_of(program: Program, wanted: Wanted) -> Iterator[Finding]:
    """What a person should know of any program before it is used."""
    level: Literal["ok", "refusal"] = "refusal" if wanted.new_head else "ok"
    title = "It is a program: it answers as it is and cannot be trained. It can be a teacher, not a student."
    yield Finding(level=level, title=title, fix="" if level == "ok" else "Give the student an architecture instead.")
    if program.answers != "logits" and wanted.signature.answers == "logits":
        title = f"Its answers are {program.answers}; they are turned back into logits."
        yield Finding(level="ok", title=title, fix="")
    if program.most is not None:
        title = f"It takes at most {program.most} inputs at once, so it is asked {program.most} by {program.most}."
        yield Finding(level="ok", title=title, fix="")
    if not (program.classes or wanted.signature.classes):
        title = "Its classes have no names."
        fix = "They are taken to be those of the data, in their order; else list them in signature.classes."
        yield Finding(level="warning", title=title, fix=fix)
    if _is_unsaid(program, wanted):
        title = "Nothing says how its pixels are normalised: they go in from 0 to 1."
        fix = "If it was trained otherwise, give signature.mean and std, one a channel."
        yield Finding(level="warning", title=title, fix=fix)


def _is_unsaid(program: Program, wanted: Wanted) -> bool:
    pictures = program.shape is None or len(program.shape) == 3
    return pictures and program.dtype.is_floating_point and not (program.normalises or wanted.signature.std)


def classifier_of(program: Program, wanted: Wanted, ask: Callable[[Tensor], Tensor]) -> Classifier:
    """A program as a model like any other; it is asked once, to see what it answers.

    Args:
        program: What is known of it.
        wanted: What the recipe and the data say besides.
        ask: Gives its answers for a batch on the CPU.

    Raises:
        WorkbenchError: It does not answer as a classifier does.
    """
    input_shape, layout, shape = fitted_shape(program, wanted)
    tokens = reads_tokens(program, wanted)
    dtype = torch.int64 if tokens and program.shape is None else program.dtype
    intake = Intake(shape, dtype, layout, program.least, program.most)
    name = str(program.path)
    trial_BC, intake = _trial(ask, intake, input_shape, program)
    said = wanted.signature.answers if wanted.signature.answers != "logits" else program.answers
    classes = _class_names(program, wanted, trial_BC.shape[1])
    mean, std = ((), ()) if tokens else _normalisation(wanted, input_shape, name)
    blueprint = Blueprint(
        architecture=FrozenProgram(
            format=program.format, digest=program.digest, output=program.output, normalises=program.normalises
        ),
        input_shape=input_shape,
        classes=classes,
        mean=mean,
        std=std,
        # A program without tokens cannot read texts: preflight has the words for it.
        traits=wanted.traits.model_copy(update={"reads": "tokens" if tokens else "values"}),
        answers="probabilities" if said == "logits" and _are_probabilities(trial_BC) else said,
    )
    return Classifier(blueprint, ProgramNetwork(ask, intake, program.parameters, name)).eval()


def reads_tokens(program: Program, wanted: Wanted) -> bool:
    """Whether a program gets rows of tokens.

    A program that does not say what it takes gets what the data is; one that takes whole numbers may get either.
    """
    if program.shape is not None and not program.reads_tokens:
        return False
    return wanted.traits.reads == "tokens" if wanted.input_shape else program.reads_tokens


def fitted_shape(program: Program, wanted: Wanted) -> tuple[tuple[int, ...], Layout, tuple[int, ...]]:
    """One input as the data has it, how it becomes one of the program, and that.

    Raises:
        WorkbenchError: Nothing says how large an open axis is.
    """
    data, taken = wanted.signature.input_shape or wanted.input_shape, program.shape
    if taken is None and not data:
        raise WorkbenchError(f"Nothing says what {program.path} reads.", "Give signature.input_shape.")
    if taken is None or (data and _agrees(taken, data)):
        return data, "as it is", data
    if data and len(data) == 3:
        last = (data[1], data[2], data[0])
        if _agrees(taken, last):
            return data, "channels last", last
    # One row of all its values, or a picture without the axis of its only channel.
    for flat in ((math.prod(data),), data[1:] if data[:1] == (1,) else ()):
        if data and flat and _agrees(taken, flat):
            return data, "reshaped", flat
    whole = program.card_shape
    if not whole:
        axes = " × ".join("?" if size is None else str(size) for size in taken)
        given = " × ".join(map(str, data)) or "nothing"
        raise WorkbenchError(
            f"{program.path} reads inputs of {axes}, and the data has {given}.", "Use data of that shape."
        )
    swapped = whole != taken
    return whole, "channels last" if swapped else "as it is", (whole[1:] + whole[:1]) if swapped else whole


def _agrees(taken: tuple[int | None, ...], given: tuple[int, ...]) -> bool:
    return len(taken) == len(given) and all(a is None or a == b for a, b in zip(taken, given, strict=True))


def _trial(
    ask: Callable[[Tensor], Tensor], intake: Intake, input_shape: tuple[int, ...], program: Program
) -> tuple[Tensor, Intake]:
    """The program's answers to some numbers, and how it takes its batches: one that was traced may not say it."""
    generator = torch.Generator().manual_seed(0)
    inputs_BX = torch.rand((TRIAL, *input_shape), generator=generator)
    if program.reads_tokens or intake.dtype in _WHOLE:
        inputs_BX = torch.zeros((TRIAL, *input_shape), dtype=torch.int64)
    network = ProgramNetwork(ask, intake, 0, str(program.path))
    with torch.random.fork_rng(devices=[]):
        try:
            answers_BC = network(inputs_BX)
        except WorkbenchError:
            if program.shape is not None:
                raise
            intake = replace(intake, least=1, most=1)
            network = ProgramNetwork(ask, intake, 0, str(program.path))
            answers_BC = network(inputs_BX)
        again_BC = network(inputs_BX)
    if answers_BC.shape[1] < 2:
        raise WorkbenchError(
            f"{program.path} gives {answers_BC.shape[1]} number for each input, which tells no classes apart.",
            "Name another output in signature.output, if it has several.",
        )
    if not answers_BC.is_floating_point() or answers_BC.isnan().any():
        raise WorkbenchError(
            f"{program.path} answers with {answers_BC.dtype} or with NaN; no logits are like that.",
            "Name another output in signature.output, if it has several.",
        )
    if not torch.equal(answers_BC, again_BC):
        raise WorkbenchError(
            f"{program.path} gives another answer each time it is asked: it was exported as in training.",
            "Export it again after model.eval().",
        )
    return answers_BC.float(), intake


def _are_probabilities(answers_BC: Tensor) -> bool:
    in_range = bool((answers_BC >= 0).all()) and bool((answers_BC <= 1).all())
    return in_range and bool(((answers_BC.sum(1) - 1).abs() < _NEAR).all())


def _class_names(program: Program, wanted: Wanted, count: int) -> tuple[str, ...]:
    given = wanted.signature.classes
    if given and len(given) != count:
        raise WorkbenchError(f"{program.path} has {count} classes, and signature.classes names {len(given)}.")
    named = given or program.classes
    if len(named) == count:
        return named
    return wanted.classes if len(wanted.classes) == count else tuple(map(str, range(count)))


def _normalisation(
    wanted: Wanted, input_shape: tuple[int, ...], name: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    mean, std, channels = wanted.signature.mean, wanted.signature.std, input_shape[0]
    if std and len(std) not in (1, channels):
        raise WorkbenchError(
            f"{name} reads {channels} channels, and signature.mean and std have {len(std)} numbers.",
            "Give one a channel.",
        )
    repeated = channels if len(std) == 1 else 1
    return (mean * repeated, std * repeated) if std else ((0.0,) * channels, (1.0,) * channels)
