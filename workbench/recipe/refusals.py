"""A refused value in words: file, line, key, what was there, what is allowed, and "did you mean"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from workbench.recipe.recipe import Recipe
from workbench.recipe.section import Section, range_of, sections_in, words_of

_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "tuple_type": "a list in [ ]",
    "list_type": "a list in [ ]",
    "finite_number": "a finite number",
    "model_type": "a section",
    "model_attributes_type": "a section",
}


@dataclass(frozen=True)
class _Problem:
    """One refused value: where it stands, what was there, what pydantic says of it."""

    key: str
    given: Any
    holder: type[Section] | None
    field: FieldInfo | None
    message: str
    context: dict[str, Any]

    @property
    def allowed(self) -> str:
        return range_of(self.field) if self.field is not None else ""


def in_words(details: ErrorDetails, where: str) -> str:
    """One problem as pydantic found it, as a sentence a person can act on.

    Args:
        details: One entry of `ValidationError.errors()`.
        where: The file and line of the key, or the change that brought it.
    """
    holder, field, key = _follow(details["loc"])
    problem = _Problem(key, details["input"], holder, field, details["msg"], details.get("ctx") or {})
    kind = details["type"]
    if kind in _EXPECTED:
        sentence = _wrong_type(problem, _EXPECTED[kind])
    else:
        sentence = _SENTENCES.get(kind, _out_of_range)(problem)
    return f"{where}: {sentence}"


def _wrong_type(problem: _Problem, expected: str) -> str:
    also = f", {problem.allowed}" if problem.allowed else ""
    return f"{problem.key} = {_shown(problem.given)} must be {expected}{also}."


def _out_of_range(problem: _Problem) -> str:
    if problem.allowed:
        return f"{problem.key} = {_shown(problem.given)} is out of range: {problem.allowed}."
    return f"{problem.key} = {_shown(problem.given)}: {problem.message[0].lower()}{problem.message[1:]}."


def _unknown_key(problem: _Problem) -> str:
    known = tuple(problem.holder.model_fields) if problem.holder else ()
    meant = _did_you_mean(problem.key.rpartition(".")[2], known)
    return f"“{problem.key}” is not a setting of this section.{meant}"


def _missing(problem: _Problem) -> str:
    help_text = problem.field.description if problem.field is not None else None
    return f"“{problem.key}” is missing: {help_text or 'it must be given.'}"


def _unknown_word(problem: _Problem) -> str:
    words = words_of(problem.field) if problem.field is not None else ()
    meant = _did_you_mean(str(problem.given), words)
    return f"{problem.key} = {_shown(problem.given)} is not {problem.allowed}.{meant}"


def _unknown_kind(problem: _Problem) -> str:
    tag = str(problem.context.get("tag", ""))
    listed = str(problem.context.get("expected_tags", "")).split(",")
    words = tuple(word.strip().strip("'") for word in listed if word.strip())
    if not tag:
        return f"“{problem.key}.kind” is missing: say which kind this section is."
    choice = f": one of {', '.join(words)}" if words else ""
    return f"{problem.key}.kind = “{tag}” is not known{choice}.{_did_you_mean(tag, words)}"


def _broken_rule(problem: _Problem) -> str:
    subject = f"{problem.key}: " if problem.key else ""
    return subject + problem.message.removeprefix("Value error, ") + "."


_SENTENCES: dict[str, Callable[[_Problem], str]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_too_short": _missing,
    "literal_error": _unknown_word,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _unknown_kind,
    "value_error": _broken_rule,
}


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean “{close[0]}”?" if close else ""


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _follow(location: Sequence[int | str]) -> tuple[type[Section] | None, FieldInfo | None, str]:
    """Walk a location inwards: the innermost section, the field, and the key as a person writes it."""
    holder: type[Section] | None = Recipe
    field: FieldInfo | None = None
    candidates: tuple[type[Section], ...] = ()
    key: list[str] = []
    for part in location:
        chosen = next((section for section in candidates if part == _kind(section)), None)
        if chosen is not None:
            holder, candidates = chosen, ()
            continue
        key.append(str(part))
        if isinstance(part, int):
            continue
        if len(candidates) == 1:
            holder = candidates[0]
        known = holder.model_fields if holder else {}
        field = known.get(part)
        candidates = sections_in(field.annotation) if field is not None else ()
    return holder, field, ".".join(key)


def _kind(section: type[Section]) -> Any:
    field = section.model_fields.get("kind")
    return field.default if field is not None else None
