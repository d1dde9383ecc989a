"""What a checkpoint format can do, and what is known of a checkpoint without trusting it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workbench.engine.classifier import Classifier
from workbench.engine.traits import Traits
from workbench.events import Finding
from workbench.recipe.models import Architecture, Signature


@dataclass(frozen=True)
class Wanted:
    """What a recipe says of a checkpoint besides its name, and what the data adds where nothing else says it.

    Attributes:
        architecture: What the weights are poured into, where the checkpoint does not say.
        signature: What it reads and answers.
        trust: The digest of a file that can run code; another content is refused.
        folder: What file names in the architecture count from.
        input_shape: One input of the data; empty where the data is not known yet.
        classes: Those of the data, in label order; empty where the data is not known yet.
        traits: What the data's inputs are.
        new_head: Whether the last layer may be made anew where it is missing or has other classes: for students only.
        seed: Seeds a new head.
    """

    architecture: Architecture | None = None
    signature: Signature = field(default_factory=Signature)
    trust: str = ""
    folder: Path = field(default_factory=Path)
    input_shape: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    traits: Traits = field(default_factory=Traits)
    new_head: bool = False
    seed: int = 0


@dataclass(frozen=True)
class TensorRow:
    """One tensor of a checkpoint: its name, shape and type, its values unread."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class CheckpointCard:
    """What a person sees of a checkpoint before it is used.

    Attributes:
        path: Where it lies.
        format: In words.
        architecture: Its kind in words; what is missing where it is not known.
        parameters: How many numbers, as far as the file says.
        bytes: On disk.
        input_shape: One input; empty where the file does not say.
        classes: Names in the order of the answers; empty where the file does not say.
        trainable: Whether it can be a student too.
        needs: What is missing before it can be used: "" for nothing, "architecture" or "consent".
        digest: Its digest, where it can run code.
        tokenizer: The folder or file of its tokenizer; empty where it reads no text.
        tensors: What it holds.
        notes: What a person should know, each with its fix.
    """

    path: str
    format: str
    architecture: str
    parameters: int
    bytes: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    trainable: bool = True
    needs: str = ""
    digest: str = ""
    tokenizer: str = ""
    tensors: tuple[TensorRow, ...] = ()
    notes: tuple[Finding, ...] = ()


class CheckpointFormat(Protocol):
    """A way models lie on disk; asked in order, by content and not by extension."""

    name: str

    def recognises(self, path: Path) -> bool:
        """Whether what lies at `path` looks like this format; reads no more than its beginning, runs nothing."""
        ...

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """What the checkpoint says of itself, its weights unread and nothing of it run. Raises WorkbenchError."""
        ...

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """The model, in eval mode, on the CPU.

        Raises:
            ConsentNeededError: It can run code, and nobody here has agreed to that.
            WorkbenchError: It cannot be used; the message names the file and the reason.
        """
        ...
