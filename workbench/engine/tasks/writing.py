"""Writing text: the next token at every scored position.

B texts, N scored positions, V vocabulary.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.engine.chunked_scoring import Teaching, score_hidden
from workbench.engine.language.batches import Texts, collate
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.evaluating import TextScore, likeliest, score_texts
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.sources import TextBatch
from workbench.engine.language.teacher_text import answer_in
from workbench.engine.language.teachers import LanguageTeachers
from workbench.engine.language.watching import continue_prompts, greedy, look_at_text, repeated_share
from workbench.engine.objectives import UNLABELLED
from workbench.engine.scoring import Scale, Terms, Weighting
from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Event, RolledOut, TextProbed
from workbench.recipe.inputs import Inputs

_BATCH = 8
_PIECE = 256


@dataclass(frozen=True)
class Problems:
    """Held-out prompts whose answers are known, for judging by what is written.

    Attributes:
        prompts: Tokens of each.
        answers: What must come out.
        pattern: Finds the answer in the text: its first group, else the whole match; empty compares all of it.
        most: New tokens at most.
    """

    prompts: tuple[tuple[int, ...], ...]
    answers: tuple[str, ...]
    pattern: str
    most: int

    def right(self, texts: Sequence[str]) -> list[bool]:
        """Which texts give the known answer."""
        return [self._found(text) == answer.strip() for text, answer in zip(texts, self.answers, strict=True)]

    def _found(self, text: str) -> str:
        if not self.pattern:
            return text.strip()
        found = re.search(self.pattern, text, re.DOTALL)
        return "" if found is None else answer_in(found)


@dataclass(frozen=True)
class HeldOutTexts:
    """What language models are judged and watched by.

    Attributes:
        texts: Scored token by token, such as the models are trained on.
        given: Responses that the data gives, for a verdict that favours nobody; empty where it gives none.
        problems: Judged by what is written; None where no answers are known.
        watched_prompts: Continued side by side.
        watched_text: Which text is looked at token by token, where nobody asks for another.
        most: New tokens of a continuation.
    """

    texts: tuple[Encoded, ...]
    given: tuple[Encoded, ...]
    problems: Problems | None
    watched_prompts: tuple[tuple[int, ...], ...]
    most: int
    watched_text: int = 0


class Writing:
    """A `workbench.engine.tasks.task.Task` over held-out texts and problems."""

    classes: tuple[str, ...] = ()

    def __init__(
        self,
        chat: Chat,
        teachers: LanguageTeachers | None,
        held_out: HeldOutTexts,
        vocabulary: int,
        device: torch.device,
    ) -> None:
        """Judge by held-out texts.

        Args:
            chat: The tokenizer of student and teachers.
            teachers: None when every stage uses hard labels.
            held_out: What is judged by.
            vocabulary: Rows of the student's output layer.
            device: Where the models lie.
        """
        self._chat, self._teachers, self._held_out, self._device = chat, teachers, held_out, device
        self.uniform_loss = math.log(vocabulary)
        self.teacher_parameters = teachers.parameter_count if teachers else 0
        self._teacher = teachers.models[0] if teachers else None
        self._taught_texts: list[str] | None = None
        self._rollouts: TextBatch | None = None

    def terms(
        self, student: LanguageModel, batch: TextBatch, weighting: Weighting, scale: Scale, *, bfloat16: bool
    ) -> Terms:
        """The loss of one batch, a piece of its logits at a time."""
        if batch.rollouts:
            self._rollouts = batch
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=bfloat16):
            hidden_NH = batch.student.scored(student.hidden(batch.student.tokens_BT))
            teaching = self._teaching(batch, weighting)
            labels_N = batch.student.labels_N
            if not batch.labelled:
                # What the student wrote itself is nobody's answer.
                labels_N = torch.full_like(labels_N, UNLABELLED)
            return score_hidden(weighting, hidden_NH, student.head, teaching, labels_N, scale=scale)

    def judge_teacher(self) -> Sequence[Event]:
        """What the first teacher scores on the held-out texts."""
        if self._teacher is None:
            return []
        return [self._evaluated(self._teacher, step=0, subject="teacher", note="")]

    def judge(
        self, student: LanguageModel, *, temperature: float, step: int, note: str = ""
    ) -> tuple[Evaluated, Sequence[Event]]:
        """The score on held-out texts; where answers are known, errors are wrong answers. Raises WorkbenchError.

        Before the first step there is a look at the watched text as well: what it was like is seen at once.
        """
        evaluated = self._evaluated(student, step=step, subject="student", note=note)
        return evaluated, [] if step else self.watch(student, (), temperature=temperature, step=step)

    def watch(self, student: LanguageModel, asked: Sequence[int], *, temperature: float, step: int) -> Sequence[Event]:
        """A held-out text token by token, the watched prompts continued, and what the last rollouts were like."""
        held_out = self._held_out
        place = next((place for place in asked if place < len(held_out.texts)), held_out.watched_text)
        was_training = student.training
        student.eval()
        tokens = look_at_text(student, self._teacher, self._chat, held_out.texts[place])
        student.train(was_training)
        if self._taught_texts is None:
            # The teacher does not change: it is asked once.
            model, prompts = self._teacher, held_out.watched_prompts
            self._taught_texts = [] if model is None else greedy(model, self._chat, prompts, held_out.most)
        continued = continue_prompts(student, self._taught_texts, self._chat, held_out.watched_prompts, held_out.most)
        count = len(held_out.texts)
        probed = TextProbed(step=step, tokens=tokens, continued=continued, example=place, examples=count)
        if self._rollouts is None or self._teachers is None:
            return [probed]
        return [probed, rolled_out(self._rollouts, self._teachers, step)]

    def end_stage(self, student: LanguageModel, inputs: Inputs) -> Sequence[str]:
        """Nothing is done to the student; what it wrote belongs to the stage that is over."""
        self._rollouts = None
        return []

    def _teaching(self, batch: TextBatch, weighting: Weighting) -> Teaching | None:
        if self._teachers is None or not weighting.objective.uses_teacher:
            return None
        return batch.kept if batch.kept is not None else self._teachers.teaching(batch.teacher)

    def _evaluated(self, model: LanguageModel, *, step: int, subject: str, note: str) -> Evaluated:
        score = score_texts(model, self._teacher, self._batches())
        if not math.isfinite(score.cross_entropy):
            raise WorkbenchError(
                f"After step {step} the {subject} gives NaN or infinity for held-out texts.",
                "Lower the learning rate or set clip_norm, then resume.",
            )
        errors, examples = self._counted(model, score)
        counts_tokens = self._held_out.problems is None
        return Evaluated(
            step=step,
            subject=subject,
            errors=errors,
            examples=examples,
            cross_entropy=score.cross_entropy,
            calibration_error=score.calibration_error,
            agreement=score.agreement,
            kl_to_teacher=score.kl_to_teacher,
            note=note,
            counted="tokens" if counts_tokens else "problems",
            majority_errors=score.majority_errors if counts_tokens else None,
            top_answer=score.top_answer,
            top_share=score.top_share,
        )

    def _counted(self, model: LanguageModel, score: TextScore) -> tuple[int, int]:
        problems = self._held_out.problems
        if problems is None:
            return round((1 - score.right) * score.tokens), score.tokens
        return self.answers(model).count(False), len(problems.answers)

    def answers(self, model: LanguageModel) -> list[bool]:
        """Which held-out problems a model answers rightly; empty where no answers are known."""
        problems = self._held_out.problems
        if problems is None:
            return []
        texts: list[str] = []
        for start in range(0, len(problems.prompts), 64):
            texts += greedy(model, self._chat, problems.prompts[start : start + 64], problems.most)
        return problems.right(texts)

    def compared(self, student: LanguageModel) -> dict[str, Tensor]:
        """What a verdict compares, int64: problems solved (1) or not (0); where there are none, the likeliest tokens.

        Of tokens it is told which text each stands in: those of one text are not independent.
        """
        models = {"student": student} | ({"teacher": self._teacher} if self._teacher is not None else {})
        if self._held_out.problems is not None:
            solved = {name: torch.tensor(self.answers(model), dtype=torch.int64) for name, model in models.items()}
            return {"labels": torch.ones_like(solved["student"]), **solved}
        texts = self._held_out.given or self._held_out.texts
        batches = [collate([text], self._device) for text in texts]
        said = {name: torch.cat([likeliest(model, batch) for batch in batches]) for name, model in models.items()}
        counts_B = torch.tensor([len(batch.labels_N) for batch in batches])
        labels_N = torch.cat([batch.labels_N for batch in batches]).cpu()
        return {"labels": labels_N, "group": torch.arange(len(batches)).repeat_interleave(counts_B), **said}

    def _batches(self) -> Sequence[Texts]:
        texts = sorted(self._held_out.texts, key=lambda text: len(text.tokens))
        return [collate(texts[start : start + _BATCH], self._device) for start in range(0, len(texts), _BATCH)]


def rolled_out(batch: TextBatch, teachers: LanguageTeachers, step: int) -> RolledOut:
    """What texts that the student wrote are like, to the teacher and in themselves."""
    teaching, labels_N = teachers.teaching(batch.teacher), batch.teacher.labels_N
    width, log_p = teachers.models[0].vocabulary, 0.0
    for start in range(0, len(labels_N), _PIECE):
        part = slice(start, start + _PIECE)
        some_M = labels_N[part]
        _, taught_MV = teaching.against(torch.zeros(len(some_M), width, device=some_M.device), part, 1.0)
        log_p += float(taught_MV.log_softmax(1).gather(1, some_M[:, None]).sum())
    ends = torch.tensor(batch.rollouts).cumsum(0)[:-1].tolist()
    return RolledOut(
        step=step,
        texts=len(batch.rollouts),
        mean_length=len(labels_N) / len(batch.rollouts),
        teacher_log_p=log_p / len(labels_N),
        repeated=repeated_share([part.tolist() for part in labels_N.cpu().tensor_split(ends)]),
    )
