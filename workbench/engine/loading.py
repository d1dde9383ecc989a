"""The models and the data of a recipe, read so that they fit each other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted
from workbench.engine.classifier import Classifier, measure
from workbench.engine.data import Dataset, Examples, Wishes, read_data
from workbench.engine.seeding import derive
from workbench.engine.students import Needs, new_student
from workbench.engine.teachers import Teachers
from workbench.recipe import Recipe
from workbench.recipe.models import HuggingFaceConfig, Student, Teacher
from workbench.recipe.section import whole_name


def reader_of(recipe: Recipe) -> Teacher | Student:
    """The model whose wishes the data follows: the first teacher, else what the student starts from."""
    return recipe.teachers[0] if recipe.teachers else recipe.student


def wishes_of(
    reader: Teacher | Student | None,
    folder: Path,
    cache_folder: Path | None = None,
    pulse: Callable[[str], None] = lambda _: None,
) -> Wishes:
    """How a model wants its data, as far as the recipe or its checkpoint says; nothing is run.

    Args:
        reader: From `reader_of`; None where there is none yet.
        folder: What file names count from.
        cache_folder: Where decoded data may be kept between runs.
        pulse: Hears what is being done.

    Raises:
        WorkbenchError: The checkpoint cannot be read.
    """
    wishes = Wishes(cache_folder=cache_folder, pulse=pulse)
    if reader is None:
        return wishes
    name = reader.checkpoint
    if not name and isinstance(reader.architecture, HuggingFaceConfig):
        # A config has no weights, but it may lie beside the processor and the tokenizer of its model.
        name = reader.architecture.config
    if not name:
        return replace(wishes, input_shape=reader.signature.input_shape)
    card = checkpoints.inspect(whole_name(folder, name), wanted_of(reader, folder))
    return replace(
        wishes,
        input_shape=reader.signature.input_shape or card.input_shape,
        tokenizer=Path(card.tokenizer) if card.tokenizer else None,
    )


def read_recipe_data(
    recipe: Recipe,
    folder: Path,
    cache_folder: Path | None = None,
    pulse: Callable[[str], None] = lambda _: None,
) -> Dataset:
    """The data of a recipe, as its models read it. Raises WorkbenchError."""
    reader = reader_of(recipe) if recipe.data.follows_models else None
    return read_data(recipe.data, folder, wishes_of(reader, folder, cache_folder, pulse))


def load_teachers(recipe: Recipe, folder: Path, examples: Examples) -> Teachers | None:
    """The recipe's teachers as one, their classes in the order of the data; None where there are none.

    Args:
        recipe: Which teachers.
        folder: What file names count from.
        examples: Any of the recipe's; say what is not said elsewhere.

    Raises:
        ConsentNeededError: A teacher can run code, and nobody here has agreed to that.
        WorkbenchError: A teacher cannot be used.
    """
    if not recipe.teachers:
        return None
    models = [load_model(teacher, folder, examples) for teacher in recipe.teachers]
    return Teachers(models, [teacher.weight for teacher in recipe.teachers], recipe.averaging)


def make_student(recipe: Recipe, dataset: Dataset, folder: Path, teachers: Teachers | None) -> Classifier:
    """A new student, normalised by the training inputs, or the one in a checkpoint. Raises WorkbenchError."""
    student, training = recipe.student, dataset.training
    seed = derive(student.seed, "student")
    if student.checkpoint:
        return load_model(student, folder, training, seed=seed)
    assert student.architecture is not None, "the recipe has checked it"
    return new_student(student.architecture, needs_of(training, folder, teachers), seed)


def needs_of(training: Examples, folder: Path, teachers: Teachers | None) -> Needs:
    """What a new student must fit, given what it is to learn from."""
    return Needs(measure(training.inputs_NX, training.traits), training.classes, folder, teachers)


def load_model(section: Teacher | Student, folder: Path, examples: Examples, *, seed: int = 0) -> Classifier:
    """The model that a section names by its checkpoint, its classes in the order of the data.

    Args:
        section: Of the recipe.
        folder: What file names count from.
        examples: Say what neither the checkpoint nor the section says.
        seed: Of a head that is made anew, for students.

    Raises:
        ConsentNeededError: It can run code, and nobody here has agreed to that.
        WorkbenchError: It cannot be used.
    """
    wanted = replace(
        wanted_of(section, folder),
        input_shape=tuple(examples.inputs_NX.shape[1:]),
        classes=examples.classes,
        traits=examples.traits,
        seed=seed,
    )
    model = checkpoints.load(whole_name(folder, section.checkpoint), wanted)
    known = model.blueprint.classes
    if known != examples.classes and sorted(known) == sorted(examples.classes):
        model.reorder(examples.classes)
    return model


def wanted_of(section: Teacher | Student, folder: Path) -> Wanted:
    """What a section says of its checkpoint, as far as the recipe alone says it."""
    return Wanted(
        architecture=section.architecture,
        signature=section.signature,
        trust=section.trust,
        folder=folder,
        new_head=isinstance(section, Student),
    )
