"""What language models learn from and are judged by: conversations, prompts without an answer, and running text."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.engine.language.chat import Chat, Encoded, Message
from workbench.events import Finding


@dataclass(frozen=True)
class Dialogue:
    """One conversation, one prompt, or one passage of running text.

    Attributes:
        messages: Who says what, in order; it ends with the assistant where a response is given. Empty for a passage.
        answer: The known answer, for judging what is written; empty where there is none.
        passage: Running text, every token of which is learnt; empty for a conversation.
    """

    messages: tuple[Message, ...] = ()
    answer: str = ""
    passage: str = ""

    @property
    def has_response(self) -> bool:
        """Whether there is something to learn from as it stands."""
        return bool(self.passage) or bool(self.messages and self.messages[-1]["role"] == "assistant")

    @property
    def prompt(self) -> tuple[Message, ...]:
        """The conversation up to the last response; empty for a passage."""
        return self.messages[:-1] if self.messages and self.messages[-1]["role"] == "assistant" else self.messages

    def told(self, system: str) -> "Dialogue":
        """The same behind an instruction, in place of its own; an empty one changes nothing."""
        if not system or not self.messages:
            return self
        rest = self.messages[1:] if self.messages[0]["role"] == "system" else self.messages
        return Dialogue(({"role": "system", "content": system}, *rest), self.answer)

    def encoded(self, chat: Chat, longest: int) -> Encoded:
        """As tokens, cut; what is given as a response is to be learnt. Raises WorkbenchError."""
        whole = chat.plain(self.passage) if self.passage else chat.conversation(self.messages)
        return whole.cut(longest)


@dataclass(frozen=True)
class DialogueSet:
    """All that a file holds.

    Attributes:
        training: What is learnt from, in the order of the file.
        held_out: What is judged by.
        digest: SHA-256 of what was read.
        notes: What preflight and the data card should say of it.
    """

    training: Sequence[Dialogue]
    held_out: Sequence[Dialogue]
    digest: str
    notes: tuple[Finding, ...] = ()
