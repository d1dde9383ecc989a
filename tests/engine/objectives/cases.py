"""Logits and objectives as hypothesis draws them, and how much rounding a divergence may show."""

from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from workbench.recipe.objectives import OBJECTIVES, HardLabels

SOFT_SECTIONS = [section() for section in OBJECTIVES if section is not HardLabels]
TEMPERATURES = st.floats(-3.0, 6.9).map(lambda power: max(0.05, min(2.718281828**power, 1000.0)))
ALPHAS = st.floats(0.0, 1.0, allow_subnormal=False)

# The numbers of the design, §6.
DESIGN_TEACHER = torch.tensor([[2.0, 1.0, 0.1]], dtype=torch.float64)
DESIGN_STUDENT = torch.tensor([[1.0, 0.5, 0.2]], dtype=torch.float64)


@dataclass(frozen=True)
class Logits:
    """Student and teacher logits [N, C] in float64, with labels of which some are hidden."""

    student_NC: Tensor
    teacher_NC: Tensor
    labels_N: Tensor

    def rounding(self, temperature: float) -> float:
        """A bound on the rounding of a term that is multiplied by T²: log-probabilities are of size z / T."""
        spread = float(torch.maximum(self.student_NC.abs().max(), self.teacher_NC.abs().max()))
        return 1e-14 * self.student_NC.shape[1] * (temperature + spread) ** 2


@st.composite
def logits(draw: st.DrawFn, smallest_batch: int = 1) -> Logits:
    """Random logits from sharp to flat, of 1 to 7 positions and 2 to 12 classes."""
    positions, classes = draw(st.integers(smallest_batch, 7)), draw(st.integers(2, 12))
    spread = draw(st.sampled_from([0.01, 1.0, 5.0, 40.0]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    student_NC, teacher_NC = spread * torch.randn(2, positions, classes, dtype=torch.float64, generator=generator)
    labels_N = torch.randint(0, classes, (positions,), generator=generator)
    hidden = draw(st.integers(0, positions))
    labels_N[torch.randperm(positions, generator=generator)[:hidden]] = -100
    return Logits(student_NC, teacher_NC, labels_N)


def ids(section: Any) -> str:
    """How a parameter is named in a test's name."""
    return str(section.kind)
