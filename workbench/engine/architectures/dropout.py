"""Dropout whose draws belong to it alone: no other thread that draws a number can change what a student becomes."""

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def drawing_by(draws: SeededDropout, device: torch.device) -> Iterator[None]:
    """Let layers of somebody else draw by a seed: torch's own generator is set to it, and put back afterwards.

    Args:
        draws: Holds the seed, which goes on to the next; without one, or outside training, nothing is changed.
        device: Where the layers lie.
    """
    if not draws.training or draws.seed is None:
        yield
        return
    # The processor's generator is always set aside; the name only says which others.
    others, kind = ([], "cuda") if device.type == "cpu" else ([device], device.type)
    with torch.random.fork_rng(others, device_type=kind):
        torch.manual_seed(draws.seed)
        draws.seed += 1
        yield
