"""Teacher and student probabilities on the few examples that are watched live."""

import torch
from torch import Tensor, nn

from workbench.engine.evaluating import HeldOut, logits_of
from workbench.engine.objectives import log_p
from workbench.errors import WorkbenchError
from workbench.events import Probed


def default_probe(labels_N: Tensor, classes: int) -> tuple[int, ...]:
    """The first held-out example of each class, up to ten of them."""
    firsts = [int((labels_N == label).nonzero()[0]) for label in range(classes) if bool((labels_N == label).any())]
    return tuple(firsts[:10])


def probe(student: nn.Module, held_out: HeldOut, examples: tuple[int, ...], temperature: float, step: int) -> Probed:
    """Look at some held-out examples; changes nothing in the student.

    Raises:
        WorkbenchError: An example that does not exist is watched.
    """
    count = len(held_out.labels_N)
    beyond = [place for place in examples if not 0 <= place < count]
    if beyond:
        raise WorkbenchError(f"The probe names example {beyond[0]}, but there are {count} held-out examples, from 0.")
    places = torch.tensor(examples, dtype=torch.int64, device=held_out.device)
    student_NC = logits_of(student, held_out.inputs_NX[places])
    teacher_NC = None if held_out.teacher_NC is None else held_out.teacher_NC[places]
    return Probed(
        step=step,
        examples=examples,
        labels=tuple(held_out.labels_N[places].tolist()),
        temperature=temperature,
        teacher_at_1=_rows(teacher_NC, 1.0),
        student_at_1=_rows(student_NC, 1.0),
        teacher_at_t=_rows(teacher_NC, temperature),
        student_at_t=_rows(student_NC, temperature),
    )


def _rows(logits_NC: Tensor | None, temperature: float) -> tuple[tuple[float, ...], ...]:
    if logits_NC is None:
        return ()
    return tuple(tuple(row) for row in log_p(logits_NC, temperature).exp().tolist())
