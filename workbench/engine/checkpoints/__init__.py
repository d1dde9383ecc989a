"""The checkpoint formats, asked in this order: a new one is one file here and its word in the tuple."""

from pathlib import Path

from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, CheckpointFormat, TensorRow, Wanted
from workbench.engine.checkpoints.exported_program import EXPORTED_PROGRAM
from workbench.engine.checkpoints.hugging_face import HUGGING_FACE
from workbench.engine.checkpoints.onnx_program import ONNX_PROGRAM
from workbench.engine.checkpoints.state_dict import BARE_SAFETENSORS, STATE_DICT
from workbench.engine.checkpoints.torchscript import TORCHSCRIPT
from workbench.engine.checkpoints.workbench_safetensors import WORKBENCH_SAFETENSORS, to_bytes
from workbench.engine.classifier import Classifier
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

FORMATS: tuple[CheckpointFormat, ...] = (
    WORKBENCH_SAFETENSORS,
    HUGGING_FACE,
    ONNX_PROGRAM,
    EXPORTED_PROGRAM,
    TORCHSCRIPT,
    STATE_DICT,
    BARE_SAFETENSORS,
)

__all__ = [
    "FORMATS",
    "CheckpointCard",
    "CheckpointFormat",
    "TensorRow",
    "Wanted",
    "format_of",
    "inspect",
    "load",
    "to_bytes",
]


def format_of(path: Path) -> CheckpointFormat:
    """The format of a checkpoint, by its content.

    Raises:
        WorkbenchError: It is not there, or no format knows it.
    """
    refuse_unless_plain(path)
    if not path.exists():
        raise WorkbenchError(f"There is no checkpoint at {path}.", "Check the name and the folder.")
    for known in FORMATS:
        if known.recognises(path):
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise WorkbenchError(f"{path} is not a checkpoint this program reads.", f"It reads: {names}.")


def load(path: Path, wanted: Wanted | None = None) -> Classifier:
    """The model in a checkpoint, in eval mode, on the CPU. Raises ConsentNeededError or another WorkbenchError."""
    return format_of(path).load(path, wanted or Wanted())


def inspect(path: Path, wanted: Wanted | None = None) -> CheckpointCard:
    """What a checkpoint says of itself; nothing of it is run. Raises WorkbenchError."""
    return format_of(path).inspect(path, wanted or Wanted())
