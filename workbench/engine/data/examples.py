"""Labelled or unlabelled examples in memory, as they were on disk: nothing normalised, nothing lost.

N examples, X any input axes.
"""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from workbench.engine.objectives import UNLABELLED
from workbench.engine.seeding import generator
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Finding


@dataclass(frozen=True)
class Examples:
    """A set of examples.

    Attributes:
        inputs_NX: uint8 pixels [N, channels, height, width], float32 [N, features] or [N, C, H, W], or int32 tokens
            [N, length]; it may lie on disk, mapped into memory.
        labels_N: int64, `UNLABELLED` where there is none.
        classes: Class names in label order.
        traits: What the inputs are.
        notes: What a person should know of them, such as files that were left out.
        digest: SHA-256 of the inputs where it is known without reading them all; else empty.
    """

    inputs_NX: Tensor
    labels_N: Tensor
    classes: tuple[str, ...]
    traits: Traits = field(default_factory=Traits)
    notes: tuple[Finding, ...] = ()
    digest: str = ""

    def __len__(self) -> int:
        return self.inputs_NX.shape[0]

    def take(self, positions: Tensor) -> "Examples":
        """The examples at these positions, in this order."""
        return Examples(self.inputs_NX[positions], self.labels_N[positions], self.classes, self.traits, self.notes)


@dataclass(frozen=True)
class Dataset:
    """The transfer set, and what is held out to judge by."""

    training: Examples
    validation: Examples


def as_examples(
    inputs_NX: Tensor,
    labels_N: Tensor | None,
    classes: tuple[str, ...],
    name: str,
    *,
    traits: Traits | None = None,
    notes: tuple[Finding, ...] = (),
) -> Examples:
    """Examples from raw arrays, refused where they cannot be used.

    Args:
        inputs_NX: uint8 or floating, or tokens; a picture without a channel axis gets one.
        labels_N: Whole numbers from 0, or None for unlabelled data.
        classes: Names, or () to number them.
        name: The file, for messages.
        traits: What the inputs are; values where nothing is said.
        notes: What a person should know of them.

    Raises:
        WorkbenchError: Empty, of different lengths, not finite, or labels outside the classes.
    """
    count = inputs_NX.shape[0] if inputs_NX.ndim else 0
    if inputs_NX.ndim < 2 or count == 0 or inputs_NX[0].numel() == 0:
        raise WorkbenchError(f"{name}: there are no examples in an array of the shape {tuple(inputs_NX.shape)}.")
    if inputs_NX.ndim == 3:
        inputs_NX = inputs_NX.unsqueeze(1)
    traits = traits or Traits()
    if inputs_NX.dtype != torch.uint8 and traits.reads != "tokens":
        inputs_NX = _finite_floats(inputs_NX, name)
    if labels_N is None:
        labels_N = torch.full((count,), UNLABELLED)
    if tuple(labels_N.shape) != (count,):
        raise WorkbenchError(f"{name}: {count} inputs but labels of the shape {tuple(labels_N.shape)}.")
    labels_N = labels_N.to(torch.int64)
    return Examples(inputs_NX.contiguous(), labels_N, _named(labels_N, classes, name), traits, notes)


def as_dataset(
    training: Examples, validation: Examples | None, fraction: float, seed: int, groups_N: Tensor | None = None
) -> Dataset:
    """What is given to judge by, or else a share held out; both sides name the same classes.

    Args:
        training: To learn from.
        validation: To judge by; None splits the others.
        fraction: Share that a split holds out.
        seed: Of the split.
        groups_N: As for `split`.

    Raises:
        WorkbenchError: As `split`.
    """
    if validation is None:
        return split(training, fraction, seed, groups_N)
    classes = max(training.classes, validation.classes, key=len)
    return Dataset(replace(training, classes=classes), replace(validation, classes=classes))


def split(examples: Examples, fraction: float, seed: int, groups_N: Tensor | None = None) -> Dataset:
    """Hold out a share of every class alike; unlabelled examples cannot judge and stay in the transfer set.

    Args:
        examples: To be split.
        fraction: Share that is held out.
        seed: Of the choice.
        groups_N: A number from 0 for each example, such as that of its file; those of one group stay on one side.
            Groups are few, so of every class that has two at least one is held out.

    Raises:
        WorkbenchError: Too few examples to leave some on both sides.
    """
    held_out_N = held_out_places(examples.labels_N, fraction, seed, groups_N)
    places = torch.arange(len(examples))
    return Dataset(examples.take(places[~held_out_N]), examples.take(places[held_out_N]))


def held_out_places(labels_N: Tensor, fraction: float, seed: int, groups_N: Tensor | None = None) -> Tensor:
    """Which examples `split` holds out, bool [N]. Raises WorkbenchError, as it does."""
    units, unit_labels, least = len(labels_N), labels_N, 0
    if groups_N is not None:
        units, least = int(groups_N.max()) + 1, 1
        unit_labels = torch.full((units,), UNLABELLED).scatter_(0, groups_N, labels_N)
    order = torch.randperm(units, generator=generator("cpu", seed, "split"))
    held_out = torch.zeros(units, dtype=torch.bool)
    labels = [label for label in torch.unique(unit_labels).tolist() if label != UNLABELLED]
    # Where nothing is labelled, preflight has the words for it.
    for label in labels or [UNLABELLED]:
        members = order[unit_labels[order] == label]
        held_out[members[: max(round(len(members) * fraction), min(least, len(members) - 1))]] = True
    count = int(held_out.sum())
    if not 0 < count < units:
        words = "examples" if groups_N is None else "files"
        raise WorkbenchError(
            f"{units} {words} cannot be split with {fraction:g} held out: {count} would be.",
            "Give more data, another validation_fraction, or validation files.",
        )
    return held_out if groups_N is None else held_out[groups_N]


def _finite_floats(inputs_NX: Tensor, name: str) -> Tensor:
    if inputs_NX.dtype.is_complex:
        raise WorkbenchError(f"{name}: inputs are complex numbers; models here take real ones.")
    inputs_NX = inputs_NX.to(torch.float32)
    bad = (~torch.isfinite(inputs_NX)).flatten(1).any(1)
    if bad.any():
        first = int(bad.nonzero()[0])
        raise WorkbenchError(
            f"{name}: {int(bad.sum())} of {len(bad)} examples hold NaN or infinity, the first is number {first}.",
            "Clean or drop these examples.",
        )
    return inputs_NX


def _named(labels_N: Tensor, classes: tuple[str, ...], name: str) -> tuple[str, ...]:
    labelled = labels_N[labels_N != UNLABELLED]
    low, high = (int(labelled.min()), int(labelled.max())) if len(labelled) else (0, -1)
    if low < 0 or (classes and high >= len(classes)):
        raise WorkbenchError(
            f"{name}: labels run from {low} to {high}, but {len(classes) or 'the'} classes are numbered from 0."
            if classes
            else f"{name}: labels run from {low} to {high}; they must be whole numbers from 0.",
            "List every class name in `classes`, in label order.",
        )
    if high >= 1_000_000:
        raise WorkbenchError(f"{name}: a label of {high} would mean more than a million classes.")
    return classes or tuple(str(label) for label in range(high + 1))
