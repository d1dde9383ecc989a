"""What the files of a recipe hold and how good its checkpoints are, for cards beside their names."""

import json
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.recipe.data import Data
from workbench.recipe.models import Architecture
from workbench.recipe.section import file_locations, whole_name
from workbench.session.jobs import Job

if TYPE_CHECKING:
    from workbench.engine.data import Dataset, Examples

_Found = TypeVar("_Found")
_BATCH = 512
_MOST_KEPT = 200


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model before it is used.

    Attributes:
        architecture: Its kind, such as "mlp".
        parameters: How many numbers are trained.
        bytes: Size of its file, or of its weights where it is not made yet.
        input_shape: Axes of one input.
        classes: Names in label order.
    """

    architecture: str
    parameters: int
    bytes: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class DataFacts:
    """What is known of a data set: how many examples train and judge, the axes of one, the classes."""

    training: int
    held_out: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Errors on the held-out examples."""

    errors: int
    examples: int


class Inspector:
    """Inspects and remembers: the same file, unchanged, is read once. Every method is work for a job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, Any] = {}

    def checkpoint(self, path: Path) -> ModelFacts:
        """What a checkpoint says of itself, its weights unread. Raises WorkbenchError."""

        def find() -> ModelFacts:
            from workbench.engine import checkpoints

            card = checkpoints.inspect(path)
            return ModelFacts(card.architecture, card.parameters, card.bytes, card.input_shape, card.classes)

        return self._once(("checkpoint", _print_of(path)), find)

    def score(self, job: Job[Any], path: Path, data: Data, folder: Path) -> Score:
        """Errors of a checkpoint on what the recipe's data holds out.

        Args:
            job: Told how far it is; ends the work when it is no longer wanted.
            path: The checkpoint.
            data: Where the examples lie.
            folder: What the data's file names count from.

        Raises:
            WorkbenchError: A file cannot be used, or model and data do not fit.
        """
        data = _whole(data, folder)

        def find() -> Score:
            from workbench.engine import checkpoints

            job.say("Reading the data…")
            examples = self._read(data).validation
            model = checkpoints.load(path)
            _refuse_misfit(model.blueprint.input_shape, model.blueprint.classes, examples)
            return _score(job, model, examples)

        return self._once(("score", _print_of(path), _data_key(data)), find)

    def data(self, data: Data, folder: Path) -> DataFacts:
        """What a data set holds. Raises WorkbenchError."""
        data = _whole(data, folder)
        return self._once(("data", _data_key(data)), lambda: _facts_of(self._read(data)))

    def new_model(self, architecture: Architecture, data: Data, folder: Path) -> ModelFacts:
        """What a model would be that is made anew for this data; no memory is taken for it. Raises WorkbenchError."""
        facts = self.data(data, folder)

        def find() -> ModelFacts:
            return _planned(architecture, facts)

        return self._once(("new", architecture.model_dump_json(), facts), find)

    def _read(self, data: Data) -> "Dataset":
        from workbench.engine.data import read_data

        dataset = read_data(data, Path())
        with self._lock:
            self._kept[("data", _data_key(data))] = _facts_of(dataset)
        return dataset

    def _once(self, key: Hashable, find: Callable[[], _Found]) -> _Found:
        with self._lock:
            if key in self._kept:
                found: _Found = self._kept[key]
                return found
        found = find()
        with self._lock:
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found


def _score(job: Job[Any], model: Any, examples: "Examples") -> Score:
    import torch

    from workbench.engine.evaluating import HeldOut, evaluate, logits_of

    parts = []
    for start in range(0, len(examples), _BATCH):
        job.say("Evaluating…", start / len(examples))
        parts.append(logits_of(model, examples.inputs_NX[start : start + _BATCH]))
    held_out = HeldOut(examples.inputs_NX, examples.labels_N, None)
    evaluated = evaluate(torch.cat(parts), held_out, step=0, subject="checkpoint")
    return Score(evaluated.errors, evaluated.examples)


def _planned(architecture: Architecture, facts: DataFacts) -> ModelFacts:
    import torch

    from workbench.engine.classifier import Blueprint, Classifier

    channels = facts.input_shape[0]
    try:
        blueprint = Blueprint(
            architecture=architecture,
            input_shape=facts.input_shape,
            classes=facts.classes,
            mean=(0.0,) * channels,
            std=(1.0,) * channels,
        )
        with torch.device("meta"):
            model = Classifier(blueprint)
    except (ValueError, RuntimeError, TypeError, OverflowError) as error:
        raise WorkbenchError(f"No model has these sizes: {str(error).splitlines()[0]}") from None
    size = sum(tensor.nbytes for tensor in model.state_dict().values())
    return ModelFacts(architecture.kind, model.parameter_count, size, facts.input_shape, facts.classes)


def _facts_of(dataset: "Dataset") -> DataFacts:
    training = dataset.training
    return DataFacts(
        len(training), len(dataset.validation), tuple(training.inputs_NX.shape[1:]), tuple(training.classes)
    )


def _refuse_misfit(input_shape: tuple[int, ...], classes: tuple[str, ...], examples: "Examples") -> None:
    shape = tuple(examples.inputs_NX.shape[1:])
    if shape != input_shape:
        given, wanted = " × ".join(map(str, shape)), " × ".join(map(str, input_shape))
        raise WorkbenchError(f"It reads inputs of {wanted}, but the data has {given}.")
    if len(classes) != len(examples.classes):
        raise WorkbenchError(f"It tells {len(classes)} classes apart, but the data has {len(examples.classes)}.")


def _whole(data: Data, folder: Path) -> Data:
    """The same with whole file names, as a run gets it."""
    names = {str(name): str(whole_name(folder, getattr(data, str(name)))) for (name,) in file_locations(data)}
    return data.model_copy(update=names)


def _data_key(data: Data) -> Hashable:
    files = [getattr(data, str(name)) for (name,) in file_locations(data)]
    return json.dumps(data.model_dump(mode="json")), tuple(_print_of(Path(name)) for name in files)


def _print_of(path: Path) -> Hashable:
    """Changes when the file does; a file that is not there has one too, and is refused by whoever opens it."""
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size
