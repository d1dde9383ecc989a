"""Soft targets: T² · KL(p_T ‖ p_S), both softened by T (Hinton, Vinyals & Dean 2015, §2)."""

from torch import Tensor

from workbench.engine.objectives.objective import Objective, log_p
from workbench.recipe.objectives import SoftTargets


def forward_kl(student_NC: Tensor, teacher_NC: Tensor, temperature: float, _: SoftTargets) -> Tensor:
    """Forward KL per position, summed over classes, times T², in nats."""
    log_s_NC, log_t_NC = log_p(student_NC, temperature), log_p(teacher_NC, temperature)
    return temperature**2 * (log_t_NC.exp() * (log_t_NC - log_s_NC)).sum(-1)


SOFT_TARGETS = Objective("soft_targets", forward_kl)
