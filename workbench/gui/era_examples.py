"""What the two eras are shown on: an example that anyone knows, or one of the run on the screen.

C classes.
"""

from dataclasses import dataclass

import numpy as np

from workbench.events import TextProbed
from workbench.gui.distributions import Row
from workbench.gui.era_numbers import TokenScore, score_tokens
from workbench.gui.era_texts import (
    CLASSES,
    CLASSIC_ABOUT,
    MODERN_ABOUT,
    PROMPT,
    RESPONSE,
    STUDENT_LOGITS,
    TEACHER_LOGITS,
)
from workbench.gui.lens import STUDENT, TEACHER, Seen
from workbench.gui.widgets.era_tokens import Token


@dataclass(frozen=True, eq=False)
class ClassicExample:
    """One position with two answers.

    Attributes:
        names: Of all classes.
        shown: The classes that get a row.
        label: The true class.
        teacher_C: The teacher's logits.
        student_C: The student's.
        about: Where it comes from, as rich text.
    """

    names: tuple[str, ...]
    shown: tuple[int, ...]
    label: int
    teacher_C: Row
    student_C: Row
    about: str


@dataclass(frozen=True, eq=False)
class ModernExample:
    """A prompt with the teacher's response, read by the student.

    Attributes:
        tokens: All, the prompt's first.
        score: Of those that are scored.
        about: Where it comes from, as rich text.
    """

    tokens: tuple[Token, ...]
    score: TokenScore
    about: str

    @property
    def scored(self) -> tuple[Token, ...]:
        """The tokens that are scored."""
        return tuple(token for token in self.tokens if token.surprise is not None)


def known_position() -> ClassicExample:
    """The BMW that may be a garbage truck, and is no carrot."""
    shown = tuple(range(len(CLASSES)))
    return ClassicExample(CLASSES, shown, 0, np.array(TEACHER_LOGITS), np.array(STUDENT_LOGITS), CLASSIC_ABOUT)


def known_response() -> ModernExample:
    """Why √2 is irrational."""
    prompt = [Token(word) for word in PROMPT.split()]
    return _response(prompt, list(RESPONSE), MODERN_ABOUT)


def position_of(seen: Seen, names: tuple[str, ...]) -> ClassicExample:
    """A watched example of a classifier's run; its teacher has answered."""
    about = f"Held-out example {seen.example:,} of the run on the screen, as its teacher and student see it now."
    return ClassicExample(names, seen.classes_shown(), seen.label, seen.logits(TEACHER), seen.logits(STUDENT), about)


def response_of(probed: TextProbed) -> ModernExample:
    """The watched text of a language model's run; what is read before its first scored token is the prompt."""
    first = next((place for place, token in enumerate(probed.tokens) if token.is_scored), len(probed.tokens))
    prompt = [Token(token.text) for token in probed.tokens[:first]]
    read = [(token.text, token.probability if token.is_scored else None) for token in probed.tokens[first:]]
    return _response(
        prompt, read, f"The watched text of the run on the screen, as its student reads it at step {probed.step:,}."
    )


def _response(
    prompt: list[Token], read: list[tuple[str, float | None]] | list[tuple[str, float]], about: str
) -> ModernExample:
    score = score_tokens([p for _, p in read if p is not None])
    surprises = iter(score.surprise_N.tolist())
    tokens = [Token(text, p, next(surprises)) if p is not None else Token(text) for text, p in read]
    return ModernExample((*prompt, *tokens), score, about)
