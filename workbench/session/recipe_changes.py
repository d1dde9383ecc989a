"""What a student depends on in a recipe, to notice when the recipe of a run is changed after the run began."""

from collections.abc import Iterator
from typing import Any

from workbench.recipe import Recipe
from workbench.recipe.section import file_locations

_SECTIONS = {"teachers", "averaging", "student", "data", "stages"}
# Files may move; a changed content is noticed by its digest.
_IGNORED = ("trust", "name")
_SHOWN = 3


def training_values(recipe: Recipe) -> dict[str, Any]:
    """Every value by its place, such as "student.seed", without file names."""
    files = {".".join(map(str, location)) for location in file_locations(recipe)}
    values = dict(_flat(recipe.model_dump(mode="json", include=_SECTIONS), ""))
    return {
        place: value
        for place, value in values.items()
        if place not in files and place.rpartition(".")[2] not in _IGNORED
    }


def changes_since(before: Any, now: dict[str, Any]) -> str:
    """Which values changed, in words; empty where none did. Values that an earlier version had not do not count."""
    if not isinstance(before, dict):
        return ""
    changed = [place for place in now if place in before and before[place] != now[place]]
    words = [f"{place} was {before[place]!r:.40} and is {now[place]!r:.40}" for place in changed[:_SHOWN]]
    more = len(changed) - len(words)
    return "; ".join(words) + (f"; and {more} more" if more else "")


def _flat(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place, value
        return
    # How many there are of a list: what was added or taken away is noticed too.
    yield place, len(value) if isinstance(value, list) else "section"
    for name, item in items:
        yield from _flat(item, f"{place}.{name}".lstrip("."))
