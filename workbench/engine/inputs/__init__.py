"""Where a stage's batches come from: one file a kind, named as the kind, and its word in this tuple."""

from collections.abc import Callable

from workbench.engine.inputs.batch import Batch, InputSource
from workbench.engine.inputs.material import Material
from workbench.engine.inputs.transfer_set import transfer_set
from workbench.recipe import Stage

INPUTS: tuple[Callable[[Stage, Material], InputSource], ...] = (transfer_set,)

__all__ = ["INPUTS", "Batch", "InputSource", "Material", "open_source"]


def open_source(stage: Stage, material: Material) -> InputSource:
    """The batches a stage asks for. Raises WorkbenchError."""
    return next(source for source in INPUTS if source.__name__ == stage.inputs.kind)(stage, material)
