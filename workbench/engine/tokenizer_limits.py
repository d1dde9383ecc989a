"""Tokenizers of strangers: what their steps may make of a text, judged from the file and tried in a child process.

It imports little, so that the child starts soon.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from workbench.bounded import LimitError, bounded
from workbench.errors import WorkbenchError

_MOST_GROWTH = 1000
_MOST_TOKEN_LETTERS = 10_000
_MOST_ADDED = 20_000
_MOST_STEPS = 200
_MOST_AROUND = 1000
_MOST_DEPTH = 50
_SECONDS = 4.0
_MEMORY = 2**29
_LETTERS = 60
# How much longer a step can make a text, in characters; NFKD writes one Arabic ligature as 18 letters.
_GROWTHS = {"NFKD": 18, "NFKC": 18, "NFD": 4, "NFC": 3, "Lowercase": 3, "Nmt": 1, "BertNormalizer": 12}
# These change nothing more when they are there a second time.
_ONCE = frozenset(_GROWTHS)
# The bytes of a character, each as a character.
_BYTES = 4
_COPY = "Copy or download it again; do not use it, unless you know where it comes from."


def refuse_limitless(tokenizer: str, name: str) -> None:
    """Refuse a tokenizer that takes too much time or memory.

    Args:
        tokenizer: tokenizer.json.
        name: The file, for messages.

    Raises:
        WorkbenchError: A step lets texts grow without measure, a pattern takes too long, or it is nested or large
            beyond measure.
    """
    try:
        values = json.loads(tokenizer)
    except (ValueError, RecursionError):
        # Whoever reads it has the words for what is broken.
        return
    if not isinstance(values, dict):
        return
    _refuse_added(values, name)
    _refuse_around(values, name)
    _refuse_growth(values, name)
    patterns = tuple(_patterns(values))
    if patterns:
        reason = _stopped_because(tokenizer, patterns)
        if reason:
            shown = " and ".join(repr(pattern[:60]) for pattern in patterns[:3])
            raise WorkbenchError(
                f"{name}: reading texts of {_LETTERS} characters with its patterns {shown} {reason}.", _COPY
            )


def steps_of(part: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The steps of a normalizer, pre-tokenizer, decoder or post-processor, in order."""
    if not isinstance(part, dict) or depth > _MOST_DEPTH:
        return
    inner = [value for key in ("normalizers", "pretokenizers", "decoders", "processors") for value in _list(part, key)]
    if not inner:
        yield part
    for step in inner:
        yield from steps_of(step, depth + 1)


def _list(part: dict[str, Any], key: str) -> list[Any]:
    value = part.get(key)
    return value if isinstance(value, list) else []


def _refuse_added(values: dict[str, Any], name: str) -> None:
    added = [token for token in _list(values, "added_tokens") if isinstance(token, dict)]
    if len(added) > _MOST_ADDED:
        raise WorkbenchError(f"{name} adds {len(added):,} tokens; more than {_MOST_ADDED:,} are not read.", _COPY)
    longest = max((len(token["content"]) for token in added if isinstance(token.get("content"), str)), default=0)
    if longest > _MOST_TOKEN_LETTERS:
        raise WorkbenchError(
            f"{name} adds a token of {longest:,} characters; more than {_MOST_TOKEN_LETTERS:,} no token has.", _COPY
        )


def _refuse_around(values: dict[str, Any], name: str) -> None:
    """What is put around every text."""
    around = [step for step in steps_of(values.get("post_processor")) if step.get("type") == "TemplateProcessing"]
    count = sum(len(_list(step, "single")) for step in around)
    if count > _MOST_AROUND:
        raise WorkbenchError(f"{name} puts {count:,} tokens around every text; at most {_MOST_AROUND:,}.", _COPY)


def _refuse_growth(values: dict[str, Any], name: str) -> None:
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        steps = list(steps_of(values.get(part)))
        if len(steps) > _MOST_STEPS:
            raise WorkbenchError(f"{name}: its {part} has {len(steps):,} steps; at most {_MOST_STEPS}.", _COPY)
        growth = 1.0
        seen: set[str] = set()
        for place, step in enumerate(steps, start=1):
            kind = str(step.get("type"))
            growth *= 1 if kind in seen & _ONCE else _growth(step)
            seen.add(kind)
            if growth > _MOST_GROWTH:
                raise WorkbenchError(
                    f"{name}: its {part} makes texts {growth:,.0f} times as long by step {place} ({kind}); at most "
                    f"{_MOST_GROWTH:,} times.",
                    _COPY,
                )


def _growth(step: dict[str, Any]) -> float:
    kind = str(step.get("type"))
    if kind == "Replace":
        content, pattern = str(step.get("content", "")), step.get("pattern")
        fixed = pattern.get("String") if isinstance(pattern, dict) else None
        # A regular expression may fit a single letter, or nothing.
        return max(1.0, len(content) / max(len(fixed), 1) if isinstance(fixed, str) else len(content))
    if kind == "Prepend":
        return max(1.0, len(str(step.get("prepend", ""))))
    if kind == "ByteLevel":
        return _BYTES
    return _GROWTHS.get(kind, 1)


def _patterns(values: dict[str, Any]) -> Iterator[str]:
    """The regular expressions in it."""
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        for step in steps_of(values.get(part)):
            pattern = step.get("pattern")
            if isinstance(pattern, dict) and isinstance(pattern.get("Regex"), str):
                yield pattern["Regex"]


@lru_cache(maxsize=4)
def _stopped_because(tokenizer: str, patterns: tuple[str, ...]) -> str:
    """Why texts that such patterns may find hard cannot be read; empty where they can."""
    try:
        found = bounded(_read_hard_texts, tokenizer, patterns, seconds=_SECONDS, memory=_MEMORY, prepare=_imports)
    except LimitError as error:
        return error.reason
    return str(found)


def _imports() -> None:
    import tokenizers

    assert tokenizers


def _read_hard_texts(tokenizer: str, patterns: tuple[str, ...]) -> str:
    """In the child: texts of one letter, or two by turns, that end with another one."""
    from tokenizers import Tokenizer

    try:
        made = Tokenizer.from_str(tokenizer)
    except Exception:
        # Whoever reads it has the words.
        return ""
    for text in hard_texts(patterns):
        try:
            tokens = made.encode(text).ids
            made.decode(tokens, skip_special_tokens=False)
        except BaseException as error:
            # The library ends in a panic where its regular expressions give up.
            if is_panic(error):
                return f"fails: {str(error)[:200]}"
    return ""


def hard_texts(patterns: Iterable[str]) -> Iterator[str]:
    """Texts of `_LETTERS` characters that patterns with repetitions within each other may find hard."""
    letters = "".join(dict.fromkeys("a 0.\n" + "".join(patterns)))[:40]
    for letter in letters:
        for last in ("", "!", "\0"):
            yield letter * (_LETTERS - 1) + last
    yield (letters * _LETTERS)[:_LETTERS]


def is_panic(error: BaseException) -> bool:
    """Whether a library in Rust has panicked: no Exception, and of a class that cannot be imported."""
    return type(error).__name__ == "PanicException"


@contextmanager
def panics_in_words() -> Iterator[None]:
    """Raises WorkbenchError where the tokenizers library panics."""
    try:
        yield
    except BaseException as error:
        if not is_panic(error):
            raise
        raise WorkbenchError(f"The tokenizer cannot read a text: {str(error)[:200]}.", _COPY) from None
