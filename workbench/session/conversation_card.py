"""What a person should see of conversations before training on them: how many, how long, who says what in a few."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from workbench.events import Finding
from workbench.recipe.data import Conversations
from workbench.session.file_prints import with_whole_names
from workbench.session.jobs import Job
from workbench.session.reading import one_reader
from workbench.wording import counted as in_words

if TYPE_CHECKING:
    from workbench.engine.language.dialogues import Dialogue, DialogueSet

_SAMPLES, _HELD_OUT_SAMPLES = 8, 3
# What of a conversation can be taken in at a glance; how much more there is, is said.
_MOST_TURNS, _MOST_CHARACTERS = 12, 1000
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class SpokenSample:
    """One conversation, prompt or passage, as far as it is shown.

    Attributes:
        caption: Where it lies: "training example 17".
        turns: Who ("system", "user", "assistant"; empty for a passage) says what, long texts cut.
        left_out: Messages after these that are not shown.
        answer: The known answer; empty where there is none.
    """

    caption: str
    turns: tuple[tuple[str, str], ...]
    left_out: int = 0
    answer: str = ""


@dataclass(frozen=True)
class LengthBin:
    """How many texts are that long: above the bin before, up to `most` characters."""

    most: int
    prompts: int
    responses: int


@dataclass(frozen=True)
class ConversationCard:
    """All of it in plain values.

    Attributes:
        title: What the data is, in words: "2,000 prompts, 1,800 of them with a response".
        are_passages: Whether it is running text instead of conversations; all of it counts as prompts then.
        training: Examples to train on.
        held_out: Examples to judge by.
        responses: Examples on both sides with a response to learn from.
        answers: Examples on both sides with a known answer.
        turns: Most messages in one conversation.
        median: Half of all examples are at most that long, all that is said taken together; in characters.
        longest: The longest of them, in characters.
        lengths: Of prompts and responses, in characters, from the shortest to the longest.
        repeated: Training examples that only repeat an earlier one.
        overlap: Held-out examples that are in the training data too.
        samples: A few from both sides.
        notes: What a person should know, in the words of preflight.
    """

    title: str
    are_passages: bool
    training: int
    held_out: int
    responses: int
    answers: int
    turns: int
    median: int
    longest: int
    lengths: tuple[LengthBin, ...]
    repeated: int
    overlap: int
    samples: tuple[SpokenSample, ...]
    notes: tuple[Finding, ...]


def read_conversations(section: Conversations, folder: Path, job: Job[Any] | None) -> "DialogueSet":
    """The conversations of a recipe; work for a job. Raises WorkbenchError."""
    from workbench.engine.data.conversations import read_dialogues

    def pulse(words: str) -> None:
        if job is not None:
            job.say(f"{words}…")

    with one_reader(pulse):
        return read_dialogues(with_whole_names(section, folder), Path(), pulse)


class Counted(TypedDict):
    """How many train, how many judge, and how many of all have a response and a known answer."""

    training: int
    held_out: int
    responses: int
    answers: int


def counted(dialogues: "DialogueSet") -> Counted:
    """Count what is there."""
    every = (*dialogues.training, *dialogues.held_out)
    return Counted(
        training=len(dialogues.training),
        held_out=len(dialogues.held_out),
        responses=sum(each.has_response and not each.passage for each in every),
        answers=sum(bool(each.answer) for each in every),
    )


def conversation_card(section: Conversations, folder: Path, job: Job[Any]) -> ConversationCard:
    """Read conversations, and say what is in them; work for a job.

    Args:
        section: Of the recipe.
        folder: What file names count from.
        job: Told how far it is; ends the work when it is no longer wanted.

    Raises:
        WorkbenchError: The data cannot be used.
    """
    from workbench.engine.data.conversation_facts import length_of, repeats

    dialogues = read_conversations(section, folder, job)
    training, held_out = dialogues.training, dialogues.held_out
    every = [*training, *held_out]
    job.say("Measuring the texts…")
    whole = sorted(map(length_of, every))
    are_passages = bool(every[0].passage)
    counts = counted(dialogues)
    found = repeats(training, held_out)
    return ConversationCard(
        title=_title(len(every), counts["responses"], are_passages=are_passages),
        are_passages=are_passages,
        **counts,
        turns=max(len(each.messages) for each in every),
        median=whole[(len(whole) - 1) // 2],
        longest=whole[-1],
        lengths=_lengths(every, job.say),
        repeated=found.repeated,
        overlap=found.overlap,
        samples=(*_samples(training, "training", _SAMPLES), *_samples(held_out, "held-out", _HELD_OUT_SAMPLES)),
        notes=dialogues.notes,
    )


def _title(count: int, responses: int, *, are_passages: bool) -> str:
    if are_passages:
        return f"{count:,} passages of running text"
    if responses == count:
        return f"{in_words(count, 'prompt')} with {'its response' if count == 1 else 'their responses'}"
    return f"{in_words(count, 'prompt')}, {f'{responses:,}' if responses else 'none'} of them with a response"


def _lengths(every: Sequence["Dialogue"], pulse: Callable[[str], None]) -> tuple[LengthBin, ...]:
    """The lengths in steps of 1, 2, 5, 10, …, without the empty ones at either end."""
    prompts, responses = list[int](), list[int]()
    for each in every:
        prompts.append(len(each.passage) + sum(len(said["content"]) for said in each.prompt))
        if each.messages and each.has_response:
            responses.append(len(each.messages[-1]["content"]))
    pulse("Measuring the texts…")
    longest = max(prompts + responses)
    bounds = [0]
    while bounds[-1] < longest:
        place = len(bounds) - 1
        bounds.append(_STEPS[place % len(_STEPS)] * 10 ** (place // len(_STEPS)))
    counts = [np.bincount(np.searchsorted(bounds, part), minlength=len(bounds)) for part in (prompts, responses)]
    first = min(int(np.flatnonzero(part)[0]) for part in counts if part.any())
    return tuple(LengthBin(bounds[at], int(counts[0][at]), int(counts[1][at])) for at in range(first, len(bounds)))


def _samples(dialogues: Sequence["Dialogue"], side: str, most: int) -> list[SpokenSample]:
    """A few from the beginning to the end of the file."""
    count = min(most, len(dialogues))
    places = [number * len(dialogues) // count for number in range(count)]
    return [_sample(dialogues[place], f"{side} example {place:,}") for place in places]


def _sample(dialogue: "Dialogue", caption: str) -> SpokenSample:
    if dialogue.passage:
        return SpokenSample(caption, (("", _cut(dialogue.passage)),))
    shown = dialogue.messages[:_MOST_TURNS]
    turns = tuple((message["role"], _cut(message["content"])) for message in shown)
    return SpokenSample(caption, turns, len(dialogue.messages) - len(shown), dialogue.answer[:_MOST_CHARACTERS])


def _cut(text: str) -> str:
    left = len(text) - _MOST_CHARACTERS
    return text if left <= 0 else f"{text[:_MOST_CHARACTERS]}… ({left:,} more characters)"
