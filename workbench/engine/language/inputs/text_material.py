"""What the inputs of language models draw on: dialogues, models, and what teachers wrote or said before."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.context import refuse_beyond_context
from workbench.engine.language.dialogues import Dialogue
from workbench.engine.language.kept_teaching import Kept, TextCache, kept_mass
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.sources import FixedTexts
from workbench.engine.language.teacher_text import Written
from workbench.engine.language.teachers import LanguageTeachers
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe import Recipe, Stage
from workbench.recipe.data import Conversations
from workbench.recipe.objectives import LogitMatching


@dataclass(frozen=True)
class TextMaterial:
    """Everything that is read once for all stages of a run.

    Attributes:
        recipe: What was asked for.
        data: Its section of conversations.
        folder: What file names count from.
        dialogues: What is learnt from, as it was read.
        chat: The student's tokenizer and template.
        teacher_chat: The first teacher's; the student's where there is none.
        student: The model to be trained.
        teachers: None when no stage needs one.
        cache: What the teacher said of fixed text.
        journals: Where teacher-written answers are taken down.
        device: Where batches are wanted.
        pulse: Hears what is being done; what it raises ends it, with nothing lost.
        written: What teachers wrote, by the name of the file it is kept under; filled while inputs are opened.
        findings: What a person should know of all that; filled too.
        learnt: The digest of each set of texts that is learnt from, to notice when a table was edited; filled too.
    """

    recipe: Recipe
    data: Conversations
    folder: Path
    dialogues: Sequence[Dialogue]
    chat: Chat
    teacher_chat: Chat
    student: LanguageModel
    teachers: LanguageTeachers | None
    cache: TextCache
    journals: Path
    device: torch.device
    pulse: Callable[[str], None]
    written: dict[str, list[Written]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    learnt: list[str] = field(default_factory=list)

    def texts(self, dialogues: Sequence[Dialogue], batch_size: int, stage: Stage) -> FixedTexts:
        """Batches of dialogues with a response, told as student and teacher are told.

        Raises:
            WorkbenchError: None of them leaves anything to learn.
        """
        data = self.data
        for_teacher: list[Encoded] | None = [] if self._teacher_is_told_otherwise(stage) else None
        texts: list[Encoded] = []
        for dialogue in dialogues:
            text = dialogue.told(data.system).encoded(self.chat, data.max_length)
            if for_teacher is None:
                texts += [text] if text.targets else []
                continue
            own = dialogue.told(data.teacher_system).encoded(self.chat, data.max_length)
            text, own = alike(text, own)
            if text.targets:
                texts.append(text)
                for_teacher.append(own)
        if not texts:
            raise WorkbenchError(
                f"None of the {len(dialogues):,} texts has a response within its first {data.max_length} tokens: "
                "there is nothing to learn from.",
                "Give conversations with a response, let the teacher write, or raise data.max_length.",
            )
        if len(texts) < len(dialogues):
            self._tell_of_empty(len(dialogues) - len(texts), len(dialogues))
        self.learnt.append(_digest(texts))
        refuse_beyond_context(self._readers(stage), max(len(text.tokens) for text in texts + (for_teacher or [])))
        return FixedTexts(
            texts,
            self._kept(texts, batch_size, stage) if for_teacher is None else None,
            batch_size=batch_size,
            seed=self.recipe.student.seed,
            device=self.device,
            for_teacher=for_teacher,
        )

    def prompts(self, system: str) -> list[tuple[int, ...]]:
        """Every prompt as tokens, behind an instruction. Raises WorkbenchError."""
        asked = [dialogue.told(system) for dialogue in self.asked()]
        return [self.chat.prompt(dialogue.prompt) for dialogue in asked]

    def asked(self) -> list[Dialogue]:
        """The dialogues that ask something. Raises WorkbenchError where none does."""
        asked = [dialogue for dialogue in self.dialogues if dialogue.prompt]
        if not asked:
            raise WorkbenchError(
                "There are no prompts in the data, only running text: nobody can be asked to go on.",
                "Give prompts, or choose the transfer set as the stage's inputs.",
            )
        return asked

    def journal_of(self, writer: str) -> Path:
        """Where the answers of one writer are taken down."""
        # A writer is named as a person names a model, with whatever signs; a file is not.
        return self.journals / f"{re.sub(r'[^A-Za-z0-9]+', '-', writer)[-100:].strip('-')}.jsonl"

    def _readers(self, stage: Stage) -> list[LanguageModel]:
        """Who reads the texts of a stage."""
        asked = self.teachers.models if self.teachers and stage.objective.uses_teacher else []
        return [self.student, *asked]

    def _tell_of_empty(self, count: int, of: int) -> None:
        title = f"{count:,} of {of:,} texts have no response within their first {self.data.max_length:,} tokens."
        fix = "They are left out; a larger data.max_length reads more of them."
        self.findings.append(Finding(level="warning", title=title, fix=fix))

    def _teacher_is_told_otherwise(self, stage: Stage) -> bool:
        return bool(self.data.teacher_system) and stage.objective.uses_teacher

    def _kept(self, texts: Sequence[Encoded], batch_size: int, stage: Stage) -> list[Kept] | None:
        """What the teacher says of each text, where it is kept at all: of one teacher alone."""
        teachers = self.teachers
        if not self.data.kept_entries or teachers is None or not stage.objective.uses_teacher:
            return None
        if len(teachers.models) > 1:
            note = "Several teachers are asked at every step: only what a single one says is kept."
            self.findings.append(Finding(level="warning", title=note))
            return None
        if isinstance(stage.objective, LogitMatching):
            note = (
                "Logits are matched one by one, so the teacher is asked at every step: kept entries are some of them."
            )
            self.findings.append(Finding(level="warning", title=note))
            return None
        kept = self.cache.shares(teachers.models[0], teachers.fingerprints[0], texts, batch_size)
        entries = kept[0].entries_NK.shape[1]
        title = f"Teacher cache: the {entries:,} likeliest tokens a position hold {kept_mass(kept):.2%} of its mass."
        self.findings.append(Finding(level="ok", title=title))
        return kept


def _digest(texts: Sequence[Encoded]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(repr((text.tokens, text.targets)).encode())
    return digest.hexdigest()


def alike(one: Encoded, other: Encoded) -> tuple[Encoded, Encoded]:
    """The same response behind two prompts, with as many targets: where one was cut, the other is cut too."""
    count = min(len(one.targets), len(other.targets))
    return _first(one, count), _first(other, count)


def _first(text: Encoded, targets: int) -> Encoded:
    kept = text.targets[:targets]
    return Encoded(text.tokens[: kept[-1] + 1] if kept else (), kept)
