"""The checkpoint formats, asked in this order: a new one is one file here and its word in the tuple."""

from pathlib import Path

from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, CheckpointFormat
from workbench.engine.checkpoints.workbench_safetensors import WORKBENCH_SAFETENSORS, to_bytes
from workbench.engine.classifier import Classifier
from workbench.errors import WorkbenchError

FORMATS: tuple[CheckpointFormat, ...] = (WORKBENCH_SAFETENSORS,)

__all__ = ["FORMATS", "CheckpointCard", "CheckpointFormat", "format_of", "inspect", "load", "to_bytes"]


def format_of(path: Path) -> CheckpointFormat:
    """The format of a checkpoint, by its content.

    Raises:
        WorkbenchError: It is not there, or no format knows it.
    """
    if not path.exists():
        raise WorkbenchError(f"There is no checkpoint at {path}.", "Check the name and the folder.")
    for known in FORMATS:
        if known.recognises(path):
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise WorkbenchError(f"{path} is not a checkpoint this program reads.", f"It reads: {names}.")


def load(path: Path) -> Classifier:
    """The model in a checkpoint, in eval mode, on the CPU. Raises WorkbenchError."""
    return format_of(path).load(path)


def inspect(path: Path) -> CheckpointCard:
    """What a checkpoint says of itself. Raises WorkbenchError."""
    return format_of(path).inspect(path)
