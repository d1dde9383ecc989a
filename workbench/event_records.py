"""Events as plain dictionaries and back again, and values from JSON checked against the types they should have."""

from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from reprlib import Repr
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from workbench.events import Event

# Larger numbers are neither steps nor counts, and numpy does not take them.
_LARGEST_INT = 2**63 - 1
_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false", NoneType: "null"}
_LISTS = {tuple: "a list", list: "a list", dict: "an object"}
_SHORT = Repr()
_SHORT.maxother = _SHORT.maxstring = _SHORT.maxlong = 40
short = _SHORT.repr


def as_record(event: Event) -> dict[str, Any]:
    """An event as a plain dictionary with its name under "event", for JSON and the run's database."""
    return {"event": type(event).__name__, **_plain(event)}


def event_of(record: dict[str, Any]) -> Event:
    """The event that `as_record` made this of, also after a way through JSON.

    Raises:
        ValueError: No event has this name; it lacks a value, has one too many or one of another type.
    """
    name = record.get("event")
    if not isinstance(name, str) or name not in _KINDS:
        raise ValueError(f"{short(name)} is not a kind of event")
    event: Event = typed({key: value for key, value in record.items() if key != "event"}, _KINDS[name], name)
    return event


def typed(value: Any, hint: Any, place: str) -> Any:
    """A value from JSON as the type of a hint: lists become tuples, and objects dataclasses, where it names them.

    Args:
        value: What JSON gave.
        hint: `Any`, a plain type, a dataclass, a TypedDict, or tuples, lists, dicts and unions of them.
        place: Where the value stands, for the message.

    Raises:
        ValueError: It is of another type; the message names place, value and type.
    """
    if type(value) is hint and hint is not int:
        return value
    origin = get_origin(hint) or hint
    if origin in (Union, UnionType):
        return _one_of(value, get_args(hint), place)
    if is_dataclass(hint) or is_typeddict(hint):
        return _object(value, hint, place)
    if origin in (tuple, list) and isinstance(value, (list, tuple)):
        return _items(value, origin, get_args(hint), place)
    fits = hint is Any or (isinstance(value, dict) if origin is dict else _is_plain(value, hint))
    if not fits:
        raise ValueError(f"{place} is {short(value)} where {_words(hint)} is expected")
    return value


def _is_plain(value: Any, hint: Any) -> bool:
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    if hint is float:
        return isinstance(value, float) or (isinstance(value, int) and abs(value) <= _LARGEST_INT)
    if hint is int:
        return isinstance(value, int) and abs(value) <= _LARGEST_INT
    return hint in (str, NoneType) and isinstance(value, hint)


def _one_of(value: Any, hints: tuple[Any, ...], place: str) -> Any:
    problems = []
    for hint in hints:
        try:
            return typed(value, hint, place)
        except ValueError as error:
            problems.append(error)
    if len(hints) == 2 and NoneType in hints:
        raise problems[hints.index(NoneType) - 1]
    raise ValueError(f"{place} is {short(value)} where {' or '.join(map(_words, hints))} is expected")


def _items(value: Any, kind: type, hints: tuple[Any, ...], place: str) -> Any:
    if kind is list or hints[1:] == (...,):
        # Probabilities of many classes at once.
        if hints[0] is float and set(map(type, value)) <= {float}:
            return kind(value)
        hints = hints[:1] * len(value)
    if len(hints) != len(value):
        raise ValueError(f"{place} has {len(value)} values where {len(hints)} are expected")
    return kind(typed(item, hint, f"{place}[{n}]") for n, (item, hint) in enumerate(zip(value, hints, strict=True)))


def _object(value: Any, hint: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is {short(value)} where an object is expected")
    hints, needed = _members(hint)
    if missing := [name for name in needed if name not in value]:
        raise ValueError(f"{place} lacks {', '.join(missing)}")
    if is_typeddict(hint):
        # What a newer version added is kept as it is.
        return {name: typed(item, hints.get(name, Any), f"{place}.{name}") for name, item in value.items()}
    if unknown := [name for name in value if name not in hints]:
        raise ValueError(f"{place} has {', '.join(map(short, unknown))}, which is not a part of it")
    return hint(**{name: typed(item, hints[name], f"{place}.{name}") for name, item in value.items()})


@cache
def _members(hint: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Types by name, and the names without a default."""
    hints = get_type_hints(hint)
    if is_typeddict(hint):
        return hints, tuple(sorted(hint.__required_keys__))
    has_default = {
        part.name for part in fields(hint) if part.default is not MISSING or part.default_factory is not MISSING
    }
    return hints, tuple(name for name in hints if name not in has_default)


def _words(hint: Any) -> str:
    return _NAMES.get(hint) or _LISTS.get(get_origin(hint) or hint, "an object")


def _plain(value: Any) -> Any:
    """Values inside values as dictionaries; not `asdict`, which copies every number of a probe."""
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return [_plain(item) for item in value]
    return value


_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Event)}
