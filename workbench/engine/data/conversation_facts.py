"""What is in conversations, counted: responses and answers, how long they are, and what is there twice."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.engine.language.dialogues import Dialogue


@dataclass(frozen=True)
class Repeats:
    """What is there more than once.

    Attributes:
        repeated: Training examples that only repeat an earlier one, response and all.
        overlap: Held-out examples whose prompt, or whose passage, is in the training data too.
    """

    repeated: int
    overlap: int


def repeats(training: Sequence[Dialogue], held_out: Sequence[Dialogue]) -> Repeats:
    """Compare by content."""
    whole = {_print(_whole(each)) for each in training}
    asked = {question_of(each) for each in training}
    return Repeats(len(training) - len(whole), sum(question_of(each) in asked for each in held_out))


def question_of(dialogue: Dialogue) -> bytes:
    """The same for everything that asks the same thing: by the prompt, or by the passage."""
    return _print((dialogue.passage, *(part for each in dialogue.prompt for part in (each["role"], each["content"]))))


def digest_of(training: Sequence[Dialogue], held_out: Sequence[Dialogue]) -> str:
    """SHA-256 of all that was read, and of which part judges."""
    digest = hashlib.sha256()
    for part in (training, held_out):
        digest.update(len(part).to_bytes(8, "little"))
        for each in part:
            digest.update(_print(_whole(each)))
    return digest.hexdigest()


def length_of(dialogue: Dialogue) -> int:
    """Characters of all that is said."""
    return len(dialogue.passage) + sum(len(each["content"]) for each in dialogue.messages)


def _whole(dialogue: Dialogue) -> tuple[str, ...]:
    said = (part for each in dialogue.messages for part in (each["role"], each["content"]))
    return (dialogue.passage, dialogue.answer, *said)


def _print(parts: Iterable[str]) -> bytes:
    # With their lengths, so that no two lists of texts run together.
    return hashlib.blake2b("".join(f"{len(part)}:{part}" for part in parts).encode(), digest_size=16).digest()
