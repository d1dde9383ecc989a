"""The ways in which a file comes into the program, each as the window and the command line open it.

A door gives back the warnings it told of, and raises WorkbenchError where it refuses.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import torch
from pydantic import TypeAdapter

from malformed.case import Case
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted
from workbench.engine.classifier import Classifier, InputStatistics
from workbench.engine.data import Dataset, Wishes, read_data
from workbench.engine.data.conversations import read_dialogues
from workbench.engine.language.dialogues import DialogueSet
from workbench.engine.pairing import look_at_data, refuse_if_needed
from workbench.engine.students import Needs, new_student
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe import read_recipe
from workbench.recipe.data import Conversations, Data
from workbench.recipe.models import Architecture, Teacher


def checkpoint(case: Case, path: Path, folder: Path) -> list[str]:
    """Dropped on the window, shown as a card, and loaded; a card that is refused must not load either."""
    with suppress(WorkbenchError):
        look(case, path, folder)
    said = Teacher(checkpoint=str(path), **case.section)
    wanted = Wanted(said.architecture, said.signature, said.trust, folder, (4,), ("a", "b", "c"))
    try:
        notes = checkpoints.inspect(path, wanted).notes
    except WorkbenchError:
        notes = ()
        checkpoints.load(path, wanted)
        raise
    use(checkpoints.load(path, wanted))
    return warnings_in(notes)


def data(case: Case, _: Path, folder: Path) -> list[str]:
    """Read as a recipe's data section names it, and looked at by preflight."""
    section = section_of(case)
    if isinstance(section, Conversations):
        return dialogue_warnings(read_dialogues(section, folder))
    return data_warnings(read_data(section, folder, Wishes(cache_folder=folder.parent / "cache")))


def recipe(case: Case, path: Path, folder: Path) -> list[str]:
    """Read from its file."""
    read_recipe(path)
    return []


def preflight(case: Case, path: Path, folder: Path) -> list[str]:
    """Read and checked with all it names, as before a run."""
    from workbench.engine.checking import check_recipe

    found = check_recipe(read_recipe(path), folder, torch.device("cpu"), folder.parent / "cache")
    refuse_if_needed(found)
    return warnings_in(found)


def look(case: Case, path: Path, folder: Path) -> list[str]:
    """Dropped on the window."""
    from workbench.session.opening import look_at

    look_at(path)
    return []


def language(case: Case, path: Path, folder: Path) -> list[str]:
    """A language model, dropped and shown as a card."""
    from workbench.engine.language.loading import inspect_language_model

    with suppress(WorkbenchError):
        look(case, path, folder)
    return warnings_in(inspect_language_model(path).notes)


def picture(case: Case, path: Path, folder: Path) -> list[str]:
    """Dropped on the playground, to be tried on a model."""
    from workbench.session.picture_fitting import open_picture

    open_picture(path)
    return []


def tokenizer(case: Case, path: Path, folder: Path) -> list[str]:
    """The tokenizer and the chat template of a language model's folder, with a conversation."""
    from workbench.engine.language.chat import Chat, ConversationRefusedError
    from workbench.engine.language.tokenizer_files import read_tokenizer

    chat = Chat(read_tokenizer(path, "{}"), str(path))
    with suppress(ConversationRefusedError):
        chat.conversation([{"role": "user", "content": "this is good"}, {"role": "assistant", "content": "number"}])
    return []


def student(case: Case, path: Path, folder: Path) -> list[str]:
    """A new student whose architecture names a file."""
    architecture = TypeAdapter(Architecture).validate_python(case.section)
    statistics = InputStatistics((3, 32, 32), (0.5,) * 3, (0.5,) * 3)
    use(new_student(architecture, Needs(statistics, ("a", "b", "c"), folder), seed=0))
    return []


def guilty(case: Case, path: Path, folder: Path) -> list[str]:
    """Not a way in: it does what no file may bring about."""
    case.section["deed"](folder)
    return []


def section_of(case: Case) -> Data:
    """The data section a recipe would hold."""
    section: Data = TypeAdapter(Data).validate_python(dict(case.section))
    return section


def data_warnings(dataset: Dataset) -> list[str]:
    """What a person is told of a data set that can be used. Raises WorkbenchError where it cannot."""
    for part in (dataset.training, dataset.validation):
        if part.inputs_NX.is_floating_point():
            assert bool(torch.isfinite(part.inputs_NX).all()), "NaN came through"
        assert len(part.inputs_NX) == len(part.labels_N) > 0, "no examples came through"
        assert int(part.labels_N.max()) < max(len(part.classes), 1), "a label beyond the classes came through"
    found = (*dataset.training.notes, *dataset.validation.notes, *look_at_data(dataset))
    refuse_if_needed(found)
    return warnings_in(found)


def dialogue_warnings(dialogues: DialogueSet) -> list[str]:
    """What a person is told of conversations that can be used."""
    for part in (dialogues.training, dialogues.held_out):
        assert part, "no conversations came through"
        assert all(each.passage or each.prompt for each in part), "a conversation without a prompt came through"
        texts = (text for each in part for text in (each.passage, *(said["content"] for said in each.messages)))
        assert all("\0" not in text.encode().decode() for text in texts), "a NUL came through"
    return warnings_in(dialogues.notes)


def use(model: Classifier) -> None:
    """Ask a model once."""
    blueprint = model.blueprint
    kind = torch.int32 if blueprint.traits.reads == "tokens" else torch.float32
    with torch.inference_mode():
        answer_BC = model.eval()(torch.zeros((1, *blueprint.input_shape), dtype=kind))
    assert answer_BC.shape == (1, len(blueprint.classes)), f"it answered {tuple(answer_BC.shape)}"


def warnings_in(findings: Iterable[Finding]) -> list[str]:
    """The sentences of those that warn."""
    return [f"{finding.title} {finding.fix}" for finding in findings if finding.level == "warning"]


_ALL = (checkpoint, language, data, recipe, preflight, look, picture, student, tokenizer, guilty)
DOORS = {door.__name__: door for door in _ALL}
