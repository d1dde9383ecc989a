"""What teacher and student say of whole classes: the "dark knowledge" of Hinton's talk, over the held-out set.

N examples, C classes, R rows and columns of the map.
"""

import torch
from torch import Tensor

from workbench.engine.evaluating import HeldOut
from workbench.engine.objectives import log_p
from workbench.events import Surveyed

# A map with more rows cannot be read, and would fill the run's database.
_MOST_CLASSES = 40
_MOST_EXAMPLES = 64


def survey(student_NC: Tensor, held_out: HeldOut, temperature: float, step: int) -> Surveyed:
    """Mean soft targets by true class, and the examples worth watching.

    Args:
        student_NC: The student's logits on every held-out example.
        held_out: Labels, and the teacher's logits where there is one.
        temperature: Where the map is taken.
        step: Of the run.
    """
    student_NC, labels_N = student_NC.cpu(), held_out.labels_N.cpu()
    classes = student_NC.shape[1]
    counts_C = torch.bincount(labels_N, minlength=classes)
    frequent_R = torch.argsort(counts_C, descending=True, stable=True)[:_MOST_CLASSES].sort().values
    log_s_NC = log_p(student_NC, 1.0)
    confidence_N, answer_N = log_s_NC.max(1)
    mistaken_N = (answer_N != labels_N).nonzero().flatten()
    mistakes = mistaken_N[torch.argsort(confidence_N[mistaken_N], descending=True, stable=True)]
    teacher_RR: tuple[tuple[float, ...], ...] = ()
    disagreements: tuple[int, ...] = ()
    if held_out.teacher_NC is not None:
        teacher_NC = held_out.teacher_NC.cpu()
        log_t_NC = log_p(teacher_NC, 1.0)
        kl_N = (log_t_NC.exp() * (log_t_NC - log_s_NC)).sum(1)
        disagreements = tuple(torch.argsort(kl_N, descending=True, stable=True)[:_MOST_EXAMPLES].tolist())
        teacher_RR = _mean_by_class(teacher_NC, labels_N, frequent_R, temperature)
    return Surveyed(
        step=step,
        temperature=temperature,
        classes=tuple(frequent_R.tolist()),
        teacher=teacher_RR,
        student=_mean_by_class(student_NC, labels_N, frequent_R, temperature),
        disagreements=disagreements,
        mistakes=tuple(mistakes[:_MOST_EXAMPLES].tolist()),
    )


def _mean_by_class(
    logits_NC: Tensor, labels_N: Tensor, frequent_R: Tensor, temperature: float
) -> tuple[tuple[float, ...], ...]:
    shown_N = torch.isin(labels_N, frequent_R)
    # `frequent_R` is sorted, so a label's row is where it stands there.
    row_N = torch.searchsorted(frequent_R, labels_N[shown_N])
    probabilities_NR = log_p(logits_NC[shown_N], temperature).exp()[:, frequent_R]
    rows = len(frequent_R)
    sums_RR = torch.zeros(rows, rows).index_add_(0, row_N, probabilities_NR)
    means_RR = sums_RR / torch.bincount(row_N, minlength=rows).clamp_min(1)[:, None]
    # Four digits: nobody sees more, and the run's database stays small.
    return tuple(tuple(round(value, 4) for value in row) for row in means_RR.tolist())
