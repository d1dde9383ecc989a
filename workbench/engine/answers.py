"""What teacher and student answer to the held-out examples, as the file that a verdict is computed from."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from workbench.engine import checksums
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

if TYPE_CHECKING:
    from torch import Tensor

_KEY = "distillation_workbench.answers"
_HINT = "Resume the run: it writes the file again."


def answers_to_bytes(answers: "dict[str, Tensor]") -> bytes:
    """One int64 tensor a model, and the labels, as a safetensors file with its own SHA-256."""
    # A verdict is read without torch.
    from safetensors.torch import save

    return checksums.seal(save(answers, metadata={_KEY: checksums.reserve({})}))


def read_answers(path: Path) -> dict[str, NDArray[Any]]:
    """The answers that `answers_to_bytes` wrote; files of older versions have no SHA-256.

    Raises:
        WorkbenchError: The file is gone, damaged, or without what a verdict needs.
    """
    with disk_errors(path):
        raw = path.read_bytes()
    try:
        header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
        if "__metadata__" in header:
            checksums.verify(io.BytesIO(raw), str(path))
            if checksums.record_of(header["__metadata__"][_KEY]):
                raise ValueError("its metadata name unknown fields")
        answers = load(raw)
        count = len(answers["student"])
        if any(own.ndim != 1 or own.dtype != "int64" or len(own) != count for own in answers.values()):
            raise ValueError("its answers are not one whole number each, for as many examples")
        if "labels" not in answers or not count:
            raise ValueError("it has no labels")
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WorkbenchError(f"{path} is broken: {error}.", _HINT) from None
    return answers
