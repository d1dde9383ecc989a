"""What stands in a row as messages: who says what, in the words of several tools, checked and put into ours."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.engine.data.conversation_rows import MOST_MESSAGES
from workbench.engine.language.chat import Message

_ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant", "chatgpt": "assistant",
}  # fmt: skip
_KINDS = {int: "a number", float: "a number", bool: "true or false", list: "a list", dict: "an object"}
_MOST_SHOWN = 40


def text_in(value: Any, what: str) -> str:
    """A text; nothing is an empty one.

    Raises:
        ValueError: It is none, in words.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{what} is {_KINDS.get(type(value), f'of the kind {type(value).__name__}')}, not text")
    if "\0" in value:
        raise ValueError(f"{what} holds a NUL character")
    # Half of a pair of surrogates is no character, and no tokenizer reads it.
    return value.encode("utf-8", "replace").decode()


def messages_in(value: Any, what: str) -> tuple[Message, ...]:
    """Messages as a list of role and content or of from and value, or as the JSON of one.

    Raises:
        ValueError: It is none, in words.
    """
    given = _listed(value, what)
    if not given:
        raise ValueError(f"{what} is empty")
    if len(given) > MOST_MESSAGES:
        raise ValueError(f"{what} has {len(given) - 1:,} messages or more; at most {MOST_MESSAGES:,} are read")
    found = [_message(each, f"message {number}") for number, each in enumerate(given, start=1)]
    # Some files give an empty instruction to say that there is none.
    kept = found[1:] if found[0]["role"] == "system" and not found[0]["content"].strip() else found
    for number, message in enumerate(kept, start=1 + len(found) - len(kept)):
        if not message["content"].strip():
            raise ValueError(f"message {number} ({message['role']}) is empty")
    return tuple(kept)


def looks_like_messages(value: Any) -> bool:
    """Whether a value may be messages rather than a text; nothing of it is checked."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, str) and value.lstrip()[:1] == "[" and _listed_json(value) is not None


def refuse_odd_order(messages: Sequence[Message]) -> None:
    """Instructions come first, then the user; one of the two who talk has the last word.

    Raises:
        ValueError: It is otherwise, in words.
    """
    roles = [message["role"] for message in messages]
    if not messages or roles[-1] == "system":
        raise ValueError("the last message is by the system, not by user or assistant")
    late = next((number for number, role in enumerate(roles[1:], start=2) if role == "system"), 0)
    if late:
        raise ValueError(f"message {late} is by the system, which only speaks first")
    if next(role for role in roles if role != "system") != "user":
        raise ValueError("the assistant speaks before the user has")


def _listed(value: Any, what: str) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    found = _listed_json(value) if isinstance(value, str) else None
    if found is None:
        kind = "a text" if isinstance(value, str) else _KINDS.get(type(value), "nothing" if value is None else "odd")
        raise ValueError(f"{what} is {kind}, not a list of messages")
    return found


def _listed_json(text: str) -> list[Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and found and isinstance(found[0], dict) else None


def _message(given: Any, what: str) -> Message:
    if not isinstance(given, Mapping):
        raise ValueError(f"{what} is no object with role and content")
    role = _first(given, ("role", "from"))
    if not isinstance(role, str) or role.strip().lower() not in _ROLES:
        shown = str(role)[:_MOST_SHOWN]
        raise ValueError(f"{what} has the role “{shown}”, which is none of system, user and assistant")
    return {
        "role": _ROLES[role.strip().lower()],
        "content": _content(_first(given, ("content", "value", "text")), what),
    }


def _first(given: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        value = given.get(name)
        if value is not None:
            return value
    return None


def _content(value: Any, what: str) -> str:
    """A text, or one in parts."""
    if not isinstance(value, list):
        return text_in(value, f"the content of {what}")
    parts = []
    for part in value:
        if not isinstance(part, Mapping) or part.get("type", "text") != "text":
            kind = str(part.get("type"))[:_MOST_SHOWN] if isinstance(part, Mapping) else type(part).__name__
            raise ValueError(f"{what} has a part that is no text but “{kind}”")
        parts.append(text_in(part.get("text"), f"the content of {what}"))
    return "".join(parts)
