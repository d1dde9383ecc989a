"""The loss of a batch: L = α · soft + (1 − α) · hard, averaged over scored positions of the whole step.

N scored positions, C classes or vocabulary entries.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.engine.objectives import OBJECTIVES, hard_term
from workbench.recipe.objectives import HardLabels
from workbench.recipe.objectives import Objective as ObjectiveSection


@dataclass(frozen=True)
class Scale:
    """What is averaged over: positions of the whole step, so that splitting a batch changes nothing.

    Attributes:
        scored: Positions with a target.
        labelled: Positions among them that have a hard label.
    """

    scored: int
    labelled: int


@dataclass(frozen=True)
class Terms:
    """The named parts of a loss; sums over the batches of one step are the step's averages.

    Attributes:
        total: α · soft + (1 − α) · hard; the one with a gradient.
        soft: The divergence from the teacher with its T², 0 for hard labels.
        hard: Cross-entropy with the hard label at T = 1, in nats.
    """

    total: Tensor
    soft: Tensor
    hard: Tensor


@dataclass(frozen=True)
class Weighting:
    """The objective with the numbers in force at this step; `temperature` is None where there is none."""

    objective: ObjectiveSection
    temperature: float | None
    alpha: float

    @classmethod
    def of(
        cls, objective: ObjectiveSection, temperature: float | None = None, alpha: float | None = None
    ) -> "Weighting":
        """The recipe's numbers, replaced where a control is set and the objective has such a number."""
        own_t: float | None = getattr(objective, "temperature", None)
        own_alpha = 0.0 if isinstance(objective, HardLabels) else objective.alpha
        in_use_t = temperature if temperature is not None and own_t is not None else own_t
        in_use_alpha = own_alpha if alpha is None or isinstance(objective, HardLabels) else alpha
        return cls(objective, in_use_t, in_use_alpha)


def score(
    weighting: Weighting,
    student_NC: Tensor,
    teacher_NC: Tensor | None,
    labels_N: Tensor,
    scale: Scale,
    *,
    whole_NC: Tensor | None = None,
) -> Terms:
    """The loss terms of one batch.

    Args:
        weighting: The objective, T and α.
        student_NC: Student logits at the scored positions.
        teacher_NC: Teacher logits at the same positions; None for hard labels.
        labels_N: Labels, `UNLABELLED` where hidden.
        scale: The counts of the whole step this batch belongs to.
        whole_NC: Student logits over all entries, where those that are compared are only a part of them.

    Returns:
        This batch's share of the step's averages.
    """
    hard = hard_term(student_NC if whole_NC is None else whole_NC, labels_N).sum() / max(scale.labelled, 1)
    soft_of = _SOFT[weighting.objective.kind]
    if soft_of is None:
        return Terms(hard, torch.zeros_like(hard), hard)
    assert teacher_NC is not None, "a soft objective needs a teacher; the recipe has checked it"
    temperature = 1.0 if weighting.temperature is None else weighting.temperature
    soft = soft_of(student_NC, teacher_NC, temperature, weighting.objective).sum() / max(scale.scored, 1)
    return Terms(_mixed(weighting.alpha, soft, hard), soft, hard)


def _mixed(alpha: float, soft: Tensor, hard: Tensor) -> Tensor:
    # At the ends the other term is left out of the graph: no wasted gradient, and no 0 · inf.
    if alpha == 0:
        return hard
    if alpha == 1:
        return soft
    return alpha * soft + (1 - alpha) * hard


_SOFT = {objective.kind: objective.soft for objective in OBJECTIVES}
