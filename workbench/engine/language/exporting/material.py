"""What an export of a run that is over is compared on: held-out text and prompts, read again from the recipe's data."""

from pathlib import Path

from workbench.engine.data.conversations import read_dialogues
from workbench.engine.language.chat import Chat, Encoded
from workbench.recipe import Recipe
from workbench.recipe.data import Conversations

_MOST = 256


def material_of(recipe: Recipe, folder: Path, chat: Chat) -> tuple[tuple[Encoded, ...], tuple[tuple[int, ...], ...]]:
    """Held-out texts as they are given, which may be none, and the prompts among them.

    Args:
        recipe: Of a language model.
        folder: What file names count from.
        chat: The student's tokenizer.

    Raises:
        WorkbenchError: The data is gone or broken.
    """
    data = recipe.data
    assert isinstance(data, Conversations), "only they come here"
    told = [dialogue.told(data.system) for dialogue in read_dialogues(data, folder).held_out[:_MOST]]
    texts = tuple(dialogue.encoded(chat, data.max_length) for dialogue in told if dialogue.has_response)
    return texts, tuple(chat.prompt(dialogue.prompt) for dialogue in told if dialogue.prompt)
