"""Logit matching (Bucilă, Caruana & Niculescu-Mizil 2006): the limit of T² · KL as T → ∞ (Hinton §2.1)."""

import torch
from torch import Tensor

from workbench.engine.objectives.objective import Objective
from workbench.recipe.objectives import LogitMatching


def squared_distance(student_NC: Tensor, teacher_NC: Tensor, _: float, __: LogitMatching) -> Tensor:
    """1/(2C) · Σ (z_S − z_T)² of zero-meaned logits, per position; softmax cannot see the mean either."""
    difference_NC = student_NC - teacher_NC
    difference_NC = difference_NC if difference_NC.dtype == torch.float64 else difference_NC.float()
    centred_NC = difference_NC - difference_NC.mean(-1, keepdim=True)
    return centred_NC.square().mean(-1) / 2


LOGIT_MATCHING = Objective("logit_matching", squared_distance)
