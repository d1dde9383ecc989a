"""Where a language model's batches come from: one file a kind, named as the kind, and its word in this tuple."""

from collections.abc import Callable
from typing import Any

from workbench.engine.language.inputs.rollouts import rollouts
from workbench.engine.language.inputs.teacher_written import teacher_written
from workbench.engine.language.inputs.text_material import TextMaterial
from workbench.engine.language.inputs.transfer_set import transfer_set
from workbench.engine.language.sources import TextSource
from workbench.recipe import Stage

TEXT_INPUTS: tuple[Callable[[Any, Stage, TextMaterial], TextSource], ...] = (transfer_set, teacher_written, rollouts)

__all__ = ["TEXT_INPUTS", "TextMaterial", "open_texts"]


def open_texts(stage: Stage, material: TextMaterial) -> TextSource:
    """The batches a stage asks for. Raises WorkbenchError."""
    kind = stage.inputs.kind
    return next(source for source in TEXT_INPUTS if source.__name__ == kind)(stage.inputs, stage, material)
