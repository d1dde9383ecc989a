"""Held-out examples for showing: pictures, labels and class names; and what the models of a run say of any of them."""

import itertools
import os
import threading
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.events import Probed
from workbench.recipe import Recipe
from workbench.recipe.data import ImageFolder
from workbench.recipe.section import file_locations, whole_name
from workbench.session.places import cache_folder
from workbench.session.respondents import blueprint_of, kept_student
from workbench.session.run_folder import RunFolder
from workbench.session.text_fitting import TextReader

if TYPE_CHECKING:
    from workbench.engine.classifier import Classifier
    from workbench.engine.data import Dataset, Examples


@dataclass(frozen=True, eq=False)
class HeldOutExamples:
    """The examples a run is judged by, as they were on disk.

    Attributes:
        inputs: uint8 pixels [N, channels, height, width], float32 [N, features] or [N, C, H, W], or tokens [N, length].
        labels: The true classes.
        classes: Names in label order.
        reader: Makes tokens of texts and texts of tokens; None where examples are no texts.
        columns: What each feature of a table is called; empty for everything else.
    """

    inputs: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    reader: TextReader | None = None
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, place: int) -> NDArray[np.uint8] | None:
        """An example as grey [height, width] or colour [height, width, 3]; None where it is no picture."""
        example = self.inputs[place]
        if example.ndim != 3:
            return None
        if example.dtype != np.uint8:
            example = _as_bytes(example)
        # Anything but red, green and blue is shown by its first channel.
        shown = example.transpose(1, 2, 0) if len(example) == 3 else example[0]
        return np.ascontiguousarray(shown)

    def text(self, place: int) -> str | None:
        """An example as the text that the model reads; None where it is none."""
        return None if self.reader is None else self.reader.words(self.inputs[place])

    def row(self, place: int) -> dict[str, str]:
        """A row of a table, the value of each column by its name; empty where examples are no rows."""
        values: dict[str, str] = {}
        for feature, number in zip(self.columns, self.features(place).tolist(), strict=bool(self.columns)):
            column, equals, category = feature.partition("=")
            if not equals:
                values[column] = f"{number:.6g}"
            elif number:
                values[column] = category
            else:
                # A category that training has never seen is none of those known.
                values.setdefault(column, "–")
        return values

    def features(self, place: int) -> NDArray[np.float32]:
        """An example's numbers in one row."""
        return np.asarray(self.inputs[place], np.float32).ravel()

    def of_class(self, label: int, most: int) -> tuple[int, ...]:
        """The first examples of a class."""
        return tuple(int(place) for place in np.flatnonzero(self.labels == label)[:most])


_MOST_LOOKED_AT = 2000

# Panels show the same run: what one has read, the other need not read again.
_lock = threading.Lock()
_kept: tuple[Hashable, HeldOutExamples] | None = None


def read_held_out(recipe: Recipe, folder: Path) -> HeldOutExamples:
    """The held-out examples of a recipe; those read last are kept.

    Args:
        recipe: Whose data to read.
        folder: What relative file names in it count from.

    Raises:
        WorkbenchError: The data cannot be read any more.
    """
    global _kept  # noqa: PLW0603 - one place for all panels
    with _lock:
        key = (recipe.data, folder, _times_of(recipe, folder))
        if _kept is None or _kept[0] != key:
            validation = _read(recipe, folder).validation
            inputs, labels = validation.inputs_NX.numpy(), validation.labels_N.numpy()
            reader = _reader_of(validation)
            _kept = (key, HeldOutExamples(inputs, labels, validation.classes, reader, validation.traits.columns))
        return _kept[1]


def answers_on(folder: RunFolder, examples: tuple[int, ...], temperature: float | None = None) -> Probed:
    """What teachers and student of a run say of held-out examples, as a probe would; computed on the CPU.

    Args:
        folder: A run that need not be training.
        examples: Held-out places.
        temperature: Of the softened rows; None takes that of the recipe's last stage.

    Raises:
        WorkbenchError: There is no student yet, its files are broken, or an example does not exist.
    """
    import torch

    from workbench.engine.evaluating import HeldOut
    from workbench.engine.loading import load_teachers
    from workbench.engine.probing import probe

    recipe = folder.recipe
    dataset = _read(recipe, folder.path)
    beyond = [place for place in examples if not 0 <= place < len(dataset.validation)]
    if beyond:
        raise WorkbenchError(
            f"There is no held-out example {beyond[0]:,}: there are {len(dataset.validation):,}, from 0."
        )
    student, step = _student_of(folder)
    chosen = dataset.validation.take(torch.tensor(examples, dtype=torch.int64))
    teachers = load_teachers(recipe, folder.path, chosen)
    teacher_NC = None if teachers is None else teachers.combine(teachers.logits_BKC(chosen.inputs_NX), 1.0)
    if temperature is None:
        temperature = getattr(recipe.stages[-1].objective, "temperature", 1.0)
    held_out = HeldOut(chosen.inputs_NX, chosen.labels_N, teacher_NC)
    probed = probe(student, held_out, tuple(range(len(examples))), temperature, step)
    return replace(probed, examples=examples)


def _student_of(folder: RunFolder) -> tuple["Classifier", int]:
    """The finished student, else the newest kept one, with the step it was kept at."""
    from workbench.engine import checkpoints

    folder.refuse_links()
    if folder.student_file.exists():
        return checkpoints.load(folder.student_file), folder.step
    return kept_student(folder, blueprint_of(folder))


def _read(recipe: Recipe, folder: Path) -> "Dataset":
    from workbench.engine.loading import read_recipe_data

    data = recipe.data
    if recipe.writes_text:
        raise WorkbenchError(
            "This recipe's data are conversations, which are no examples of classes.",
            "The Data panel shows what is in them, and the Text panel what the models make of them.",
        )
    if isinstance(data, ImageFolder):
        # Looking at a few pictures is no reason to have all of them in memory.
        recipe = recipe.model_copy(update={"data": data.model_copy(update={"memory": 0.0})})
    return read_recipe_data(recipe, folder, cache_folder())


def _reader_of(examples: "Examples") -> TextReader | None:
    traits = examples.traits
    if traits.reads != "tokens" or not traits.tokenizer:
        return None
    return TextReader(traits.tokenizer, int(examples.inputs_NX.shape[1]), traits.pad)


def _times_of(recipe: Recipe, folder: Path) -> tuple[tuple[str, int], ...]:
    """When the data files were last written: changed ones are read again."""
    named = [whole_name(folder, getattr(recipe.data, str(name))) for (name,) in file_locations(recipe.data)]
    return tuple((str(path), _time_of(path)) for path in named)


def _time_of(path: Path) -> int:
    """When a file was written, or a folder or one right inside it last got, lost or renamed a file; 0 for nothing.

    A file that is written over in a folder is not noticed: fifty thousand would have to be asked each time.
    """
    try:
        newest = path.stat().st_mtime_ns
        if path.is_dir():
            with os.scandir(path) as entries:
                folders = [entry for entry in itertools.islice(entries, _MOST_LOOKED_AT) if entry.is_dir()]
            newest = max((newest, *(entry.stat().st_mtime_ns for entry in folders)))
    except OSError:
        return 0
    return newest


def _as_bytes(example: NDArray[Any]) -> NDArray[np.uint8]:
    """Floats as pixels: 0 to 1 as they are, anything else stretched from its least to its largest value."""
    low, high = float(example.min()), float(example.max())
    if low < 0 or high > 1:
        example = (example - low) / max(high - low, 1e-12)
    return np.asarray(np.rint(255 * example), np.uint8)
