"""What a checkpoint format can do, and what is known of a checkpoint without trusting it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.engine.classifier import Classifier


@dataclass(frozen=True)
class CheckpointCard:
    """What a person sees of a checkpoint before it is used."""

    path: str
    format: str
    architecture: str
    parameters: int
    bytes: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]


class CheckpointFormat(Protocol):
    """A way models lie on disk; asked in order, by content and not by extension."""

    name: str

    def recognises(self, path: Path) -> bool:
        """Whether the file at `path` looks like this format; reads no more than its beginning."""
        ...

    def inspect(self, path: Path) -> CheckpointCard:
        """What the checkpoint says of itself, its weights unread. Raises WorkbenchError."""
        ...

    def load(self, path: Path) -> Classifier:
        """The model, in eval mode, on the CPU. Raises WorkbenchError."""
        ...
