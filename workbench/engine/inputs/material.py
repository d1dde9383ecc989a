"""What an input may draw on: the training examples, the teachers and what they said before."""

from dataclasses import dataclass

import torch

from workbench.engine.data import Examples
from workbench.engine.teacher_cache import TeacherCache
from workbench.engine.teachers import Teachers
from workbench.recipe import Recipe


@dataclass(frozen=True)
class Material:
    """Everything that is read once for all stages of a run."""

    recipe: Recipe
    training: Examples
    teachers: Teachers | None
    cache: TeacherCache
    device: torch.device
