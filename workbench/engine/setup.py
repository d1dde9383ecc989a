"""What a run needs before its first step, whatever its task: student, stages, and who judges them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench.engine.tasks.task import Task
from workbench.events import Event, Finding
from workbench.recipe import Recipe, Stage


@dataclass(frozen=True)
class StagePlan:
    """One stage, ready to go: its recipe, its batches and its length in steps."""

    stage: Stage
    source: Any
    steps: int
    steps_per_epoch: int

    @classmethod
    def of(cls, stage: Stage, source: Any) -> "StagePlan":
        """As long as the recipe says, for a source that knows its batches in an epoch."""
        steps_per_epoch = max(source.batches_per_epoch // stage.optimisation.accumulate, 1)
        steps = stage.optimisation.steps or stage.optimisation.epochs * steps_per_epoch
        return cls(stage, source, steps, steps_per_epoch)


@dataclass(frozen=True)
class Setup:
    """Everything a run needs, on its device.

    Attributes:
        recipe: What was asked for.
        device: Where all of it lies.
        student: The model to be trained.
        stages: In order.
        probe: Held-out examples that are watched.
        content: SHA-256 of data and teachers, to notice when they change under a run.
        findings: What preflight had to say.
    """

    recipe: Recipe
    device: torch.device
    student: Any
    stages: tuple[StagePlan, ...]
    probe: tuple[int, ...]
    content: str
    findings: tuple[Finding, ...]

    @property
    def task(self) -> Task:
        """How the student is scored, judged and watched."""
        raise NotImplementedError

    def self_check(self) -> tuple[Finding, ...]:
        """Whether the loss keeps its promises on this very data. Raises WorkbenchError where a model answers NaN."""
        raise NotImplementedError

    def keep(self, folder: Path) -> None:
        """Write the finished student, and what it answers to the held-out examples. Raises WorkbenchError."""
        raise NotImplementedError

    def export(self, folder: Path, step: int) -> Iterator[Event]:
        """Write what other programs read, and tell how well it agrees. Raises WorkbenchError."""
        raise NotImplementedError
