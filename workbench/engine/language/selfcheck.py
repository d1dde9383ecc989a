"""Does the loss keep its promises on these very texts? Run before every training, on a few tokens.

N scored positions, V vocabulary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.engine.language.batches import Texts, collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.teachers import LanguageTeachers
from workbench.engine.scoring import Weighting
from workbench.engine.selfcheck import finite, promises, soft_target_warnings
from workbench.engine.setup import StagePlan
from workbench.events import Finding

_TEXTS, _POSITIONS = 4, 32


@torch.no_grad()
def check_objectives(
    stages: Sequence[StagePlan],
    student: LanguageModel,
    teachers: LanguageTeachers | None,
    texts: Sequence[Encoded],
    device: torch.device,
) -> tuple[Finding, ...]:
    """One finding a promise and stage; the numbers are computed in float64 on the first held-out tokens.

    Raises:
        WorkbenchError: A model answers NaN or infinity to them.
    """
    batch = collate([_beginning(text) for text in texts[:_TEXTS]], device)
    student_NV = finite(_logits(student, batch), "student", "held-out tokens")
    findings: list[Finding] = []
    for number, plan in enumerate(stages):
        if not plan.stage.objective.uses_teacher:
            findings.append(Finding(level="ok", title=f"Stage {number}: hard labels, one dry batch is finite."))
            continue
        assert teachers is not None, "the recipe has checked it"
        temperature = Weighting.of(plan.stage.objective).temperature
        width = min(student_NV.shape[1], *(model.vocabulary for model in teachers.models))
        logits_NKV = torch.stack([_logits(model, batch)[:, :width] for model in teachers.models], dim=1)
        teacher_NV = finite(teachers.combine(logits_NKV, temperature), "teacher", "held-out tokens")
        labels_N = batch.labels_N[: len(student_NV)].cpu().clamp_max(width - 1)
        with torch.enable_grad():
            kept = list(promises(plan, student_NV[:, :width], teacher_NV, labels_N))
        for holds, promise in kept:
            level = "ok" if holds else "refusal"
            findings.append(Finding(level=level, title=f"Stage {number}: {promise}"))
        with torch.enable_grad():
            findings += soft_target_warnings(number, plan, student_NV[:, :width], teacher_NV, labels_N)
    return tuple(findings)


def _beginning(text: Encoded) -> Encoded:
    """Up to the first of what is scored, wherever a long prompt lets it begin."""
    return text.cut(text.targets[:_POSITIONS][-1] + 1)


def _logits(model: LanguageModel, batch: Texts) -> Tensor:
    was_training = model.training
    model.eval()
    hidden_NH = batch.scored(model.hidden(batch.tokens_BT))[:_POSITIONS]
    logits_NV: Tensor = model.head(hidden_NH).float()
    model.train(was_training)
    return logits_NV
