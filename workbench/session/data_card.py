"""What a person should see of a data set before training on it: counts, samples as the model sees them, odd things."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.events import Finding
from workbench.recipe.data import Conversations, Data
from workbench.recipe.models import Student, Teacher
from workbench.session.conversation_card import ConversationCard, conversation_card
from workbench.session.file_prints import with_whole_names
from workbench.session.jobs import Job
from workbench.session.places import cache_folder
from workbench.session.reading import one_reader
from workbench.wording import counted

if TYPE_CHECKING:
    from workbench.engine.data import Dataset
    from workbench.engine.data.describing import DataDescription


@dataclass(frozen=True)
class ClassRow:
    """One class: how many examples train and judge it."""

    name: str
    training: int
    held_out: int


@dataclass(frozen=True, eq=False)
class Sample:
    """One training example as the model sees it; what it is not stays None or empty.

    Attributes:
        label: The name of its class; empty where it has none.
        caption: Where it lies: "training example 17".
        picture: Grey [height, width] or colour [height, width, 3]; also the log-mel picture of a sound.
        words: The text, as far as the model reads it.
        rows: Column and value of a row of a table, both for people: ("city", "Rome").
        wave: One frame of sound, float32 [samples].
    """

    label: str
    caption: str
    picture: NDArray[np.uint8] | None = None
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    wave: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class ColumnRow:
    """One column of a table, over the training rows.

    Attributes:
        name: As in the file.
        kind: "number", "category" or "constant".
        min: Smallest number; the most frequent value of a category.
        mean: Mean of the numbers; for a category how many values it has, in words: "3 values".
        max: Largest number; the rarest value of a category.
        missing: Share of rows whose value is none of the known categories, 0 for numbers.
    """

    name: str
    kind: str
    min: str
    mean: str
    max: str
    missing: float


@dataclass(frozen=True, eq=False)
class DataCard:
    """All of it in plain values.

    Attributes:
        title: What the data is, in words: "1,200 rows in 3 classes".
        input: One input in words: "3 × 64 × 64 pixels", "128 tokens", "11 columns", "1,024 samples at 16,000 Hz".
        training: Examples to train on.
        held_out: Examples to judge by.
        unlabelled: Training examples without a label.
        classes: In label order.
        imbalance: Most frequent class over rarest, in training; 1 where all are alike, None where one has no example.
        repeated: Training examples that only repeat an earlier one.
        overlap: Held-out examples that are in the training data too.
        samples: A few of every class, as the model sees them.
        columns: Of a table; empty for everything else.
        notes: What a person should know, in the words of preflight.
    """

    title: str
    input: str
    training: int
    held_out: int
    unlabelled: int
    classes: tuple[ClassRow, ...]
    imbalance: float | None
    repeated: int
    overlap: int
    samples: tuple[Sample, ...]
    columns: tuple[ColumnRow, ...]
    notes: tuple[Finding, ...]


def data_card(data: Data, folder: Path, reader: Teacher | Student | None, job: Job[Any]) -> DataCard | ConversationCard:
    """Read a data set as its models read it, and say what is in it; work for a job.

    Args:
        data: The recipe's section.
        folder: What file names count from.
        reader: The model whose wishes the data follows; None where nothing is chosen yet.
        job: Told how far it is; ends the work when it is no longer wanted.

    Raises:
        WorkbenchError: The data cannot be used.
    """
    if isinstance(data, Conversations):
        return conversation_card(data, folder, job)
    from workbench.engine.data.describing import describe
    from workbench.engine.pairing import look_at_data

    def pulse(words: str) -> None:
        job.say(f"{words}…")

    dataset = _read(data, folder, reader, pulse)
    described = describe(dataset, seed=data.seed, pulse=pulse)
    pulse("Choosing samples")
    samples = _samples(dataset, described, pulse)
    pulse("Looking for what is odd")
    # Other axes on both sides, or labels beyond the classes, are said here and refused by preflight.
    notes = (*look_at_data(dataset), *described.notes)
    found = described.duplicates
    total = described.training + described.held_out
    return DataCard(
        title=f"{total:,} {described.what} in {counted(len(described.classes), 'class', 'classes')}",
        input=described.input,
        training=described.training,
        held_out=described.held_out,
        unlabelled=described.unlabelled,
        classes=tuple(ClassRow(*row) for row in described.classes),
        imbalance=described.imbalance,
        repeated=found.repeated,
        overlap=found.overlap,
        samples=samples,
        columns=tuple(
            ColumnRow(facts.name, facts.kind, facts.low, facts.middle, facts.high, facts.unknown)
            for facts in described.columns
        ),
        notes=notes,
    )


def _read(data: Data, folder: Path, reader: Teacher | Student | None, pulse: Callable[[str], None]) -> "Dataset":
    from workbench.engine.data import read_data
    from workbench.engine.loading import wishes_of

    with one_reader(pulse):
        wishes = wishes_of(reader if data.follows_models else None, folder, cache_folder(), pulse)
        return read_data(with_whole_names(data, folder), Path(), wishes)


def _samples(dataset: "Dataset", described: "DataDescription", pulse: Callable[[str], None]) -> tuple[Sample, ...]:
    from workbench.engine.data.describing import Shower

    training, shower, samples = dataset.training, Shower(dataset.training), []
    for place in described.places:
        pulse("Choosing samples")
        label, shown = int(training.labels_N[place]), shower.shown(place)
        name = training.classes[label] if 0 <= label < len(training.classes) else ""
        caption = f"training example {place:,}"
        samples.append(Sample(name, caption, shown.picture, shown.words, shown.rows, shown.wave))
    return tuple(samples)
