"""Does the loss keep its promises on this very data? Run before every training, on one batch.

N positions, C classes.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from workbench.engine.classifier import Classifier
from workbench.engine.evaluating import HeldOut, logits_of
from workbench.engine.objectives import UNLABELLED
from workbench.engine.scoring import Scale, Weighting, score
from workbench.engine.setup import StagePlan
from workbench.engine.teachers import Teachers
from workbench.errors import WorkbenchError
from workbench.events import Finding

_TINY = 1e-9
_SAMPLE = 64
# Logits whose differences are so small beside their size are the same but for rounding.
_ALIKE = 1e-6
# Of the soft gradient at T = 1, what is left of it at a low T: less than this teaches nothing.
_VANISHED = 1e-3
_TEACHER_FIX = "It looks untrained or broken: use another checkpoint, or look whether its inputs are normalised right."


def self_check(
    stages: Sequence[StagePlan], student: Classifier, teachers: Teachers | None, held_out: HeldOut
) -> tuple[Finding, ...]:
    """One finding a promise and stage; the numbers are computed in float64 on the first held-out examples.

    Raises:
        WorkbenchError: A dry run of the models on one batch gives NaN or infinity.
    """
    inputs_NX = held_out.inputs_NX[:_SAMPLE].to(held_out.labels_N.device)
    student_NC = finite(logits_of(student, inputs_NX), "student", "held-out examples")
    labels_N = held_out.labels_N[:_SAMPLE].cpu()
    findings: list[Finding] = []
    for number, plan in enumerate(stages):
        if not plan.stage.objective.uses_teacher:
            findings.append(Finding(level="ok", title=f"Stage {number}: hard labels, one dry batch is finite."))
            continue
        assert teachers is not None, "the recipe has checked it"
        teacher_NC = finite(_teacher_logits(teachers, inputs_NX, plan), "teacher", "held-out examples")
        for holds, promise in promises(plan, student_NC, teacher_NC, labels_N):
            level = "ok" if holds else "refusal"
            findings.append(Finding(level=level, title=f"Stage {number}: {promise}"))
        findings += soft_target_warnings(number, plan, student_NC, teacher_NC, labels_N)
    return tuple(findings)


def promises(plan: StagePlan, student_NC: Tensor, teacher_NC: Tensor, labels_N: Tensor) -> Iterator[tuple[bool, str]]:
    """What the objective of a stage must keep to, and whether it does; logits in float64, on the CPU."""
    weighting = Weighting.of(plan.stage.objective)
    scale = _scale(labels_N)
    same = score(weighting, teacher_NC, teacher_NC, labels_N, scale)
    yield abs(float(same.soft)) < _TINY, f"a student equal to the teacher has a soft term of {float(same.soft):.1e}."

    single = score(weighting, student_NC.float(), teacher_NC.float(), labels_N, scale)
    if not bool(torch.isfinite(single.total)):
        yield False, f"in float32 the loss of one batch is {float(single.total)}: T or the logits are out of its range."

    at_0 = score(Weighting.of(plan.stage.objective, alpha=0.0), student_NC, teacher_NC, labels_N, scale)
    at_1 = score(Weighting.of(plan.stage.objective, alpha=1.0), student_NC, teacher_NC, labels_N, scale)
    ends = torch.equal(at_0.total, at_0.hard) and torch.equal(at_1.total, at_1.soft)
    yield ends, "α = 0 is the hard term alone and α = 1 the soft term alone."

    whole = _gradient(weighting, student_NC, teacher_NC, labels_N, [len(labels_N)])
    parts = _gradient(weighting, student_NC, teacher_NC, labels_N, [len(labels_N) // 3, len(labels_N)])
    # Where the student is the teacher already, gradients are rounding errors: nothing to divide by.
    difference = float((whole - parts).abs().max() / whole.abs().max().clamp_min(_TINY))
    yield difference < _TINY, f"splitting the batch changes the gradient by {difference:.0e} of its size."

    if weighting.temperature is not None:
        # Far above the spread of the logits, T² exactly undoes the 1/T² of the soft gradient (Hinton §2).
        high = 100 * float(torch.maximum(student_NC.abs().max(), teacher_NC.abs().max()).clamp_min(1.0))
        sizes = [_soft_gradient_size(plan, student_NC, teacher_NC, labels_N, t) for t in (high, 2 * high)]
        ratio = sizes[1] / sizes[0] if sizes[0] > _TINY else 1.0
        yield abs(ratio - 1) < 0.05, f"T² keeps the soft gradient's size: {ratio:.3f} × when a high T doubles."


def soft_target_warnings(
    number: int, plan: StagePlan, student_NC: Tensor, teacher_NC: Tensor, labels_N: Tensor
) -> Iterator[Finding]:
    """Soft targets that a stage cannot learn from; logits in float64, on the CPU."""
    weighting = Weighting.of(plan.stage.objective)
    count, size = len(teacher_NC), max(float(teacher_NC.abs().max()), _TINY)
    between_classes = float((teacher_NC - teacher_NC.mean(1, keepdim=True)).abs().max())
    between_examples = float((teacher_NC - teacher_NC[:1]).abs().max())
    if between_classes < _ALIKE * size or between_classes < _TINY:
        title = (
            f"Stage {number}: the teacher gives all {teacher_NC.shape[1]:,} classes the same logit at each of {count} "
            "held-out positions: its targets are uniform."
        )
        yield Finding(level="warning", title=title, fix=_TEACHER_FIX)
    elif count > 1 and between_examples < _ALIKE * size:
        title = f"Stage {number}: the teacher gives the same logits at all of {count} held-out positions."
        yield Finding(level="warning", title=title, fix=_TEACHER_FIX)
    temperature = weighting.temperature
    if temperature is None or temperature >= 1 or not weighting.alpha:
        return
    at_1 = _soft_gradient_size(plan, student_NC, teacher_NC, labels_N, 1.0)
    share = _soft_gradient_size(plan, student_NC, teacher_NC, labels_N, temperature) / max(at_1, _TINY)
    if at_1 > _TINY and share < _VANISHED:
        title = (
            f"Stage {number}: at T = {temperature:.3g} the gradient of the soft term is {share:.1g} of what it is at "
            "T = 1: the student learns next to nothing from the teacher."
        )
        yield Finding(level="warning", title=title, fix="Use a T between 0.5 and 50; 1 to 20 is usual.")


def _gradient(
    weighting: Weighting, student_NC: Tensor, teacher_NC: Tensor, labels_N: Tensor, ends: list[int]
) -> Tensor:
    """The gradient of the loss in the student's logits, from batches that end at these places."""
    leaf_NC = student_NC.clone().requires_grad_()
    start = 0
    for end in ends:
        part = slice(start, end)
        score(weighting, leaf_NC[part], teacher_NC[part], labels_N[part], _scale(labels_N)).total.backward()  # type: ignore[no-untyped-call]
        start = end
    assert leaf_NC.grad is not None, "backward has run"
    return leaf_NC.grad


def _soft_gradient_size(
    plan: StagePlan, student_NC: Tensor, teacher_NC: Tensor, labels_N: Tensor, temperature: float
) -> float:
    weighting = Weighting.of(plan.stage.objective, temperature=temperature, alpha=1.0)
    return float(_gradient(weighting, student_NC, teacher_NC, labels_N, [len(labels_N)]).norm())


def _teacher_logits(teachers: Teachers, inputs_NX: Tensor, plan: StagePlan) -> Tensor:
    temperature = Weighting.of(plan.stage.objective).temperature
    return teachers.combine(teachers.logits_BKC(inputs_NX), temperature)


def _scale(labels_N: Tensor) -> Scale:
    return Scale(scored=len(labels_N), labelled=int((labels_N != UNLABELLED).sum()))


def finite(logits_NC: Tensor, name: str, asked: str) -> Tensor:
    """The same logits in float64 on the CPU.

    Raises:
        WorkbenchError: They are not all finite; the sentence tells who gave them, and for what.
    """
    if not bool(torch.isfinite(logits_NC).all()):
        raise WorkbenchError(
            f"The {name} answers NaN or infinity to the first {len(logits_NC)} {asked}.",
            "Its weights or the data's values are broken; use another checkpoint.",
        )
    return logits_NC.cpu().double()
