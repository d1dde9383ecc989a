"""Prompts of a run's own data, to begin a conversation with."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.recipe import Recipe
from workbench.recipe.data import Conversations

_MOST = 40


@dataclass(frozen=True)
class Starter:
    """One held-out prompt.

    Attributes:
        question: What is asked.
        opening: What was said before that, without the instruction.
        known: The known answer, else the given response; empty where there is neither.
        system: The instruction that the data itself gives; empty for none.
    """

    question: str
    opening: tuple[Mapping[str, str], ...] = ()
    known: str = ""
    system: str = ""


def read_starters(recipe: Recipe, folder: Path) -> tuple[Starter, ...]:
    """The first held-out prompts of a recipe's conversations; none where it has running text. Raises WorkbenchError."""
    from workbench.engine.data.conversations import read_dialogues

    assert isinstance(recipe.data, Conversations), "only they have prompts"
    held_out = read_dialogues(recipe.data, folder).held_out
    asked = (dialogue for dialogue in held_out if any(message["role"] != "system" for message in dialogue.prompt))
    return tuple(islice((_starter(dialogue) for dialogue in asked), _MOST))


def _starter(dialogue: object) -> Starter:
    from workbench.engine.language.dialogues import Dialogue

    assert isinstance(dialogue, Dialogue), "it was read as one"
    *before, last = (message for message in dialogue.prompt if message["role"] != "system")
    system = "\n".join(message["content"] for message in dialogue.prompt if message["role"] == "system")
    response = dialogue.messages[-1]["content"] if dialogue.has_response else ""
    return Starter(last["content"], tuple(before), dialogue.answer or response, system)
