"""Hard labels: −log p of the true class at T = 1, the target of ordinary training."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from workbench.engine.objectives.objective import Objective

UNLABELLED = -100


def hard_term(student_NC: Tensor, labels_N: Tensor) -> Tensor:
    """Cross-entropy with the hard label per position, in nats; 0 where the label is `UNLABELLED`.

    Args:
        student_NC: Student logits, N positions × C classes.
        labels_N: int64 labels.
    """
    logits_NC = student_NC if student_NC.dtype == torch.float64 else student_NC.float()
    return cross_entropy(logits_NC, labels_N, ignore_index=UNLABELLED, reduction="none")


HARD_LABELS = Objective("hard_labels", soft=None)
