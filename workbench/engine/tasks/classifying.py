"""Telling classes apart: one answer an example.

C classes, N scored positions, K teachers.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.engine.classifier import Classifier
from workbench.engine.correcting import omitted_class_shift
from workbench.engine.evaluating import HeldOut, evaluate, logits_of
from workbench.engine.inputs import Batch
from workbench.engine.probing import probe
from workbench.engine.scoring import Scale, Terms, Weighting, score
from workbench.engine.surveying import survey
from workbench.engine.teachers import Teachers
from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Event
from workbench.recipe.inputs import Inputs, TransferSet


class Classifying:
    """A `workbench.engine.tasks.task.Task` over held-out examples and the logits of the teachers."""

    def __init__(
        self, classes: tuple[str, ...], teachers: Teachers | None, held_out: HeldOut, probed: tuple[int, ...]
    ) -> None:
        """Judge by held-out examples.

        Args:
            classes: Names in label order.
            teachers: None when every stage uses hard labels.
            held_out: What is judged by.
            probed: Held-out places that are watched.
        """
        self.classes, self._teachers, self._held_out, self._probed = classes, teachers, held_out, probed
        self.uniform_loss = math.log(len(classes))
        self.teacher_parameters = teachers.parameter_count if teachers else 0

    def terms(self, student: Classifier, batch: Batch, weighting: Weighting, scale: Scale, *, bfloat16: bool) -> Terms:
        """The loss of one batch."""
        with torch.autocast(batch.inputs_BX.device.type, dtype=torch.bfloat16, enabled=bfloat16):
            student_NC = student(batch.inputs_BX)
        return score(weighting, student_NC, self._teacher_logits(batch, weighting), batch.labels_N, scale)

    def judge_teacher(self) -> Sequence[Event]:
        """The ensemble's score."""
        teacher_NC = self._held_out.teacher_NC
        return [] if teacher_NC is None else [evaluate(teacher_NC, self._held_out, step=0, subject="teacher")]

    def judge(
        self, student: Classifier, *, temperature: float, step: int, note: str = ""
    ) -> tuple[Evaluated, Sequence[Event]]:
        """The score and the map of classes. Raises WorkbenchError."""
        logits_NC = logits_of(student, self._held_out.inputs_NX)
        if not bool(torch.isfinite(logits_NC).all()):
            raise WorkbenchError(
                f"After step {step} the student answers NaN or infinity to held-out examples.",
                "Lower the learning rate or set clip_norm, then resume.",
            )
        evaluated = evaluate(logits_NC, self._held_out, step=step, subject="student", note=note)
        return evaluated, [survey(logits_NC, self._held_out, temperature, step)]

    def watch(self, student: Classifier, asked: Sequence[int], *, temperature: float, step: int) -> Sequence[Event]:
        """Probabilities on the watched examples."""
        # A live change may name examples that are not there: looking elsewhere is better than ending the run.
        count = len(self._held_out.labels_N)
        places = tuple(place for place in asked if place < count) or self._probed
        return [probe(student, self._held_out, places, temperature, step)]

    def end_stage(self, student: Classifier, inputs: Inputs) -> Sequence[str]:
        """Omitted classes get their logits shifted, where the recipe asks for it (Hinton §3)."""
        if not (isinstance(inputs, TransferSet) and inputs.omit_classes and inputs.correct_bias):
            return []
        logits_NC, labels_N = logits_of(student, self._held_out.inputs_NX), self._held_out.labels_N
        found_C, before_C = omitted_class_shift(logits_NC, labels_N, inputs.omit_classes), student.logit_shift
        student.logit_shift = found_C if before_C is None else before_C + found_C
        names = ", ".join(self.classes[label] for label in inputs.omit_classes)
        shift = float(student.logit_shift[inputs.omit_classes[0]])
        return [f"logit of the omitted {names} shifted by {shift:+.2f}"]

    def _teacher_logits(self, batch: Batch, weighting: Weighting) -> Tensor | None:
        teachers = self._teachers
        if teachers is None or not weighting.objective.uses_teacher:
            return None
        logits_NKC = batch.teacher_NKC if batch.teacher_NKC is not None else teachers.logits_BKC(batch.inputs_BX)
        return teachers.combine(logits_NKC, weighting.temperature)
