"""Which of the things that a PyTorch program gives is its answer.

M inputs in one call, C classes.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from workbench.errors import WorkbenchError


def answers_in(given: Any, asked: str, path: Path) -> Tensor:
    """The answers among what a program gives.

    Args:
        given: A tensor, or several in a tuple, a list or by names.
        asked: A name or a number; empty takes the one called logits, else the first that is a row for each input.
        path: The program, for messages.

    Raises:
        WorkbenchError: There is none such.
    """
    outputs = _outputs(given)
    if asked:
        if asked in outputs:
            return outputs[asked]
        raise WorkbenchError(
            f"{path} has no output {asked!r} that is a tensor; it has: {', '.join(outputs) or 'none'}.",
            "Name one of them in signature.output.",
        )
    if "logits" in outputs:
        return outputs["logits"]
    for tensor in outputs.values():
        if tensor.is_floating_point() and (tensor.ndim == 2 or (tensor.ndim > 2 and tensor[0, 0].numel() == 1)):
            return tensor
    table = "\n".join(f"  {name}  {tuple(tensor.shape)}  {tensor.dtype}" for name, tensor in outputs.items())
    raise WorkbenchError(
        f"{path} has no output that is a row of numbers for each input.", "Export it with its logits.", table
    )


def asking(run: Callable[[Tensor], Any], asked: str, path: Path) -> Callable[[Tensor], Tensor]:
    """What gives the answers [M, C] of a program that gives more."""

    def ask(inputs_MX: Tensor) -> Tensor:
        return answers_in(run(inputs_MX), asked, path).detach()

    return ask


def _outputs(given: Any) -> dict[str, Tensor]:
    if isinstance(given, Tensor):
        return {"0": given}
    items: Any = ()
    if isinstance(given, Mapping):
        items = given.items()
    elif isinstance(given, (tuple, list)):
        items = zip(getattr(given, "_fields", map(str, range(len(given)))), given, strict=True)
    return {str(name): value for name, value in items if isinstance(value, Tensor)}
