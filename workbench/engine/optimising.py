"""Optimisers and learning rates; the rate at a step is a pure function of the step, so nothing need be kept."""

import math
from collections.abc import Callable

import torch
from torch import nn

from workbench.engine.devices import has_fast_bfloat16
from workbench.recipe.optimisation import Optimisation

# Where one_cycle and cosine start and end, as shares of the peak; the values of torch's OneCycleLR.
_START, _END = 1 / 25, 1 / 250_000

# Below this many parameters bfloat16's conversions cost more than its products save.
_WORTH_BFLOAT16 = 1_000_000


def make_optimiser(section: Optimisation, model: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of a stage, in its fused form, which takes a step in one pass over the weights."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    rate, decay = section.learning_rate, section.weight_decay
    if section.optimiser == "sgd":
        nesterov = section.nesterov and section.momentum > 0
        return torch.optim.SGD(
            parameters, rate, momentum=section.momentum, weight_decay=decay, nesterov=nesterov, fused=True
        )
    kind = torch.optim.Adam if section.optimiser == "adam" else torch.optim.AdamW
    return kind(parameters, rate, betas=(section.momentum, 0.999), weight_decay=decay, fused=True)


def rate_at(section: Optimisation, step: int, total: int, peak: float) -> float:
    """The learning rate of one step.

    Args:
        section: Names the schedule and the share of warm-up.
        step: Counted from 0 within the stage.
        total: Steps of the stage.
        peak: The rate the schedule scales; a control may have changed it.
    """
    # The step at the peak, as torch's OneCycleLR counts it.
    warm = max(section.warm_up * total - 1, 0.0)
    if step < warm:
        if section.schedule != "one_cycle":
            return peak * (step + 1) / (warm + 1)
        return peak * (_START + (1 - _START) * (1 - math.cos(math.pi * step / warm)) / 2)
    progress = (step - warm) / max(total - 1 - warm, 1)
    return peak * _SHAPES[section.schedule](min(progress, 1.0))


def uses_bfloat16(section: Optimisation, model: nn.Module, device: torch.device) -> bool:
    """Whether to run under bfloat16 autocast: as asked, and by itself only where it pays."""
    if section.precision != "auto":
        return section.precision == "bfloat16"
    size = sum(parameter.numel() for parameter in model.parameters())
    return size >= _WORTH_BFLOAT16 and has_fast_bfloat16(device)


def _falling(end: float) -> Callable[[float], float]:
    return lambda progress: end + (1 - end) * (1 + math.cos(math.pi * progress)) / 2


_SHAPES: dict[str, Callable[[float], float]] = {
    "one_cycle": _falling(_END),
    "cosine": _falling(0.0),
    "constant": lambda progress: 1.0,
    # Hu et al. 2024 (MiniCPM), §4: most is learnt at the peak, and a short fall at the end is enough.
    "warmup_stable_decay": lambda progress: _falling(0.0)(max(3 * progress - 2, 0.0)),
}
