"""Dropout whose draws belong to it alone: no other thread that draws a number can change what a student becomes."""

import torch
from torch import Tensor, nn


class SeededDropout(nn.Dropout):
    """As nn.Dropout, from a seed that the loop sets before every step; without one, from torch's own generator.

    Attributes:
        seed: Of the next forward pass in training mode; each pass goes on to the next.
    """

    seed: int | None = None

    def forward(self, input: Tensor) -> Tensor:
        """Any shape; the identity in eval mode."""
        if not self.training or self.p == 0 or self.seed is None:
            return super().forward(input)
        draws = torch.Generator(device=input.device).manual_seed(self.seed)
        self.seed += 1
        kept = torch.empty_like(input).bernoulli_(1 - self.p, generator=draws)
        return input * kept.div_(1 - self.p)
