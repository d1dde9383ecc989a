"""What a new student must fit, and what it is before its first step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from workbench.engine.classifier import Blueprint, InputStatistics
from workbench.engine.teachers import Teachers


@dataclass(frozen=True)
class Needs:
    """What a student must fit.

    Attributes:
        statistics: Of the training inputs.
        classes: Names in label order.
        folder: What file names count from.
        teachers: What it may start from; None where there are none.
    """

    statistics: InputStatistics
    classes: tuple[str, ...]
    folder: Path
    teachers: Teachers | None = None

    def blueprint(self, architecture: Any) -> Blueprint:
        """A model of these sizes for these inputs and classes."""
        return Blueprint(
            architecture=architecture,
            input_shape=self.statistics.shape,
            classes=self.classes,
            mean=self.statistics.mean,
            std=self.statistics.std,
            traits=self.statistics.traits,
        )


@dataclass(frozen=True)
class Start:
    """What a student is before its first step.

    Attributes:
        blueprint: What to build.
        weights: By their names in the model's state dict, in place of random ones; those that are missing stay random.
    """

    blueprint: Blueprint
    weights: Mapping[str, Tensor] = field(default_factory=dict)
