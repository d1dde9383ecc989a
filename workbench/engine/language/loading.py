"""The language models of a recipe: teachers and students from files, and students that are made anew."""

import json
from collections.abc import Sequence
from pathlib import Path

from workbench.engine.architectures.transformers_config import CONFIG_FILE, config_of, read_settings
from workbench.engine.language.adapters import add_adapters
from workbench.engine.language.gguf_file import GGUF
from workbench.engine.language.hugging_face_folder import HUGGING_FACE_LANGUAGE
from workbench.engine.language.language_format import LanguageCard, LanguageFormat
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.engine.language.pouring import refuse_beyond_memory, refuse_mute, skeleton
from workbench.engine.language.students import STARTS, Needs, Start
from workbench.engine.language.tokenizer_pairing import tokenizer_findings
from workbench.engine.seeding import derive
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe import Recipe
from workbench.recipe.data import Conversations
from workbench.recipe.models import Architecture, Student, Teacher
from workbench.recipe.section import whole_name

# Asked in this order: a new one is one file and its word here.
FORMATS: tuple[LanguageFormat, ...] = (GGUF, HUGGING_FACE_LANGUAGE)

__all__ = [
    "FORMATS",
    "inspect_language_model",
    "is_language_file",
    "load_language_model",
    "make_language_student",
    "planned_student",
    "read_language_model",
    "tokenizer_findings",
    "writes_text",
]


def load_language_model(section: Teacher | Student, folder: Path) -> LanguageModel:
    """The model that a section names by its checkpoint, in eval mode, on the CPU.

    Args:
        section: Of the recipe.
        folder: What file names count from.

    Raises:
        WorkbenchError: It cannot be used; the message names the file and the reason.
    """
    if section.architecture is not None:
        raise WorkbenchError(
            f"A language model's files say themselves what it is, and {section.checkpoint} is given the architecture "
            f"{section.architecture.kind} as well.",
            "Leave either the checkpoint or the architecture out.",
        )
    return read_language_model(whole_name(folder, section.checkpoint))


def read_language_model(path: Path) -> LanguageModel:
    """The model in a file or folder, in float32, in eval mode, on the CPU. Raises WorkbenchError."""
    return _format_of(path).load(path)


def inspect_language_model(path: Path) -> LanguageCard:
    """What a language model says of itself, its weights unread and nothing of it run. Raises WorkbenchError."""
    return _format_of(path).inspect(path)


def is_language_file(path: Path) -> bool:
    """Whether a path can be a language model and nothing else, such as a GGUF file."""
    return GGUF.recognises(path)


def writes_text(path: Path) -> bool:
    """Whether a path is a language model by what it says of itself; what cannot be read is none."""
    if is_language_file(path):
        return True
    settings = read_settings(path / CONFIG_FILE) or {}
    named = settings.get("architectures")
    names = named if isinstance(named, list) else []
    return any(str(name).endswith(("ForCausalLM", "LMHeadModel")) for name in names)


def make_language_student(recipe: Recipe, folder: Path, teachers: Sequence[LanguageModel]) -> LanguageModel:
    """The student before its first step, in eval mode, on the CPU; the same seed gives the same weights.

    Args:
        recipe: What it is made from; with `student.lora`, adapters are in it and only they are trained.
        folder: What file names count from.
        teachers: What it may start from, and whose tokenizer it reads with.

    Raises:
        WorkbenchError: There is no such student.
    """
    section = recipe.student
    if section.checkpoint:
        student = load_language_model(section, folder)
    else:
        assert section.architecture is not None, "the recipe has checked it"
        assert isinstance(recipe.data, Conversations), "only they come here"
        needs = Needs(teachers, folder, recipe.data.max_length)
        student = _made(_start_of(section.architecture, needs), derive(section.seed, "student"))
    if section.lora is not None:
        add_adapters(student, section.lora, derive(section.seed, "adapters"))
    return student


def planned_student(architecture: Architecture, longest: int, folder: Path, teacher: Teacher | None) -> LanguageModel:
    """What a student would be that is made anew, in shapes only: no weights are read and no memory is taken.

    Args:
        architecture: What to make.
        longest: The longest text it is to read, in tokens.
        folder: What file names count from.
        teacher: What it may start from, and whose tokenizer it reads with; None where there is none.

    Raises:
        WorkbenchError: There is no such student.
    """
    teachers = []
    if teacher is not None:
        path = whole_name(folder, teacher.checkpoint)
        teachers.append(_in_shapes(_format_of(path).blueprint(path), str(path)))
    return _in_shapes(_start_of(architecture, Needs(teachers, folder, longest)).blueprint, "The student")


def _format_of(path: Path) -> LanguageFormat:
    if not path.exists():
        raise WorkbenchError(
            f"There is no model at {path}.",
            "Check the name and the folder; where it is to be fetched first, the first lines of the recipe say how.",
        )
    refuse_unless_plain(path)
    for known in FORMATS:
        if known.recognises(path):
            return known
    raise WorkbenchError(
        f"{path} is not a language model this program reads.",
        f"It reads: {', '.join(known.name for known in FORMATS)}. Other models need data with classes.",
    )


def _start_of(architecture: Architecture, needs: Needs) -> Start:
    starts = {start.__name__: start for start in STARTS}
    if architecture.kind not in starts:
        raise WorkbenchError(
            f"A student of the kind {architecture.kind} writes no text.",
            f"Choose one of {', '.join(starts)} for the student, or a checkpoint.",
        )
    return starts[architecture.kind](architecture, needs)


def _made(start: Start, seed: int) -> LanguageModel:
    shapes = _in_shapes(start.blueprint, "The student")
    refuse_beyond_memory(shapes.parameter_count, "The student")
    student = LanguageModel(start.blueprint, build_network(start.blueprint.config, seed))
    if start.weights is not None:
        student.load_state_dict(dict(start.weights()))
    refuse_mute(student.eval(), "The student")
    return student


def _in_shapes(blueprint: LanguageBlueprint, name: str) -> LanguageModel:
    config = config_of(json.loads(blueprint.config), name)
    return LanguageModel(blueprint, skeleton(config, name))
