"""What the loop leaves to a task: what a batch is to the models, and how a student is judged and watched."""

from collections.abc import Sequence
from typing import Any, Protocol

from workbench.engine.scoring import Scale, Terms, Weighting
from workbench.events import Evaluated, Event
from workbench.recipe.inputs import Inputs


class Task(Protocol):
    """Judges students by held-out data it holds; batches are those of the stage's own source.

    Attributes:
        classes: Names of what is told apart; empty where it is a vocabulary.
        uniform_loss: The loss of uniform guessing, in nats.
        teacher_parameters: Numbers in all teachers together; 0 without any.
    """

    classes: tuple[str, ...]
    uniform_loss: float
    teacher_parameters: int

    def terms(self, student: Any, batch: Any, weighting: Weighting, scale: Scale, *, bfloat16: bool) -> Terms:
        """The loss of one batch, with a gradient; asks nothing of the device."""
        ...

    def judge_teacher(self) -> Sequence[Event]:
        """What the teacher scores, before anything is trained; nothing without one."""
        ...

    def judge(
        self, student: Any, *, temperature: float, step: int, note: str = ""
    ) -> tuple[Evaluated, Sequence[Event]]:
        """The student's score on held-out data, and what else is to be seen of it.

        Raises:
            WorkbenchError: It answers NaN or infinity.
        """
        ...

    def watch(self, student: Any, asked: Sequence[int], *, temperature: float, step: int) -> Sequence[Event]:
        """A look at the watched examples; `asked` names others than the usual ones."""
        ...

    def end_stage(self, student: Any, inputs: Inputs) -> Sequence[str]:
        """What is done to a student once a stage is over, in words; nothing for most stages."""
        ...
