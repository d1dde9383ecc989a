"""What the files of a recipe hold and how good its checkpoints are, for cards beside their names."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.recipe.data import Conversations, Data
from workbench.recipe.models import Architecture, Student, Teacher, TeacherLayers
from workbench.session.conversation_card import counted, read_conversations
from workbench.session.file_prints import data_key, print_of, section_key, with_whole_names
from workbench.session.jobs import Job
from workbench.session.model_facts import LanguageFacts, ModelFacts, TensorFacts, language_facts, planned_language
from workbench.session.places import cache_folder
from workbench.session.reading import one_reader
from workbench.wording import counted as in_words

if TYPE_CHECKING:
    from workbench.engine.data import Dataset, Examples
    from workbench.engine.traits import Traits

__all__ = ["DataFacts", "Inspector", "LanguageFacts", "ModelFacts", "Score", "TensorFacts"]

_Found = TypeVar("_Found")
_BATCH = 512
_MOST_KEPT = 200


@dataclass(frozen=True)
class DataFacts:
    """What is known of a data set: how many examples train and judge; the axes of one, the classes, their kind.

    Conversations have none of these, but responses and known answers.
    """

    training: int
    held_out: int
    input_shape: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    traits: "Traits | None" = None
    responses: int = 0
    answers: int = 0


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

    def checkpoint(
        self,
        path: Path,
        section: Teacher | Student | None = None,
        folder: Path = Path(),
        *,
        writes_text: bool = False,
    ) -> ModelFacts:
        """What a checkpoint says of itself, its weights unread and nothing of it run.

        Args:
            path: The checkpoint.
            section: Of the recipe, for what it says besides; None where there is none.
            folder: What file names in the section count from.
            writes_text: Whether it is wanted as a language model; what can be nothing else is one anyway.

        Raises:
            WorkbenchError: It cannot be read.
        """

        def find() -> ModelFacts:
            from workbench.engine import checkpoints
            from workbench.engine.language.loading import is_language_file
            from workbench.engine.loading import wanted_of

            if writes_text or is_language_file(path):
                return language_facts(path)
            card = checkpoints.inspect(path, None if section is None else wanted_of(section, folder))
            rows = tuple(TensorFacts(row.name, row.shape, row.dtype) for row in card.tensors)
            return ModelFacts(
                card.architecture, card.parameters, card.bytes, card.input_shape, card.classes, format=card.format,
                tokenizer=card.tokenizer, needs=card.needs, digest=card.digest, tensors=rows, notes=card.notes,
            )  # fmt: skip

        return self._once(("checkpoint", print_of(path), section_key(section, folder), writes_text), find)

    def score(
        self,
        job: Job[Any],
        path: Path,
        data: Data,
        folder: Path,
        reader: Teacher | Student | None = None,
        *,
        section: Teacher | Student | None = None,
    ) -> Score:
        """Errors of a checkpoint on what the recipe's data holds out.

        Args:
            job: Told how far it is; ends the work when it is no longer wanted.
            path: The checkpoint.
            data: Where the examples lie.
            folder: What the data's file names count from.
            reader: The model whose wishes the data follows; None where nothing is chosen yet.
            section: That of the recipe which names the checkpoint; None where there is none.

        Raises:
            ConsentNeededError: It can run code, and nobody here has agreed to that.
            WorkbenchError: A file cannot be used, or model and data do not fit.
        """
        data = with_whole_names(data, folder)
        named = section or Teacher(checkpoint=str(path))

        def find() -> Score:
            from workbench.engine.loading import load_model

            examples = self._read(job, data, folder, reader).validation
            model = load_model(named, folder, examples)
            _refuse_misfit(model.blueprint.input_shape, model.blueprint.classes, examples)
            return _score(job, model, examples)

        key = ("score", print_of(path), section_key(named, folder), data_key(data, reader))
        return self._once(key, find)

    def data(
        self, data: Data, folder: Path, reader: Teacher | Student | None = None, job: Job[Any] | None = None
    ) -> DataFacts:
        """What a data set holds, as its reader wants it; the job is told how far it is. Raises WorkbenchError."""
        data = with_whole_names(data, folder)
        key = ("data", data_key(data, reader))
        if isinstance(data, Conversations):
            return self._once(key, lambda: DataFacts(**counted(read_conversations(data, folder, job))))
        return self._once(key, lambda: _facts_of(self._read(job, data, folder, reader)))

    def new_model(
        self,
        architecture: Architecture,
        data: Data,
        folder: Path,
        reader: Teacher | Student | None = None,
        job: Job[Any] | None = None,
    ) -> ModelFacts:
        """What a model would be that is made anew for this data; no memory is taken for it.

        Args:
            architecture: What to make.
            data: What it is for.
            folder: What file names count from.
            reader: The model whose wishes the data follows; a teacher is what layers are taken from.
            job: Told how far reading is.

        Raises:
            ConsentNeededError: Its file can run code, and nobody here has agreed to that.
            WorkbenchError: There is no such model.
        """
        # Prints of what either names: the same names in another folder, or rewritten files, are other models.
        key = section_key(reader, folder), section_key(Student(architecture=architecture), folder)
        if isinstance(data, Conversations):
            whose, longest = reader if isinstance(reader, Teacher) else None, data.max_length
            return self._once(("new", longest, key), lambda: planned_language(architecture, longest, folder, whose))
        facts = self.data(data, folder, reader, job)

        def find() -> ModelFacts:
            teacher = reader if isinstance(architecture, TeacherLayers) and isinstance(reader, Teacher) else None
            return _planned(architecture, facts, folder, teacher)

        return self._once(("new", facts, key), find)

    def _read(self, job: Job[Any] | None, data: Data, folder: Path, reader: Teacher | Student | None) -> "Dataset":
        from workbench.engine.data import read_data
        from workbench.engine.loading import wishes_of

        def pulse(words: str) -> None:
            if job is not None:
                job.say(f"{words}…")

        with one_reader(pulse):
            wishes = wishes_of(reader if data.follows_models else None, folder, cache_folder(), pulse)
            dataset = read_data(data, Path(), wishes)
        with self._lock:
            self._kept[("data", data_key(data, reader))] = _facts_of(dataset)
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


def _planned(architecture: Architecture, facts: DataFacts, folder: Path, teacher: Teacher | None) -> ModelFacts:
    import torch

    from workbench.engine.classifier import Classifier, InputStatistics
    from workbench.engine.students import Needs, start_of

    assert facts.traits is not None, "only language models have none, and they are not made here"
    channels = 0 if facts.traits.reads == "tokens" else facts.input_shape[0]
    statistics = InputStatistics(facts.input_shape, (0.0,) * channels, (1.0,) * channels, facts.traits)
    teachers = None if teacher is None else _teachers_of(teacher, facts, folder)
    try:
        start = start_of(architecture, Needs(statistics, facts.classes, folder, teachers))
        with torch.device("meta"):
            model = Classifier(start.blueprint)
    except (ValueError, RuntimeError, TypeError, OverflowError) as error:
        raise WorkbenchError(f"No model has these sizes: {str(error).splitlines()[0]}") from None
    size = sum(tensor.nbytes for tensor in model.state_dict().values())
    return ModelFacts(architecture.kind, model.parameter_count, size, facts.input_shape, facts.classes)


def _teachers_of(teacher: Teacher, facts: DataFacts, folder: Path) -> Any:
    """The teacher whose layers a student starts from; what it reads is known without its data."""
    import torch

    from workbench.engine.data import Examples
    from workbench.engine.loading import load_model
    from workbench.engine.teachers import Teachers

    assert facts.traits is not None, "conversations have been refused before"
    none = Examples(torch.empty((0, *facts.input_shape)), torch.empty(0), facts.classes, facts.traits)
    return Teachers([load_model(teacher, folder, none)], [1.0], "arithmetic")


def _facts_of(dataset: "Dataset") -> DataFacts:
    training = dataset.training
    return DataFacts(
        len(training), len(dataset.validation), _shape_of(training), tuple(training.classes), training.traits
    )


def _refuse_misfit(input_shape: tuple[int, ...], classes: tuple[str, ...], examples: "Examples") -> None:
    shape = tuple(examples.inputs_NX.shape[1:])
    if shape != input_shape:
        given, wanted = " × ".join(map(str, shape)), " × ".join(map(str, input_shape))
        raise WorkbenchError(f"It reads inputs of {wanted}, but the data has {given}.")
    if len(classes) != len(examples.classes):
        raise WorkbenchError(
            f"It tells {in_words(len(classes), 'class', 'classes')} apart, but the data has {len(examples.classes)}."
        )


def _shape_of(examples: "Examples") -> tuple[int, ...]:
    return tuple(examples.inputs_NX.shape[1:])
