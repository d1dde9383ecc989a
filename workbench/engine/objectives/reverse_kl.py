"""Reverse KL: T² · KL(p_S ‖ p_T), mode-seeking (Gu et al. 2024, MiniLLM)."""

from torch import Tensor

from workbench.engine.objectives.objective import Objective, log_p
from workbench.recipe.objectives import ReverseKL


def reverse_kl(student_NC: Tensor, teacher_NC: Tensor, temperature: float, _: ReverseKL) -> Tensor:
    """Reverse KL per position, summed over classes, times T², in nats.

    Kept in log space: with probabilities, p · log p has NaN gradients once p underflows at low T.
    """
    log_s_NC, log_t_NC = log_p(student_NC, temperature), log_p(teacher_NC, temperature)
    return temperature**2 * (log_s_NC.exp() * (log_s_NC - log_t_NC)).sum(-1)


REVERSE_KL = Objective("reverse_kl", reverse_kl)
