"""What a new language model must fit, and what it is before its first step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from workbench.engine.language.model import LanguageBlueprint, LanguageModel


@dataclass(frozen=True)
class Needs:
    """What a student must fit.

    Attributes:
        teachers: What it may start from; for a plan, shapes alone do.
        folder: What file names count from.
        longest: The longest text it is to read, in tokens.
    """

    teachers: Sequence[LanguageModel]
    folder: Path
    longest: int


@dataclass(frozen=True)
class Start:
    """What a student is before its first step.

    Attributes:
        blueprint: What to build.
        weights: Gives them by their names in the model's state dict, all of them; None leaves them random.
    """

    blueprint: LanguageBlueprint
    weights: Callable[[], Mapping[str, Tensor]] | None = None
