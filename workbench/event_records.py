"""Events as plain dictionaries and back again, for JSON and the run's database."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from workbench.events import Event


def as_record(event: Event) -> dict[str, Any]:
    """An event as a plain dictionary with its name under "event", for JSON and the run's database."""
    return {"event": type(event).__name__, **_plain(event)}


def event_of(record: dict[str, Any]) -> Event:
    """The event that `as_record` made this of, also after a way through JSON.

    Raises:
        KeyError: No event has this name.
        TypeError: It lacks a value, or has one too many.
    """
    kind = _KINDS[record["event"]]
    hints = get_type_hints(kind)
    values = {name: _as_hinted(hints.get(name), value) for name, value in record.items() if name != "event"}
    event: Event = kind(**values)
    return event


def _as_hinted(hint: Any, value: Any) -> Any:
    """Lists become the tuples, and dictionaries the values, that they were."""
    if isinstance(value, list):
        inner = next((part for part in get_args(hint) if is_dataclass(part)), None)
        return tuple(_as_hinted(inner, item) for item in value)
    if isinstance(value, dict) and isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: _as_hinted(hints.get(name), inner) for name, inner in value.items()})
    return value


def _plain(value: Any) -> Any:
    """Values inside values as dictionaries; not `asdict`, which copies every number of a probe."""
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return [_plain(item) for item in value]
    return value


_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Event)}
