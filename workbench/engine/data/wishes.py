"""What the models of a recipe wish of its data, and where reading may keep what it has decoded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wishes:
    """How models want their inputs, as far as anything says so.

    Attributes:
        input_shape: One input as the teacher, else the student, reads it; empty where neither says.
        tokenizer: The folder or file of the tokenizer they read texts with; None where they read none.
        cache_folder: Where decoded data may be kept between runs; None keeps it in memory only.
        pulse: Hears what is being done, in a few words; what it raises ends reading, with nothing left behind.
    """

    input_shape: tuple[int, ...] = ()
    tokenizer: Path | None = None
    cache_folder: Path | None = None
    pulse: Callable[[str], None] = lambda _: None
