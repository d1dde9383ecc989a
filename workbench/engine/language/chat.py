"""Conversations as tokens: which of them the model wrote, and so is scored; and tokens as text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.engine.language.model import LanguageBlueprint
from workbench.errors import WorkbenchError

# Who says what; as the chat templates of the transformers library take it.
Message = Mapping[str, str]


@dataclass(frozen=True)
class Encoded:
    """A text as tokens.

    Attributes:
        tokens: All of them.
        targets: Places of the tokens that are to be learnt; never the first, which nothing predicts.
    """

    tokens: tuple[int, ...]
    targets: tuple[int, ...]

    def cut(self, length: int) -> "Encoded":
        """No longer than that."""
        return Encoded(self.tokens[:length], tuple(place for place in self.targets if place < length))


class Chat:
    """A model's tokenizer with its chat template.

    Attributes:
        stop: The tokens that end what the model writes.
    """

    def __init__(self, blueprint: LanguageBlueprint) -> None:
        """Read the tokenizer. Raises WorkbenchError."""
        from tokenizers import Tokenizer
        from transformers import PreTrainedTokenizerFast

        try:
            settings = json.loads(blueprint.tokenizer_config)
            names = ("bos_token", "eos_token", "unk_token", "pad_token", "chat_template")
            given = {name: _plain(settings[name]) for name in names if settings.get(name)}
            self._tokenizer: Any = PreTrainedTokenizerFast(
                tokenizer_object=Tokenizer.from_str(blueprint.tokenizer), **given
            )
        except Exception as error:
            # Three libraries read it, each with errors of its own.
            raise WorkbenchError(f"The tokenizer cannot be read: {error}.") from None
        self.stop = _stops(blueprint, self._tokenizer.eos_token_id)

    @property
    def has_template(self) -> bool:
        """Whether the model was made for conversations."""
        return bool(self._tokenizer.chat_template)

    @property
    def end(self) -> int | None:
        """The token that ends a text; None where the tokenizer has none."""
        end: int | None = self._tokenizer.eos_token_id
        return end

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """What the model reads before it answers. Raises WorkbenchError."""
        if not self.has_template:
            return self._ids("".join(message["content"] for message in messages))
        return self._ids(self._rendered(messages, ask=True))

    def conversation(self, messages: Sequence[Message]) -> Encoded:
        """A whole conversation; what the assistant says is to be learnt, with the token that ends it.

        Raises:
            WorkbenchError: The chat template cannot say where the assistant begins.
        """
        if not self.has_template:
            return self._plain_conversation(messages)
        text = self._rendered(messages, ask=False)
        spans = [
            self._span(messages, place, text) for place, each in enumerate(messages) if each["role"] == "assistant"
        ]
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        targets = tuple(
            place
            for place, (start, end) in enumerate(encoded["offset_mapping"])
            if place and any(first <= start and end <= last and end > start for first, last in spans)
        )
        return Encoded(tuple(encoded["input_ids"]), targets)

    def text(self, tokens: Sequence[int], *, all_of_it: bool = False) -> str:
        """Tokens as text; without special tokens unless all of it is wanted."""
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=not all_of_it)
        return text

    def plain(self, text: str) -> Encoded:
        """Running text: every token but the first is to be learnt."""
        tokens = self._ids(text) + (() if self.end is None else (self.end,))
        return Encoded(tokens, tuple(range(1, len(tokens))))

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _rendered(self, messages: Sequence[Message], *, ask: bool) -> str:
        try:
            text: str = self._tokenizer.apply_chat_template(
                [dict(message) for message in messages], tokenize=False, add_generation_prompt=ask
            )
        except Exception as error:
            # Templates are programs of their own and refuse conversations in their own words.
            raise WorkbenchError(f"The chat template refuses this conversation: {error}.") from None
        return text

    def _span(self, messages: Sequence[Message], place: int, text: str) -> tuple[int, int]:
        """Where in the text the assistant's message lies, up to the token that ends it."""
        before = self._rendered(messages[:place], ask=True)
        after = self._rendered(messages[: place + 1], ask=False)
        if not (after.startswith(before) and text.startswith(after)):
            raise WorkbenchError(
                "This chat template renders a message in another way once the next one is there, so it cannot be told "
                "which tokens the assistant wrote.",
                "Use conversations with one answer each, or another template.",
            )
        ending = self._tokenizer.eos_token or ""
        end = len(after)
        if ending and (found := after.rfind(ending, len(before))) >= 0:
            end = found + len(ending)
        return len(before), end

    def _plain_conversation(self, messages: Sequence[Message]) -> Encoded:
        tokens: list[int] = []
        targets: list[int] = []
        for message in messages:
            new = self._ids(message["content"])
            if message["role"] == "assistant":
                new += () if self.end is None else (self.end,)
                targets += range(len(tokens), len(tokens) + len(new))
            tokens += new
        return Encoded(tuple(tokens), tuple(place for place in targets if place))


def _plain(value: Any) -> str:
    """A special token, which may be written as an object with its content."""
    return str(value["content"]) if isinstance(value, dict) else str(value)


def _stops(blueprint: LanguageBlueprint, end: int | None) -> frozenset[int]:
    found = {end} if end is not None else set()
    if blueprint.generation:
        named = json.loads(blueprint.generation).get("eos_token_id")
        found |= set(named) if isinstance(named, list) else {named} - {None}
    return frozenset(found)
