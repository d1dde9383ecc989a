"""A new student from whatever a recipe says it is made of."""

import torch

from workbench.engine.classifier import Blueprint, Classifier, seeded_classifier
from workbench.engine.devices import free_bytes
from workbench.engine.starts import STARTS, Needs, Start
from workbench.errors import WorkbenchError
from workbench.recipe.models import Architecture

_GIB = 2**30
_TRIED = 2

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
    if start.blueprint.architecture.kind == "python_class":
        _refuse_other_answers(model)
    return model


def _refuse_other_answers(model: Classifier) -> None:
    """Ask a network of a person's own once: what it reads and answers is what its code makes it."""
    blueprint = model.blueprint
    tokens = blueprint.traits.reads == "tokens"
    shape, name = " × ".join(map(str, blueprint.input_shape)), getattr(blueprint.architecture, "name", "")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        blank_BX = torch.zeros((_TRIED, *blueprint.input_shape), dtype=torch.int32 if tokens else torch.float32)
        try:
            answers = model.eval()(blank_BX)
        except Exception as error:
            # A person's own code raises whatever it likes.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise WorkbenchError(
                f"{name} does not answer inputs of {shape}: {reason}",
                "Its forward takes [batch, …] and gives one tensor [batch, classes].",
            ) from None
        finally:
            model.train()
    wanted = (_TRIED, len(blueprint.classes))
    if not isinstance(answers, torch.Tensor) or tuple(answers.shape) != wanted:
        given = f"the shape {tuple(answers.shape)}" if isinstance(answers, torch.Tensor) else type(answers).__name__
        raise WorkbenchError(
            f"{name} answers {_TRIED} inputs with {given}, and for {wanted[1]} classes the shape {wanted} is needed.",
            "Give the class the right number of answers, by one of its arguments perhaps.",
        )


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
