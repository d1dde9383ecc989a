"""A new student from whatever a recipe says it is made of."""

import torch

from workbench.engine.classifier import Blueprint, Classifier, seeded_classifier
from workbench.engine.devices import free_bytes
from workbench.engine.starts import STARTS, Needs, Start
from workbench.errors import WorkbenchError
from workbench.recipe.models import Architecture

_GIB = 2**30

__all__ = ["STARTS", "Needs", "Start", "new_student", "start_of"]


def start_of(section: Architecture, needs: Needs) -> Start:
    """What a recipe's architecture comes to for these needs; nothing is built. Raises WorkbenchError."""
    for start in STARTS:
        if start.__name__ == section.kind:
            return start(section, needs)
    return Start(needs.blueprint(section))


def new_student(section: Architecture, needs: Needs, seed: int) -> Classifier:
    """A freshly made student; the same seed gives the same weights. Raises WorkbenchError."""
    start = start_of(section, needs)
    _refuse_beyond_memory(start.blueprint)
    model = seeded_classifier(start.blueprint, seed)
    if start.weights:
        model.load_state_dict({**model.state_dict(), **start.weights})
    return model


def _refuse_beyond_memory(blueprint: Blueprint) -> None:
    """Refuse sizes that no memory here holds, before any is taken; what code of a person's own takes is not known."""
    if blueprint.architecture.kind == "python_class":
        return
    try:
        with torch.device("meta"):
            size = sum(tensor.nbytes for tensor in Classifier(blueprint).state_dict().values())
    except (ValueError, RuntimeError, TypeError, OverflowError) as error:
        raise WorkbenchError(f"No student has these sizes: {str(error).splitlines()[0]}") from None
    free = free_bytes(torch.device("cpu"))
    if size > free:
        raise WorkbenchError(
            f"The student would take {size / _GIB:,.1f} GiB of memory, but {free / _GIB:,.1f} GiB are free.",
            "Make it smaller: fewer or narrower layers.",
        )
