"""Generalised Jensen–Shannon divergence: T² · JSD_β(p_T ‖ p_S) (Agarwal et al. 2024, GKD, §2)."""

import math

import torch
from torch import Tensor

from workbench.engine.objectives.objective import Objective, log_p
from workbench.recipe.objectives import JensenShannon


def jensen_shannon(student_NC: Tensor, teacher_NC: Tensor, temperature: float, section: JensenShannon) -> Tensor:
    """β · KL(p_T ‖ m) + (1 − β) · KL(p_S ‖ m), m = β p_T + (1 − β) p_S, per position, times T², in nats."""
    beta = section.beta
    log_s_NC, log_t_NC = log_p(student_NC, temperature), log_p(teacher_NC, temperature)
    log_m_NC = torch.logaddexp(log_t_NC + math.log(beta), log_s_NC + math.log1p(-beta))
    teacher_part_N = (log_t_NC.exp() * (log_t_NC - log_m_NC)).sum(-1)
    student_part_N = (log_s_NC.exp() * (log_s_NC - log_m_NC)).sum(-1)
    return temperature**2 * (beta * teacher_part_N + (1 - beta) * student_part_N)


JENSEN_SHANNON = Objective("jensen_shannon", jensen_shannon)
