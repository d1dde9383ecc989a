"""Fully connected layers with ReLU and dropout."""

import math

from torch import nn

from workbench.engine.architectures.dropout import SeededDropout
from workbench.recipe.models import Mlp


def mlp(section: Mlp, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Flatten, then Linear–ReLU–Dropout for each hidden width, then the output layer."""
    layers: list[nn.Module] = [nn.Flatten()]
    if section.input_dropout:
        layers.append(SeededDropout(section.input_dropout))
    width = math.prod(input_shape)
    for hidden in section.hidden:
        layers += [nn.Linear(width, hidden), nn.ReLU()]
        if section.dropout:
            layers.append(SeededDropout(section.dropout))
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, classes))
