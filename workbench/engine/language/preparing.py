"""From a recipe of a language model to everything a run needs: dialogues, models, text of the teacher, stages."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from workbench.engine.answers import answers_to_bytes
from workbench.engine.checksums import forget_sums, write_sums
from workbench.engine.data.conversations import read_dialogues
from workbench.engine.language.adapters import merged
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.context import refuse_beyond_context
from workbench.engine.language.dialogues import Dialogue, DialogueSet
from workbench.engine.language.endpoint_uses import endpoint_uses, require_consents
from workbench.engine.language.exporting import export_language
from workbench.engine.language.folder import write_weights
from workbench.engine.language.generating import Sampling
from workbench.engine.language.inputs import TextMaterial, open_texts
from workbench.engine.language.inputs.asking import ask
from workbench.engine.language.kept_teaching import TextCache
from workbench.engine.language.loading import load_language_model, make_language_student, tokenizer_findings
from workbench.engine.language.memory import look_at_text_memory
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.selfcheck import check_objectives
from workbench.engine.language.spelling import spelling_findings
from workbench.engine.language.teacher_table import keep_table
from workbench.engine.language.teacher_text import Written, compiled
from workbench.engine.language.teachers import LanguageTeachers
from workbench.engine.language.vocabularies import same_words
from workbench.engine.pairing import refuse_if_needed
from workbench.engine.setup import Setup, StagePlan
from workbench.engine.tasks.writing import HeldOutTexts, Problems, Writing
from workbench.errors import WorkbenchError
from workbench.events import Event, Finding
from workbench.recipe import Recipe, Stage
from workbench.recipe.data import Conversations
from workbench.recipe.inputs import Endpoint, Inputs, Rollouts, TeacherWritten, TransferSet
from workbench.writing import write_atomically

# Held-out texts are read by both models at every evaluation: so many tell enough.
_MOST_HELD_OUT = 256
# What a teacher writes for that purpose costs more.
_MOST_TAUGHT = 64
_WATCHED, _SAMPLES = 3, 6


@dataclass(frozen=True)
class LanguageSetup(Setup):
    """Everything a run of a language model needs.

    Attributes:
        student: The model to be trained.
        chat: Its tokenizer.
        teachers: None when no stage needs one here.
        held_out: What is judged by.
        written: What teachers wrote, by the name of its file.
    """

    student: LanguageModel
    chat: Chat
    teachers: LanguageTeachers | None
    held_out: HeldOutTexts
    written: dict[str, list[Written]]

    @cached_property
    def task(self) -> Writing:
        """How the student is scored, judged and watched."""
        return Writing(self.chat, self.teachers, self.held_out, self.student.vocabulary, self.device)

    def self_check(self) -> tuple[Finding, ...]:
        """One finding a promise and stage. Raises WorkbenchError."""
        return check_objectives(self.stages, self.student, self.teachers, self.held_out.texts, self.device)

    def keep(self, folder: Path) -> None:
        """A folder that transformers loads, what the teacher wrote, answers for the verdict. Raises WorkbenchError."""
        forget_sums(folder)
        write_weights(merged(self.student), folder)
        for name, written in self.written.items():
            keep_table(written, folder.parent / "teacher-text" / name)
        write_atomically(folder / "answers.safetensors", answers_to_bytes(self.task.compared(self.student)))
        write_sums(folder)

    def export(self, folder: Path, step: int) -> Iterator[Event]:
        """The folder that other programs load. Raises WorkbenchError."""
        yield from export_language(
            merged(self.student),
            self.recipe.export,
            folder,
            held_out=self.held_out.texts,
            prompts=self._samples(),
            step=step,
            recipe_name=self.recipe.name,
            recipe_digest=self.recipe.digest(),
        )

    def _samples(self) -> tuple[tuple[int, ...], ...]:
        """Prompts whose answers are compared before and after: the watched ones first."""
        problems = self.held_out.problems
        asked = dict.fromkeys((*self.held_out.watched_prompts, *(problems.prompts if problems else ())))
        return tuple(asked)[:_SAMPLES]


@dataclass(frozen=True)
class _Models:
    student: LanguageModel
    teachers: list[LanguageModel]


def look_at_language(
    recipe: Recipe, folder: Path, device: torch.device, pulse: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Finding, ...]]:
    """What speaks against training a recipe, one look after the other; nothing is written or asked.

    Raises:
        EndpointConsentNeededError: At the end, where only that is missing.
        WorkbenchError: A file cannot be used.
    """
    _, dialogues = _read(recipe, folder, pulse)
    yield dialogues.notes
    uses = endpoint_uses(recipe, dialogues, _MOST_TAUGHT)
    yield tuple(use.finding for use in uses)
    models = _load(recipe, folder, pulse)
    yield tokenizer_findings(recipe, models.student, models.teachers)
    yield spelling_findings(Chat(models.student.blueprint), dialogues.training)
    yield look_at_text_memory(recipe, models.student, models.teachers, device)
    require_consents(uses)


def prepare_language(
    recipe: Recipe, folder: Path, device: torch.device, cache_folder: Path | None, pulse: Callable[[str], None]
) -> LanguageSetup:
    """Read, build, check, and let the teacher write and speak in advance; as `workbench.engine.preparing.prepare`."""
    data, dialogues = _read(recipe, folder, pulse)
    uses = endpoint_uses(recipe, dialogues, _MOST_TAUGHT)
    require_consents(uses)
    models = _load(recipe, folder, pulse)
    findings = (
        dialogues.notes
        + tuple(use.finding for use in uses)
        + tokenizer_findings(recipe, models.student, models.teachers)
    )
    findings += spelling_findings(Chat(models.student.blueprint), dialogues.training)
    findings += look_at_text_memory(recipe, models.student, models.teachers, device)
    refuse_if_needed(findings)
    student = models.student.to(device)
    chat = Chat(student.blueprint)
    teachers = _together(recipe, models.teachers, device)
    widths = [model.vocabulary for model in (student, *models.teachers)]
    # Where all are as wide as each other there is nothing to leave out.
    shared = min(widths) if len(set(widths)) > 1 else None
    cache = TextCache(cache_folder, data.kept_entries, pulse, width=shared)
    material = TextMaterial(
        recipe=recipe,
        data=data,
        folder=folder,
        dialogues=dialogues.training,
        chat=chat,
        teacher_chat=Chat(models.teachers[0].blueprint) if models.teachers else chat,
        student=student,
        teachers=teachers,
        cache=cache,
        journals=(cache_folder or folder) / "teacher-text",
        device=device,
        pulse=pulse,
    )
    stages = tuple(StagePlan.of(stage, open_texts(stage, material)) for stage in recipe.stages)
    held_out, notes = _held_out(recipe, data, dialogues.held_out, material)
    return LanguageSetup(
        recipe=recipe,
        device=device,
        student=student,
        stages=stages,
        probe=recipe.monitoring.probe or (0,),
        content=_content_of(dialogues, teachers, material.learnt),
        findings=findings + tuple(material.findings) + notes,
        chat=chat,
        teachers=teachers if _same_words(models) else None,
        held_out=held_out,
        written=material.written,
    )


def _read(recipe: Recipe, folder: Path, pulse: Callable[[str], None]) -> tuple[Conversations, DialogueSet]:
    pulse("Reading the data")
    assert isinstance(recipe.data, Conversations), "only they come here"
    # Before anything long begins: the first use of a pattern may be hours away.
    for pattern in _patterns(recipe, recipe.data):
        compiled(pattern)
    return recipe.data, read_dialogues(recipe.data, folder, pulse)


def _patterns(recipe: Recipe, data: Conversations) -> list[str]:
    fixed = [_fixed(stage) for stage in recipe.stages]
    return [data.answer_pattern, *(inputs.pattern for inputs in fixed if isinstance(inputs, TeacherWritten))]


def _fixed(stage: Stage) -> Inputs:
    """What of a stage's inputs is there before it begins."""
    return stage.inputs.otherwise if isinstance(stage.inputs, Rollouts) else stage.inputs


def _load(recipe: Recipe, folder: Path, pulse: Callable[[str], None]) -> _Models:
    teachers = []
    for number, section in enumerate(recipe.teachers, start=1):
        pulse(f"Loading teacher {number} of {len(recipe.teachers)}")
        teachers.append(load_language_model(section, folder))
    pulse("Loading the student")
    return _Models(make_language_student(recipe, folder, teachers), teachers)


def _same_words(models: _Models) -> bool:
    """Whether a teacher's distribution can be set beside the student's at all."""
    return all(same_words(models.student.blueprint, teacher.blueprint) for teacher in models.teachers)


def _together(recipe: Recipe, models: Sequence[LanguageModel], device: torch.device) -> LanguageTeachers | None:
    if not models:
        return None
    weights = [teacher.weight for teacher in recipe.teachers]
    return LanguageTeachers(models, weights, recipe.averaging).to(device)


def _held_out(
    recipe: Recipe, data: Conversations, dialogues: Sequence[Dialogue], material: TextMaterial
) -> tuple[HeldOutTexts, tuple[Finding, ...]]:
    """What is judged by: text as it is trained on, given responses for the verdict, and problems with known answers."""
    chat = material.chat
    told = [dialogue.told(data.system) for dialogue in dialogues]
    given = [dialogue.encoded(chat, data.max_length) for dialogue in told if dialogue.has_response]
    given = [text for text in given if text.targets][:_MOST_HELD_OUT]
    texts, note = _judged_texts(recipe, told, given, material)
    solved = [dialogue for dialogue in told if dialogue.answer and dialogue.prompt][: data.problems]
    problems = None
    if solved:
        prompts = tuple(chat.prompt(dialogue.prompt) for dialogue in solved)
        answers = tuple(dialogue.answer for dialogue in solved)
        problems = Problems(prompts, answers, data.answer_pattern, data.new_tokens)
    asked = [dialogue for dialogue in told if dialogue.prompt]
    places = [place for place in recipe.monitoring.probe if place < len(asked)] or range(min(_WATCHED, len(asked)))
    watched = tuple(chat.prompt(asked[place].prompt) for place in places)
    read = [len(encoded.tokens) for encoded in (*texts, *given)]
    asked_for = [len(prompt) + data.new_tokens for prompt in (*watched, *(problems.prompts if problems else ()))]
    judged = [material.student, *(material.teachers.models if material.teachers else [])]
    refuse_beyond_context(judged, max(read + asked_for))
    text = next((place for place in recipe.monitoring.probe if place < len(texts)), 0)
    return HeldOutTexts(tuple(texts), tuple(given), problems, watched, data.new_tokens, text), (note,)


def _judged_texts(
    recipe: Recipe, told: Sequence[Dialogue], given: list[Encoded], material: TextMaterial
) -> tuple[list[Encoded], Finding]:
    """What the teacher writes to held-out prompts where its text is learnt from, else what is given."""
    endpoint = next(iter(recipe.endpoints), None)
    can_ask = material.teachers is not None or endpoint is not None
    if can_ask and (learns_from_writing(recipe) or not given):
        texts = _taught(told, material, endpoint)
        if texts:
            return texts, Finding(level="ok", title=f"Judged by {len(texts):,} held-out texts of the teacher.")
    if not given:
        raise WorkbenchError(
            f"None of the {len(told):,} held-out dialogues has a response, and there is no teacher to write one: "
            "there is nothing to judge the student by.",
            "Name the field of the response in the data, add a teacher, or give a validation file with responses: "
            "held-out.parquet among an earlier run's teacher-text is one.",
        )
    return given, Finding(level="ok", title=f"Judged by {len(given):,} held-out texts as they are given.")


def _taught(told: Sequence[Dialogue], material: TextMaterial, endpoint: Endpoint | None) -> list[Encoded]:
    """The teacher's likeliest answers to held-out prompts; those that were cut are judged as far as they go."""
    data = material.data
    sampling = Sampling(temperature=0, most=longest_written(material.recipe, data))
    asked = [dialogue for dialogue in told if dialogue.prompt][:_MOST_TAUGHT]
    written = ask(material, asked, sampling, endpoint=None if material.teachers else endpoint)
    material.written["held-out.parquet"] = written
    said = [Dialogue(each.messages) for each in written]
    texts = [dialogue.encoded(material.chat, data.max_length) for dialogue in said]
    return [text for text in texts if text.targets]


def learns_from_writing(recipe: Recipe) -> bool:
    """Whether any stage learns from text that a teacher or the student writes."""
    return any(not isinstance(stage.inputs, TransferSet) for stage in recipe.stages)


def longest_written(recipe: Recipe, data: Conversations) -> int:
    """The longest answer, in tokens, that any part of the recipe asks for."""
    stages = [stage.inputs.new_tokens for stage in recipe.stages if not isinstance(stage.inputs, TransferSet)]
    return max([data.new_tokens, *stages])


def _content_of(dialogues: DialogueSet, teachers: LanguageTeachers | None, learnt: Sequence[str]) -> str:
    fingerprints = "".join(teachers.fingerprints if teachers else ())
    return hashlib.sha256("".join([dialogues.digest, fingerprints, *learnt]).encode()).hexdigest()
