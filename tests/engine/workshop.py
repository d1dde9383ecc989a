"""Small models, recipes and runs that take milliseconds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench.engine.classifier import Classifier, InputStatistics, new_classifier
from workbench.engine.distilling import Distillation
from workbench.engine.preparing import ClassifierSetup, prepare
from workbench.events import ControlValues, Event
from workbench.recipe import Recipe, Stage
from workbench.recipe.data import Arrays
from workbench.recipe.inputs import TransferSet
from workbench.recipe.models import ConvNet, Mlp, Student, Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.optimisation import Optimisation

CPU = torch.device("cpu")


def tiny_classifier(
    *, hidden: tuple[int, ...] = (8,), seed: int = 0, classes: int = 3, features: int = 4, sharpness: float = 1.0
) -> Classifier:
    """A new network for feature vectors; `sharpness` multiplies its logits."""
    statistics = InputStatistics((features,), (0.5,) * features, (2.0,) * features)
    model = new_classifier(Mlp(hidden=hidden), statistics, tuple(map(str, range(classes))), seed)
    with torch.no_grad():
        for parameter in model.network[-1].parameters():
            parameter.mul_(sharpness)
    return model.eval()


def tiny_recipe(*stages: Stage, **changes: Any) -> Recipe:
    """A recipe over the workshop's files: 48 training examples, batches of 8, 6 steps an epoch, 1 epoch."""
    parts: dict[str, Any] = {
        "name": "tiny",
        "teachers": (Teacher(checkpoint="teacher.safetensors"),),
        "student": Student(seed=1, architecture=Mlp(hidden=(8,))),
        "data": Arrays(file="data.npz", validation_fraction=0.25),
        "stages": stages or (tiny_stage(),),
        "monitoring": Monitoring(evaluate_every=0.5, probe_every=4),
    }
    return Recipe(**(parts | changes))


def picture_recipe(*stages: Stage, **changes: Any) -> Recipe:
    """The same over the workshop's pictures, with a student that has batch norm and dropout."""
    parts = {
        "teachers": (Teacher(checkpoint="pictures.safetensors"),),
        "student": Student(seed=1, architecture=ConvNet(widths=(3,), dropout=0.2)),
        "data": Arrays(file="pictures.npz", validation_fraction=0.25),
    }
    return tiny_recipe(*stages, **(parts | changes))


def tiny_stage(objective: Any = None, *, inputs: TransferSet | None = None, **optimisation: Any) -> Stage:
    """A stage of one epoch in batches of 8."""
    given = {} if objective is None else {"objective": objective}
    settings = {"epochs": 1, "learning_rate": 0.05} | optimisation
    return Stage(inputs=inputs or TransferSet(batch_size=8), optimisation=Optimisation(**settings), **given)


@dataclass(frozen=True)
class Workshop:
    """A folder with data and trained teachers."""

    folder: Path

    def setup(self, recipe: Recipe, cache: Path | None = None) -> ClassifierSetup:
        """The recipe's setup on the CPU, made anew: a run changes its student."""
        return prepare(recipe, self.folder, CPU, cache)

    def run(self, recipe: Recipe, controls: Any = None) -> tuple[list[Event], Distillation]:
        """A whole run: its events and what is left of it."""
        distillation = Distillation(self.setup(recipe), controls)
        return list(distillation.events()), distillation


@dataclass(frozen=True)
class Turning:
    """Controls that somebody turns: from each step on the values beside it are in force."""

    turns: tuple[tuple[int, ControlValues], ...]

    def read(self, step: int) -> ControlValues:
        """The values of the last turn at or before the step."""
        values = [values for at, values in self.turns if at <= step]
        return values[-1] if values else ControlValues()


def of_type(events: Iterable[Event], kind: Callable[..., Any]) -> list[Any]:
    """The events of one class, in order."""
    return [event for event in events if type(event) is kind]
