"""What a file format of language models can do, and what is known of such a model before it is used."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.engine.checkpoints import TensorRow
from workbench.engine.language.model import LanguageBlueprint, LanguageModel
from workbench.events import Finding


@dataclass(frozen=True)
class LanguageCard:
    """What a person sees of a language model before it is used.

    Attributes:
        path: Where it lies.
        format: In words.
        architecture: Its kind, in the library's words.
        parameters: How many numbers.
        bytes: Of the weights on disk.
        vocabulary: Rows of the output layer; 0 where the file does not say.
        layers: How many; 0 where the file does not say.
        width: Hidden size; 0 where the file does not say.
        context: The longest text in tokens; 0 where there is no limit.
        chat: Whether it has a chat template.
        tensors: What it holds.
        notes: What a person should know, each with its fix.
    """

    path: str
    format: str
    architecture: str
    parameters: int
    bytes: int
    vocabulary: int
    layers: int
    width: int
    context: int
    chat: bool
    tensors: tuple[TensorRow, ...] = ()
    notes: tuple[Finding, ...] = ()


class LanguageFormat(Protocol):
    """A way language models lie on disk; asked in order, by content and not by extension."""

    name: str

    def recognises(self, path: Path) -> bool:
        """Whether what lies at `path` looks like this format; reads no more than its beginning, runs nothing."""
        ...

    def inspect(self, path: Path) -> LanguageCard:
        """What the model says of itself, its weights unread. Raises WorkbenchError."""
        ...

    def blueprint(self, path: Path) -> LanguageBlueprint:
        """Config and tokenizer, the weights unread. Raises WorkbenchError."""
        ...

    def load(self, path: Path) -> LanguageModel:
        """The model in float32, in eval mode, on the CPU. Raises WorkbenchError."""
        ...
