"""How a question becomes what a language model reads: what its chat template puts around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.engine.language.chat import Chat

# No template changes it, and none has it.
_PLACE = "§question§"


@dataclass(frozen=True)
class Asking:
    """The text around a question.

    Attributes:
        before: What the chat template puts before it.
        after: What it puts after it.
        is_chat: Whether there is a chat template.
    """

    before: str
    after: str
    is_chat: bool

    def as_dict(self) -> dict[str, Any]:
        """For parity.json."""
        return {"before": self.before, "after": self.after, "is_chat": self.is_chat}


def asking_of(chat: Chat) -> Asking:
    """By the model's own chat template. Raises WorkbenchError where it refuses a plain question."""
    text = chat.prompt_text([{"role": "user", "content": _PLACE}])
    before, _, after = text.partition(_PLACE)
    # Where there is a template it says itself how a text begins.
    return Asking(before if chat.has_template else chat.front + before, after, chat.has_template)


def question_in(chat: Chat, asking: Asking, prompt: Sequence[int]) -> str:
    """What a person asked in a prompt; all of its text where it was not asked in the plain way."""
    text = chat.text(prompt, all_of_it=True)
    is_plain = text.startswith(asking.before) and text.endswith(asking.after)
    if is_plain and len(text) > len(asking.before) + len(asking.after):
        return text[len(asking.before) : len(text) - len(asking.after)]
    return chat.text(prompt)
