"""A recipe: teacher(s) + student + data + a list of stages; a stage is (inputs, objective, optimisation)."""

import hashlib
import json
from typing import Literal, Self

from pydantic import Field, model_validator

from workbench.recipe.data import Data
from workbench.recipe.export import Export
from workbench.recipe.inputs import Inputs, TransferSet
from workbench.recipe.models import Student, Teacher
from workbench.recipe.monitoring import Autosave, Monitoring
from workbench.recipe.objectives import HardLabels, Objective, SoftTargets
from workbench.recipe.optimisation import Optimisation
from workbench.recipe.section import Section, setting


class Stage(Section):
    """One leg of a run: where the inputs come from, what counts as the target, how to go downhill."""

    name: str = setting("", help="Name of the stage on plots and in logs.")
    inputs: Inputs = Field(default=TransferSet(), description="Where the batches come from.")
    objective: Objective = Field(default=SoftTargets(), description="What counts as the target.")
    optimisation: Optimisation = Field(default=Optimisation(), description="How to go downhill.")


class Recipe(Section):
    """Everything a person asked for; a run is a function of this, the seed and the journal of changes."""

    format: Literal[1] = setting(1, help="Version of the recipe format.")
    name: str = setting("untitled", help="Name of the recipe; names the run folder too.")
    description: str = setting("", help="What this recipe shows, for people.")
    teachers: tuple[Teacher, ...] = Field(default=(), description="Trained models to learn from.", max_length=100)
    averaging: Literal["arithmetic", "geometric"] = setting(
        "arithmetic", help="Several teachers: mean of probabilities, or of log-probabilities."
    )
    student: Student = Field(default=..., description="The model to be trained.")
    data: Data = Field(default=..., description="Where the examples lie.")
    stages: tuple[Stage, ...] = Field(default=(Stage(),), description="The legs of the run, in order.", min_length=1)
    monitoring: Monitoring = Field(default=Monitoring(), description="What is measured on the way.")
    autosave: Autosave = Field(default=Autosave(), description="When the state is kept.")
    export: Export = Field(default=Export(), description="What other programs get.")

    @model_validator(mode="after")
    def _teachers_where_needed(self) -> Self:
        for number, stage in enumerate(self.stages):
            if stage.objective.uses_teacher and not self.teachers:
                kind = stage.objective.kind.replace("_", " ")
                mend = "add one, or choose hard labels"
                raise ValueError(f"stage {number + 1} learns from a teacher ({kind}), and there is none: {mend}")
        return self

    def as_baseline(self) -> "Recipe":
        """The same student, seed and budget on hard labels: what shows whether the teacher helped."""
        stages = tuple(
            stage.model_copy(update={"name": "hard labels", "objective": HardLabels()}) for stage in self.stages
        )
        return self.model_copy(update={"name": f"{self.name} (baseline)", "stages": stages})

    def with_seed(self, seed: int) -> "Recipe":
        """The same recipe from another seed."""
        return self.model_copy(update={"student": self.student.model_copy(update={"seed": seed})})

    def digest(self) -> str:
        """SHA-256 of the recipe's values in canonical JSON: names a recipe without revealing it."""
        values = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(values.encode()).hexdigest()
