"""Which field of a row is the prompt, which the response: as a recipe says, else by the names that are in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine.data.messages import looks_like_messages, messages_in, refuse_odd_order, text_in
from workbench.engine.language.chat import Message
from workbench.engine.language.dialogues import Dialogue
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.data import Conversations
from workbench.recipe.field_names import ANSWERS, MESSAGES, MORE, PROMPTS, RESPONSES, SYSTEMS, TEXTS

_SHORT = 64
_MOST_NAMED = 20


@dataclass(frozen=True)
class Fields:
    """The names of the fields that are read; empty for none.

    Attributes:
        messages: Whole conversations.
        text: Running text.
        prompt: What is asked.
        more: What is put after the prompt, where a row has it.
        response: What is to be said.
        answer: The known answer.
        system: The row's own instruction.
        note: What a person should know of the choice.
    """

    messages: str = ""
    text: str = ""
    prompt: str = ""
    more: str = ""
    response: str = ""
    answer: str = ""
    system: str = ""
    note: Finding | None = None

    def dialogue(self, values: Mapping[str, Any]) -> Dialogue:
        """What a row holds.

        Raises:
            ValueError: It cannot be used, in words.
        """
        if self.text:
            text = text_in(self._value(values, self.text), f"“{self.text}”")
            if not text.strip():
                raise ValueError(f"“{self.text}” is empty")
            return Dialogue(passage=text)
        messages = self._conversation(values) if self.messages else self._exchange(values)
        system = text_in(values.get(self.system), f"“{self.system}”") if self.system else ""
        if system.strip() and messages[0]["role"] != "system":
            messages = ({"role": "system", "content": system}, *messages)
        refuse_odd_order(messages)
        return Dialogue(messages, _answer_in(values.get(self.answer)) if self.answer else "")

    def _conversation(self, values: Mapping[str, Any]) -> tuple[Message, ...]:
        return messages_in(self._value(values, self.messages), f"“{self.messages}”")

    def _exchange(self, values: Mapping[str, Any]) -> tuple[Message, ...]:
        messages = self._said(values, self.prompt, "user")
        if not messages:
            raise ValueError(f"“{self.prompt}” is empty")
        more = text_in(values.get(self.more), f"“{self.more}”") if self.more else ""
        if more.strip():
            messages = (*messages[:-1], {**messages[-1], "content": f"{messages[-1]['content']}\n\n{more}"})
        return (*messages, *self._said(values, self.response, "assistant")) if self.response else messages

    def _said(self, values: Mapping[str, Any], name: str, role: str) -> tuple[Message, ...]:
        """What one side says: a text or a number, or messages; () for nothing."""
        value = self._value(values, name) if role == "user" else values.get(name)
        if looks_like_messages(value):
            return messages_in(value, f"“{name}”")
        text = _answer_in(value) if role == "assistant" and not isinstance(value, str) else text_in(value, f"“{name}”")
        return ({"role": role, "content": text},) if text.strip() else ()

    @staticmethod
    def _value(values: Mapping[str, Any], name: str) -> Any:
        if name not in values:
            there = ", ".join(map(str, list(values)[:_MOST_NAMED])) or "nothing"
            raise ValueError(f"there is no “{name}” in it as in the rows before, but: {there}")
        return values[name]


def _answer_in(value: Any) -> str:
    """A known answer, which may be a number; a whole one is written without a point."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text_in(value, "the answer").strip() if not isinstance(value, bool) else str(value).lower()
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else str(value)


def fields_of(section: Conversations, head: Sequence[Mapping[str, Any]], name: str) -> Fields:
    """The fields to read.

    Args:
        section: What the recipe says; what it leaves open is guessed.
        head: The first rows.
        name: The file, for messages.

    Raises:
        WorkbenchError: A field that is named is not there, what is named does not go together, or nothing is known.
    """
    names = list(dict.fromkeys(str(column) for row in head for column in row))
    _refuse_mixture(section)
    for setting in ("messages", "text", "prompt", "response", "answer"):
        named = getattr(section, setting)
        if named and named not in names:
            raise WorkbenchError(
                f"{name} has no column “{named}”; it has: {_listing(names)}.", f"Name another in data.{setting}."
            )
    return _Guess(section, head, name, names).fields()


def _refuse_mixture(section: Conversations) -> None:
    named = [
        f"data.{setting}"
        for setting in ("messages", "text", "prompt")
        if getattr(section, setting)
    ]  # fmt: skip
    if len(named) < 2 and section.response and (section.messages or section.text):
        named.append("data.response")
    if len(named) > 1:
        raise WorkbenchError(
            f"{named[0]} and {named[1]} are both named, but a file is read in one way: whole conversations with their "
            "responses, prompts with a response beside them, or running text.",
            "Empty one of them.",
        )


class _Guess:
    """Takes what is named, and looks for the rest among what is left."""

    def __init__(self, section: Conversations, head: Sequence[Mapping[str, Any]], name: str, names: list[str]) -> None:
        self._section, self._head, self._name, self._names = section, head, name, names
        taken = {section.response, section.answer}
        self._known = {each.strip().lower(): each for each in reversed(names) if each not in taken}

    def fields(self) -> Fields:
        section = self._section
        messages = section.messages or ("" if section.prompt or section.text or section.response else self._messages())
        if messages:
            system = self._find(SYSTEMS, messages)
            return self._noted(Fields(messages=messages, answer=self._answer(), system=system))
        prompt = section.prompt or ("" if section.text else self._find(PROMPTS))
        if prompt:
            return self._of_prompts(prompt)
        text = section.text or self._find(TEXTS)
        if text:
            return self._noted(Fields(text=text))
        raise WorkbenchError(
            f"{self._name} has no column that is known by its name to hold conversations, prompts or texts; "
            f"it has: {_listing(self._names)}.",
            "Name one in data.messages, data.prompt or data.text.",
        )

    def _of_prompts(self, prompt: str) -> Fields:
        section = self._section
        more = self._find(MORE, prompt) if prompt.strip().lower() == "instruction" else ""
        response, answer = section.response or self._find(RESPONSES, prompt, more), self._answer(prompt)
        if answer and not response and not section.answer:
            # The only thing that is said: it is learnt, and where it is short it can be compared too.
            response, answer = answer, answer if self._is_short(answer) else ""
        system = self._find(SYSTEMS, prompt)
        return self._noted(Fields(prompt=prompt, more=more, response=response, answer=answer, system=system))

    def _messages(self) -> str:
        """By its name, and only if it holds lists of messages."""
        named = [self._known[word] for word in MESSAGES if word in self._known]
        return next((name for name in named if any(looks_like_messages(row.get(name)) for row in self._head)), "")

    def _answer(self, *taken: str) -> str:
        return self._section.answer or self._find(ANSWERS, self._section.response, *taken)

    def _find(self, words: Sequence[str], *taken: str) -> str:
        return next((self._known[word] for word in words if word in self._known and self._known[word] not in taken), "")

    def _is_short(self, name: str) -> bool:
        values = [str(row[name]) for row in self._head if row.get(name) is not None]
        return all(len(value) <= _SHORT and "\n" not in value for value in values)

    def _noted(self, fields: Fields) -> Fields:
        """The same with a sentence about what was guessed."""
        named = {"messages": "conversations", "prompt": "prompts", "more": "what follows them",
                 "response": "responses", "answer": "known answers", "text": "texts",
                 "system": "instructions"}  # fmt: skip
        guessed = [
            part
            for part in named
            if getattr(fields, part) and getattr(fields, part) != getattr(self._section, part, "")
        ]
        if not guessed:
            return fields
        words = ", ".join(f"{named[part]} from “{getattr(fields, part)}”" for part in guessed)
        title = f"{self._name}: read by the names of the columns: {words}."
        return replace(fields, note=Finding(level="ok", title=title))


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "") if names else "none"
