"""A recipe while a person is still writing it: plain values, each problem beside the value it is about."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from workbench.recipe.recipe import Recipe
from workbench.recipe.refusals import in_words
from workbench.recipe.section import Section, sections_in

# Keys and list positions from the outside in: ("stages", 0, "objective", "temperature").
Location: TypeAlias = tuple[int | str, ...]
Draft: TypeAlias = dict[str, Any]


def draft_of(recipe: Recipe) -> Draft:
    """Every value of a recipe, defaults included, as plain dictionaries, lists, numbers and texts."""
    draft: Draft = json.loads(recipe.model_dump_json())
    return draft


def checked(draft: Draft) -> tuple[Recipe | None, dict[Location, str]]:
    """The recipe, or None; and a sentence for each refused value by its place in the draft."""
    try:
        return Recipe.model_validate_json(json.dumps(draft), strict=True), {}
    except ValidationError as error:
        problems: dict[Location, str] = {}
        for details in error.errors():
            place = _without_kinds(details["loc"], draft)
            sentence = in_words(details, "").removeprefix(": ").replace(".".join(map(str, place)), _name_of(place), 1)
            problems.setdefault(place, sentence[0].upper() + sentence[1:])
        return None, {place: words for place, words in problems.items() if not _follows(place, problems)}


def checked_section(kind: Any, values: Any) -> Any:
    """A section by itself, whatever else is wrong around it; None where it is refused.

    Args:
        kind: A section class, or several as one type such as `Objective`.
        values: As they stand in a draft.
    """
    try:
        return _adapter(kind).validate_json(json.dumps(values), strict=True)
    except ValidationError:
        return None


def value_at(draft: Draft, location: Location) -> Any:
    """The value at a place. Raises KeyError or IndexError where there is none."""
    place: Any = draft
    for part in location:
        place = place[part]
    return place


def with_value(draft: Draft, location: Location, value: Any) -> Draft:
    """A copy of a draft with one value replaced; what is not on the way to it is shared."""
    copied: Draft = _replaced(draft, location, value) if location else value
    return copied


def fresh(section: type[Section]) -> Any:
    """A new section's values: its defaults, and empty texts where it has none."""
    values: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        if not field.is_required():
            default = field.get_default(call_default_factory=True)
            values[name] = to_jsonable_python(default)
        else:
            inner = sections_in(field.annotation)
            values[name] = fresh(inner[0]) if inner else ""
    return values


def _replaced(place: Any, location: Sequence[int | str], value: Any) -> Any:
    first, *rest = location
    copied: Any = dict(place) if isinstance(place, Mapping) else list(place)
    copied[first] = _replaced(copied[first], rest, value) if rest else value
    return copied


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _follows(place: Location, problems: Mapping[Location, str]) -> bool:
    """Whether a refusal only follows from one inside it: a list seems too short once its one item is refused."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in problems)


def _name_of(place: Location) -> str:
    """The value's own name without the sections around it, since it is shown where it stands."""
    if len(place) > 1 and isinstance(place[-1], int):
        return f"item {place[-1] + 1} of {_name_of(place[:-1])}"
    return str(place[-1]).replace("_", " ") if place else ""


def _without_kinds(location: Location, draft: Draft) -> Location:
    """Drop the words that name the kind of a section and are no keys of the draft."""
    place: Any = draft
    found: list[int | str] = []
    for part in location:
        if isinstance(place, Mapping) and part not in place and place.get("kind") == part:
            continue
        found.append(part)
        try:
            place = place[part]
        except (KeyError, IndexError, TypeError):
            place = None
    return tuple(found)
