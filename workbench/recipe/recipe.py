"""A recipe: teacher(s) + student + data + a list of stages; a stage is (inputs, objective, optimisation)."""

import hashlib
import json
from typing import Literal, Self

from pydantic import Field, model_validator

from workbench.recipe.data import Conversations, Data
from workbench.recipe.export import Export
from workbench.recipe.inputs import Endpoint, Inputs, Rollouts, TeacherWritten, TransferSet
from workbench.recipe.models import CausalLm, Student, Teacher
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
            what = _needs_teacher(stage)
            if what and not self.teachers:
                given = "choose hard labels" if stage.objective.uses_teacher else "take the inputs from a transfer set"
                mend = f"add one, or {given}"
                raise ValueError(f"stage {number + 1} learns from a teacher ({what}), and there is none: {mend}")
        return self

    @model_validator(mode="after")
    def _inputs_fit_data(self) -> Self:
        for number, stage in enumerate(self.stages):
            misfit = _text_misfit(stage) if self.writes_text else _class_misfit(stage)
            if misfit:
                raise ValueError(f"stage {number + 1}: {misfit}")
        if not self.writes_text and (self.student.lora or isinstance(self.student.architecture, CausalLm)):
            raise ValueError("adapters and new language models need data of the kind conversations")
        return self

    @property
    def writes_text(self) -> bool:
        """Whether the student is a language model that writes text, and not a classifier."""
        return isinstance(self.data, Conversations)

    @property
    def has_baseline(self) -> bool:
        """Whether a teacher helps at all: only then is there something to compare with."""
        return any(_needs_teacher(stage) or not isinstance(stage.inputs, TransferSet) for stage in self.stages)

    def as_baseline(self) -> "Recipe":
        """The same student, seed and budget on hard labels: what shows whether the teacher helped.

        Text that a teacher or the student wrote gives way to the given responses: a baseline knows no teacher.
        """
        stages = tuple(
            stage.model_copy(update={"name": "hard labels", "objective": HardLabels(), "inputs": _given(stage.inputs)})
            for stage in self.stages
        )
        return self.model_copy(update={"name": f"{self.name} (baseline)", "stages": stages})

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Those that write for its stages, in their order."""
        written = [
            stage.inputs.otherwise if isinstance(stage.inputs, Rollouts) else stage.inputs for stage in self.stages
        ]
        return tuple(each.endpoint for each in written if isinstance(each, TeacherWritten) and each.endpoint)

    def with_seed(self, seed: int) -> "Recipe":
        """The same recipe from another seed."""
        return self.model_copy(update={"student": self.student.model_copy(update={"seed": seed})})

    def digest(self) -> str:
        """SHA-256 of the recipe's values in canonical JSON: names a recipe without revealing it."""
        values = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(values.encode()).hexdigest()


def _given(inputs: Inputs) -> TransferSet:
    return inputs if isinstance(inputs, TransferSet) else TransferSet(batch_size=inputs.batch_size)


def _needs_teacher(stage: Stage) -> str:
    """What a stage needs a teacher of the recipe for; empty where it needs none."""
    if stage.objective.uses_teacher:
        return stage.objective.kind.replace("_", " ")
    inputs = stage.inputs.otherwise if isinstance(stage.inputs, Rollouts) else stage.inputs
    asks = isinstance(inputs, TeacherWritten) and not inputs.file and inputs.endpoint is None
    return "teacher-written text" if asks else ""


def _text_misfit(stage: Stage) -> str:
    """What a stage asks for that a language model cannot be given."""
    fixed = stage.inputs.otherwise if isinstance(stage.inputs, Rollouts) else stage.inputs
    if isinstance(fixed, TransferSet) and not fixed.is_plain:
        return (
            "conversations know no classes and no pictures: omit_classes, unlabelled and augmentation stay as they are"
        )
    if isinstance(stage.inputs, Rollouts) and not stage.objective.uses_teacher and stage.inputs.lmbda > 0:
        return "rollouts have no hard labels, only the teacher can correct them: choose reverse KL, JSD or soft targets"
    return ""


def _class_misfit(stage: Stage) -> str:
    kind = stage.inputs.kind.replace("_", " ")
    return (
        ""
        if isinstance(stage.inputs, TransferSet)
        else f"{kind} is for language models, with data of the kind conversations"
    )
