"""What an objective is to the engine: a divergence per scored position, in nats, already times T²."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

# (student_NC, teacher_NC, temperature, the recipe's section) -> soft_N
Divergence: TypeAlias = Callable[[Tensor, Tensor, float, Any], Tensor]


@dataclass(frozen=True)
class Objective:
    """One way to compare a student with its target.

    Attributes:
        kind: The word in the recipe.
        soft: The soft term per position; None where the hard label is the whole target.
    """

    kind: str
    soft: Divergence | None


def log_p(logits_NC: Tensor, temperature: float) -> Tensor:
    """Log softmax(z / T) over classes, in float32 at least: bfloat16 would give negative divergences."""
    logits_NC = logits_NC if logits_NC.dtype == torch.float64 else logits_NC.float()
    return torch.log_softmax(logits_NC / temperature if temperature != 1 else logits_NC, dim=-1)
