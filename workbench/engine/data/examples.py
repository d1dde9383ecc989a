"""Labelled or unlabelled examples in memory, as they were on disk: nothing normalised, nothing lost.

N examples, X any input axes.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from workbench.engine.objectives import UNLABELLED
from workbench.engine.seeding import generator
from workbench.errors import WorkbenchError


@dataclass(frozen=True)
class Examples:
    """A set of examples.

    Attributes:
        inputs_NX: uint8 pixels [N, channels, height, width], or float32 [N, features] or [N, C, H, W].
        labels_N: int64, `UNLABELLED` where there is none.
        classes: Class names in label order.
    """

    inputs_NX: Tensor
    labels_N: Tensor
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return self.inputs_NX.shape[0]

    def take(self, positions: Tensor) -> "Examples":
        """The examples at these positions, in this order."""
        return Examples(self.inputs_NX[positions], self.labels_N[positions], self.classes)


@dataclass(frozen=True)
class Dataset:
    """The transfer set, and what is held out to judge by."""

    training: Examples
    validation: Examples


def as_examples(inputs_NX: Tensor, labels_N: Tensor | None, classes: tuple[str, ...], name: str) -> Examples:
    """Examples from raw arrays, refused where they cannot be used.

    Args:
        inputs_NX: uint8 or floating; a picture without a channel axis gets one.
        labels_N: Whole numbers from 0, or None for unlabelled data.
        classes: Names, or () to number them.
        name: The file, for messages.

    Raises:
        WorkbenchError: Empty, of different lengths, not finite, or labels outside the classes.
    """
    count = inputs_NX.shape[0] if inputs_NX.ndim else 0
    if inputs_NX.ndim < 2 or count == 0 or inputs_NX[0].numel() == 0:
        raise WorkbenchError(f"{name}: there are no examples in an array of the shape {tuple(inputs_NX.shape)}.")
    if inputs_NX.ndim == 3:
        inputs_NX = inputs_NX.unsqueeze(1)
    if inputs_NX.dtype != torch.uint8:
        inputs_NX = _finite_floats(inputs_NX, name)
    if labels_N is None:
        labels_N = torch.full((count,), UNLABELLED)
    if tuple(labels_N.shape) != (count,):
        raise WorkbenchError(f"{name}: {count} inputs but labels of the shape {tuple(labels_N.shape)}.")
    labels_N = labels_N.to(torch.int64)
    return Examples(inputs_NX.contiguous(), labels_N, _named(labels_N, classes, name))


def as_dataset(training: Examples, validation: Examples | None, fraction: float, seed: int) -> Dataset:
    """What is given to judge by, or else a share held out; both sides name the same classes.

    Raises:
        WorkbenchError: As `split`.
    """
    if validation is None:
        return split(training, fraction, seed)
    classes = max(training.classes, validation.classes, key=len)
    return Dataset(replace(training, classes=classes), replace(validation, classes=classes))


def split(examples: Examples, fraction: float, seed: int) -> Dataset:
    """Hold out a share of every class alike; unlabelled examples cannot judge and stay in the transfer set.

    Raises:
        WorkbenchError: Too few examples to leave some on both sides.
    """
    order = torch.randperm(len(examples), generator=generator("cpu", seed, "split"))
    held_out = torch.zeros(len(examples), dtype=torch.bool)
    labels = [label for label in torch.unique(examples.labels_N).tolist() if label != UNLABELLED]
    # Where nothing is labelled, preflight has the words for it.
    for label in labels or [UNLABELLED]:
        members = order[examples.labels_N[order] == label]
        held_out[members[: round(len(members) * fraction)]] = True
    count = int(held_out.sum())
    if not 0 < count < len(examples):
        raise WorkbenchError(
            f"{len(examples)} examples cannot be split with {fraction:g} held out: {count} would be.",
            "Give more data, another validation_fraction, or validation files.",
        )
    places = torch.arange(len(examples))
    return Dataset(examples.take(places[~held_out]), examples.take(places[held_out]))


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
