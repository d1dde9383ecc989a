"""The parts of a run in which it can be killed, or its disk can fail, known by the file operations in them."""

from dataclasses import dataclass

from faults.layer import Counted
from faults.trials import Task


@dataclass(frozen=True)
class Phase:
    """A part of a run, known by the operations in it.

    Attributes:
        name: In the table.
        match: What is in their lines.
        counted: Which kind they are.
        tasks: The tasks that have it: all whose name contains this.
    """

    name: str
    match: str
    counted: Counted = Counted.CHANGES
    tasks: str = ""


# In the order in which a run comes through them.
PHASES = (
    Phase("making the run's folder", "/runs/.new-"),
    Phase("reading recipe, data and models", "/inputs/", Counted.READS),
    Phase("asking the teacher for logits", "/teacher-outputs/", tasks="classifier"),
    Phase("teacher writing", "/teacher-text/", tasks="language-model"),
    Phase("metrics and events", "run.sqlite"),
    Phase("training", '"StepDone"', Counted.PRINTS),
    Phase("evaluation", '"Evaluated"', Counted.PRINTS),
    Phase("checkpoint", "/checkpoints/"),
    Phase("keeping the student", "/student/"),
    Phase("export", "/.export-"),
    Phase("end of a training", '"Finished"', Counted.PRINTS),
    Phase("baseline", "/trials/"),
    Phase("verdict", "verdict.json"),
)


def phases_of(task: Task) -> list[int]:
    """The phases of a task, by place; a task with an export is there for what follows training."""
    after_training = next(place for place, phase in enumerate(PHASES) if phase.name == "keeping the student")
    return [
        place
        for place, phase in enumerate(PHASES)
        if phase.tasks in task.name and (place >= after_training if task.exports else phase.name != "export")
    ]
