"""The facts for a data card: counts, repeats, columns, and single examples as the model sees them, in plain values.

N examples, X any input axes, C channels, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.data.columns import Column, columns_of
from workbench.engine.data.duplicates import Duplicates, duplicates
from workbench.engine.data.examples import Dataset, Examples
from workbench.engine.data.tokenizing import TextTokenizer
from workbench.engine.objectives import UNLABELLED
from workbench.engine.seeding import generator
from workbench.events import Finding

_MOST_SAMPLES = 48
_LOOKED_AT = 4096
_SIDE = 160
_BRIGHTEST = 255


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a table, over the training rows.

    Attributes:
        name: As in the file.
        kind: "number", "category" or "constant".
        low: Smallest number; of a category the most frequent value.
        middle: Mean of the numbers; of a category how many values there are, in words.
        high: Largest number; of a category the rarest value.
        unknown: Share of rows whose category is none of the known ones; 0 for numbers.
    """

    name: str
    kind: str
    low: str
    middle: str
    high: str
    unknown: float


@dataclass(frozen=True)
class DataDescription:
    """What a data set holds.

    Attributes:
        what: What one example is, in the plural: "pictures", "texts", "rows", "sounds" or "examples".
        input: One input in words, such as "3 × 64 × 64 pixels".
        training: Examples to train on.
        held_out: Examples to judge by.
        unlabelled: Training examples without a label.
        classes: Name, training count and held-out count of each, in label order.
        imbalance: Most frequent class over rarest, in training; None where one has no example.
        duplicates: Examples that are there twice.
        places: Training examples to show, a few of every class.
        columns: Of a table; empty for everything else.
        notes: What a person should know.
    """

    what: str
    input: str
    training: int
    held_out: int
    unlabelled: int
    classes: tuple[tuple[str, int, int], ...]
    imbalance: float | None
    duplicates: Duplicates
    places: tuple[int, ...]
    columns: tuple[ColumnFacts, ...]
    notes: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """One example as the model sees it; what it is not stays None or empty.

    Attributes:
        picture: Grey [H, W] or colour [H, W, 3], large ones made smaller.
        words: The text as far as it is read.
        rows: Column and value, one-hot ones folded back.
        wave: Float32 samples.
    """

    picture: NDArray[np.uint8] | None = None
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    wave: NDArray[np.float32] | None = None


def describe(
    dataset: Dataset, per_class: int = 4, seed: int = 0, pulse: Callable[[str], None] = lambda _: None
) -> DataDescription:
    """Count and compare.

    Args:
        dataset: Both sides.
        per_class: How many examples of a class to show; fewer where there are many classes.
        seed: Of their choice.
        pulse: Hears how far it is; what it raises ends the work.
    """
    training, validation = dataset.training, dataset.validation
    counts, held_out = _counts(training), _counts(validation)
    rows = tuple(zip(training.classes, counts, held_out, strict=True))
    found = duplicates(dataset, pulse)
    pulse("Looking at the values")
    return DataDescription(
        what=_what(training),
        input=input_in_words(training),
        training=len(training),
        held_out=len(validation),
        unlabelled=int((training.labels_N == UNLABELLED).sum()),
        classes=rows,
        imbalance=max(counts) / min(counts) if min(counts, default=0) else None,
        duplicates=found,
        places=_places(training, per_class, seed),
        columns=tuple(_columns(training)),
        notes=(*_contradictions(found), *_values(training)),
    )


class Shower:
    """Shows single examples; a tokenizer is read once for all of them."""

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        traits = examples.traits
        self._columns = columns_of(traits.columns)
        self._tokenizer = TextTokenizer(traits.tokenizer, traits.pad, "The data") if traits.tokenizer else None

    def shown(self, place: int) -> Shown:
        """The example at this place."""
        input_X = self._examples.inputs_NX[place]
        if self._examples.traits.reads == "tokens":
            tokens = input_X.tolist()
            return Shown(words=self._tokenizer.words(tokens) if self._tokenizer else " ".join(map(str, tokens)))
        if input_X.ndim == 3:
            return Shown(picture=_picture(input_X, is_sound=bool(self._examples.traits.rate)))
        values = input_X.float().flatten().numpy()
        if self._examples.traits.rate:
            return Shown(wave=values)
        return Shown(rows=_folded(values, self._columns) if self._columns else _numbered(values))


def input_in_words(examples: Examples) -> str:
    """One input: "3 × 64 × 64 pixels", "128 tokens", "11 columns", "1,024 samples at 16,000 Hz"."""
    shape, traits = tuple(examples.inputs_NX.shape[1:]), examples.traits
    axes = " × ".join(f"{size:,}" for size in shape)
    if traits.reads == "tokens":
        return f"{axes} tokens"
    if traits.rate:
        bands = f"{shape[-2]:,} mel bands × {shape[-1]:,} frames" if len(shape) > 1 else f"{axes} samples"
        return f"{bands} at {traits.rate:,} Hz"
    if traits.columns:
        count = len(columns_of(traits.columns))
        features = f" as {len(traits.columns):,} numbers" if len(traits.columns) > count else ""
        return f"{count:,} columns{features}"
    if len(shape) == 3:
        return f"{axes} pixels"
    return f"{axes} {'features' if len(shape) == 1 else 'values'}"


def _what(examples: Examples) -> str:
    traits = examples.traits
    if traits.reads == "tokens":
        return "texts"
    if traits.rate:
        return "frames of sound"
    if traits.columns:
        return "rows"
    return "pictures" if examples.inputs_NX.ndim == 4 else "examples"


def _counts(examples: Examples) -> list[int]:
    labels_N = examples.labels_N[examples.labels_N != UNLABELLED]
    counts: list[int] = torch.bincount(labels_N, minlength=len(examples.classes)).tolist()
    return counts


def _places(examples: Examples, per_class: int, seed: int) -> tuple[int, ...]:
    """A few of every class, and of those without a label; of many classes, one each as far as there is room."""
    order_N = torch.randperm(len(examples), generator=generator("cpu", seed, "samples"))
    shuffled_N = examples.labels_N[order_N]
    groups = [label for label in range(len(examples.classes)) if bool((shuffled_N == label).any())]
    groups += [UNLABELLED] if bool((shuffled_N == UNLABELLED).any()) else []
    groups = groups[:_MOST_SAMPLES]
    each = max(min(per_class, _MOST_SAMPLES // max(len(groups), 1)), 1)
    return tuple(place for label in groups for place in order_N[shuffled_N == label][:each].tolist())


def _contradictions(found: Duplicates) -> list[Finding]:
    if not found.contradicting:
        return []
    title = f"{found.contradicting:,} training examples are the same as another one but have a different label."
    return [Finding(level="warning", title=title, fix="One of the two labels is wrong, or the inputs say too little.")]


def _values(examples: Examples) -> list[Finding]:
    """Where the numbers lie, of so many examples as are looked at quickly."""
    if examples.traits.reads == "tokens" or examples.traits.columns:
        return []
    step = max(len(examples) // _LOOKED_AT, 1)
    values_NF = examples.inputs_NX[::step][:_LOOKED_AT].flatten(1)
    low_F, high_F = values_NF.amin(0), values_NF.amax(0)
    same = int((low_F == high_F).sum())
    words = f"Values run from {float(low_F.min()):.4g} to {float(high_F.max()):.4g}"
    words += f", {float(values_NF.float().mean()):.4g} on average"
    constant = f"; {same:,} of {values_NF.shape[1]:,} never change" if same else ""
    return [Finding(level="ok", title=f"{words}{constant}.")]


# -- tables


def _columns(examples: Examples) -> list[ColumnFacts]:
    found, place = [], 0
    for column in columns_of(examples.traits.columns):
        width = len(column.features)
        found.append(_column(column, examples.inputs_NX[:, place : place + width].float()))
        place += width
    return found


def _column(column: Column, values_NF: Tensor) -> ColumnFacts:
    if column.categories is None:
        low, high = float(values_NF.min()), float(values_NF.max())
        mean = float(values_NF.double().mean())
        return ColumnFacts(
            column.name, "constant" if low == high else "number", _short(low), _short(mean), _short(high), 0
        )
    counts = values_NF.sum(0).tolist()
    by_count = sorted(range(len(counts)), key=lambda place: -counts[place])
    kind = "constant" if len(counts) == 1 else "category"
    words = f"{len(counts):,} value{'s' if len(counts) > 1 else ''}"
    unknown = 1 - sum(counts) / len(values_NF)
    return ColumnFacts(
        column.name, kind, column.categories[by_count[0]], words, column.categories[by_count[-1]], unknown
    )


def _folded(values_F: NDArray[np.float32], columns: tuple[Column, ...]) -> tuple[tuple[str, str], ...]:
    rows, place = [], 0
    for column in columns:
        width = len(column.features)
        part = values_F[place : place + width]
        if column.categories is None:
            rows.append((column.name, _short(float(part[0]))))
        else:
            rows.append((column.name, column.categories[int(part.argmax())] if part.any() else "unknown"))
        place += width
    return tuple(rows)


def _numbered(values_F: NDArray[np.float32]) -> tuple[tuple[str, str], ...]:
    return tuple((str(place), _short(float(value))) for place, value in enumerate(values_F[:_SIDE]))


def _short(value: float) -> str:
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e6 else f"{value:.4g}"


# -- pictures


def _picture(input_CHW: Tensor, *, is_sound: bool) -> NDArray[np.uint8]:
    """As bytes; of other than three channels the first, of sounds the low bands below."""
    shown_CHW = input_CHW if len(input_CHW) == 3 else input_CHW[:1]
    step = -(-max(shown_CHW.shape[1:]) // _SIDE)
    if shown_CHW.dtype != torch.uint8:
        shown_CHW = _stretched(shown_CHW.float())
    if step > 1:
        shown_CHW = torch.nn.functional.avg_pool2d(shown_CHW.float()[None], step, ceil_mode=True)[0]
    pixels: NDArray[np.uint8] = shown_CHW.float().round().to(torch.uint8).permute(1, 2, 0).numpy()
    if is_sound:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])


def _stretched(values: Tensor) -> Tensor:
    """Floats as brightness: 0 to 1 as they are, anything else from its least to its largest value."""
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        values = (values - low) / max(high - low, 1e-12)
    return values * _BRIGHTEST
