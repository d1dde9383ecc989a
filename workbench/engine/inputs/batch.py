"""What an input hands to the loop: one batch, with all that scoring needs to know of it.

B examples in a batch, K teachers, C classes, N scored positions, X any input axes.
"""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """One batch on the run's device.

    Attributes:
        inputs_BX: What the student reads.
        labels_N: Hard labels at the scored positions, `UNLABELLED` where hidden.
        scored: How many positions have a target; known without asking the device.
        labelled: How many of them have a hard label.
        teacher_NKC: The teachers' logits at the scored positions where they are cached; else None.
    """

    inputs_BX: Tensor
    labels_N: Tensor
    scored: int
    labelled: int
    teacher_NKC: Tensor | None = None


class InputSource(Protocol):
    """Where a stage's batches come from; batch n is a pure function of n, so that a run can go on anywhere."""

    batches_per_epoch: int

    def batch(self, number: int) -> Batch:
        """Batch `number`, counted from 0 over the whole stage."""
        ...
