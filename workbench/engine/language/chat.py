"""Conversations as tokens: which of them the model wrote, and so is scored; and tokens as text."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workbench.engine.language.bounded_templates import ChatTemplate, TemplateLimitError
from workbench.engine.language.model import LanguageBlueprint
from workbench.engine.tokenizer_limits import is_panic, panics_in_words
from workbench.errors import WorkbenchError

# Some templates tell the model what day it is, and a run would be another one tomorrow. This is the day that Llama's
# take where they cannot ask.
_CLOCK = "strftime_now"
_DAY = {"%d": "26", "%b": "Jul", "%B": "July", "%m": "07", "%Y": "2024", "%y": "24", "%A": "Friday", "%a": "Fri"}
_STOPPED_CLOCK = (
    f"{{% macro {_CLOCK}(form) %}}{{{{ form"
    + "".join(f".replace({sign!r}, {words!r})" for sign, words in _DAY.items())
    + " }}{% endmacro %}"
)
_SHORT = ({"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"})
# How SentencePiece writes a space.
_SPACE = "\u2581"

# Who says what; as the chat templates of the transformers library take it.
Message = Mapping[str, str]


class ConversationRefusedError(WorkbenchError):
    """A chat template refuses a conversation, in words of its own."""


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

    def __init__(self, blueprint: LanguageBlueprint, name: str = "this model") -> None:
        """Read the tokenizer; `name` is what it belongs to, for messages. Raises WorkbenchError."""
        from tokenizers import Tokenizer
        from transformers import PreTrainedTokenizerFast

        try:
            settings = json.loads(blueprint.tokenizer_config)
            names = ("bos_token", "eos_token", "unk_token", "pad_token", "chat_template")
            given = {name: _plain(settings[name]) for name in names if settings.get(name)}
            if _CLOCK in given.get("chat_template", ""):
                given["chat_template"] = _STOPPED_CLOCK + given["chat_template"]
            self._tokenizer: Any = PreTrainedTokenizerFast(
                tokenizer_object=Tokenizer.from_str(blueprint.tokenizer), **given
            )
        except BaseException as error:
            # Three libraries read it, each with errors of its own; one of them panics.
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            raise WorkbenchError(f"{name}: its tokenizer cannot be read: {error}.") from None
        self._template = _compiled(self._tokenizer, name)
        self.stop = _stops(blueprint, self._tokenizer.eos_token_id)
        with panics_in_words():
            self._first = _put_in_front(self._tokenizer)

    @property
    def has_template(self) -> bool:
        """Whether the model was made for conversations."""
        return bool(self._tokenizer.chat_template)

    def refuse_endless_template(self) -> None:
        """Refuse a template that does too much for two short messages. Raises WorkbenchError."""
        if self.has_template:
            # What a template refuses in words of its own matters when such a conversation comes.
            with suppress(ConversationRefusedError):
                self.prompt_text(_SHORT[:1])
                self.prompt_text(_SHORT)

    @property
    def front(self) -> str:
        """What stands in front of every text without a template, such as <s>; mostly nothing."""
        return self.text(self._first, all_of_it=True)

    @property
    def end(self) -> int | None:
        """The token that ends a text; None where the tokenizer has none."""
        end: int | None = self._tokenizer.eos_token_id
        return end

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """What the model reads before it answers. Raises WorkbenchError."""
        tokens = self.bare(self.prompt_text(messages))
        # Templates write all special tokens themselves.
        return tokens if self.has_template else self._first + tokens

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """The same as text, special tokens and all. Raises WorkbenchError."""
        if not self.has_template:
            return "".join(message["content"] for message in messages)
        return self._rendered(messages, ask=True)

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
        with panics_in_words():
            encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        targets = tuple(
            place
            for place, (start, end) in enumerate(encoded["offset_mapping"])
            if place and any(first <= start and end <= last and end > start for first, last in spans)
        )
        return Encoded(tuple(encoded["input_ids"]), targets)

    def text(self, tokens: Sequence[int], *, all_of_it: bool = False) -> str:
        """Tokens as text; without special tokens unless all of it is wanted."""
        with panics_in_words():
            text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=not all_of_it)
        return text

    def piece(self, token: int) -> str:
        """One token as it stands in a text, with the space in front of it that decoding it alone would lose."""
        text = self.text([token], all_of_it=True)
        raw = str(self._tokenizer.convert_ids_to_tokens(token) or "")
        return f" {text}" if raw.startswith(_SPACE) and not text.startswith(" ") else text

    def plain(self, text: str) -> Encoded:
        """Running text: every token but the first is to be learnt."""
        tokens = self._first + self.bare(text) + (() if self.end is None else (self.end,))
        return Encoded(tokens, tuple(range(1, len(tokens))))

    @property
    def unknown(self) -> int | None:
        """The token that stands for whatever the tokenizer cannot spell; None where it can spell everything."""
        model = json.loads(self._tokenizer.backend_tokenizer.to_str())["model"]
        if model.get("byte_fallback"):
            return None
        name, place = model.get("unk_token"), model.get("unk_id")
        if isinstance(name, str):
            return int(self._tokenizer.convert_tokens_to_ids(name))
        return place if isinstance(place, int) else None

    def bare(self, text: str) -> tuple[int, ...]:
        """The tokens of a text, with nothing put around them. Raises WorkbenchError."""
        with panics_in_words():
            return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _rendered(self, messages: Sequence[Message], *, ask: bool) -> str:
        try:
            if isinstance(self._template, Exception):
                raise self._template
            return self._template.render(messages, ask=ask)
        except TemplateLimitError:
            raise
        except Exception as error:
            # Templates are programs of their own and refuse conversations in their own words.
            raise ConversationRefusedError(f"The chat template refuses this conversation: {error}.") from None

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
        tokens = [*self._first]
        targets: list[int] = []
        for message in messages:
            new = self.bare(message["content"])
            if message["role"] == "assistant":
                new += () if self.end is None else (self.end,)
                targets += range(len(tokens), len(tokens) + len(new))
            tokens += new
        return Encoded(tuple(tokens), tuple(place for place in targets if place))


def _compiled(tokenizer: Any, name: str) -> "ChatTemplate | Exception":
    """The tokenizer's template, or why there is none that can be used. Raises TemplateLimitError."""
    try:
        return ChatTemplate(tokenizer.chat_template or "", tokenizer.special_tokens_map, name)
    except TemplateLimitError:
        raise
    except Exception as error:
        # A broken template matters when a conversation is to be read, and not before.
        return error


def _plain(value: Any) -> str:
    """A special token, which may be written as an object with its content."""
    return str(value["content"]) if isinstance(value, dict) else str(value)


def _put_in_front(tokenizer: Any) -> tuple[int, ...]:
    """What a tokenizer puts before every text by itself, such as the token that begins one."""
    bare, whole = (tokenizer("a", add_special_tokens=special)["input_ids"] for special in (False, True))
    starts = range(len(whole) - len(bare) + 1)
    return tuple(whole[: next((start for start in starts if whole[start : start + len(bare)] == bare), 0)])


def _stops(blueprint: LanguageBlueprint, end: int | None) -> frozenset[int]:
    found = {end} if end is not None else set()
    if blueprint.generation:
        named = json.loads(blueprint.generation).get("eos_token_id")
        found |= {token for token in (named if isinstance(named, list) else [named]) if isinstance(token, int)}
    return frozenset(found)
