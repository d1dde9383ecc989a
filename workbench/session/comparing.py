"""Runs side by side: what each scored, and where their recipes differ."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from workbench.event_records import event_of
from workbench.events import Evaluated, Prepared
from workbench.recipe import Recipe
from workbench.recipe.section import Section, sections_in, unit_of, words_of
from workbench.session.library import RunSummary, summary_of
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

# Keys and list positions from the outside in, as in a recipe file.
_Location: TypeAlias = tuple[int | str, ...]

# What a list item is called where a person reads its place; they count from 1.
_ITEMS = {"teachers": "teacher", "stages": "stage"}


@dataclass(frozen=True)
class ComparedRun:
    """One column of a comparison.

    Attributes:
        score: What the student scored last, None before it was asked.
        parameters: Of the student; None before the run was prepared.
        student_bytes: Size of the finished student on disk, None before there is one.
    """

    path: Path
    recipe: Recipe
    summary: RunSummary
    score: Evaluated | None
    parameters: int | None
    student_bytes: int | None


@dataclass(frozen=True)
class SettingRow:
    """One setting of several recipes.

    Attributes:
        words: Its place for a person: "Stage 1 · objective · temperature".
        help: What it is, in a sentence.
        values: As a person reads them, one a recipe; "–" where a recipe has no such setting.
        differs: Whether the recipes disagree on it.
    """

    words: str
    help: str
    values: tuple[str, ...]
    differs: bool


def read_compared(path: Path) -> ComparedRun:
    """One run as its folder has it now. Raises WorkbenchError."""
    folder = RunFolder(path)
    with RunDatabase(folder.database_file, read_only=True) as database:
        events = [event_of(record) for record in database.events("Evaluated", "Prepared")]
    scores = [event for event in events if isinstance(event, Evaluated) and event.subject == "student"]
    prepared = [event for event in events if isinstance(event, Prepared)]
    return ComparedRun(
        path=path,
        recipe=folder.recipe,
        summary=summary_of(folder),
        score=scores[-1] if scores else None,
        parameters=prepared[-1].student_parameters if prepared else None,
        student_bytes=folder.student_file.stat().st_size if folder.student_file.is_file() else None,
    )


def compare_recipes(recipes: Sequence[Recipe]) -> list[SettingRow]:
    """Every setting of every recipe, defaults included, in the order of the recipe file."""
    settings = [dict(_settings(recipe, ())) for recipe in recipes]
    rows = []
    for location in _in_order(settings):
        found = [own.get(location) for own in settings]
        known = [setting for setting in found if setting is not None]
        values = [None if setting is None else setting.value for setting in found]
        words = tuple("–" if setting is None else setting.words for setting in found)
        place = _in_words(location, known[0].unit)
        rows.append(SettingRow(place, known[0].help, words, any(value != values[0] for value in values)))
    return rows


@dataclass(frozen=True)
class _Setting:
    value: Any
    words: str
    help: str
    unit: str


def _settings(section: Section, location: _Location) -> Iterator[tuple[_Location, _Setting]]:
    for name, field in type(section).model_fields.items():
        value, place = getattr(section, name), (*location, name)
        if isinstance(value, Section):
            yield from _settings(value, place)
        elif isinstance(value, tuple) and sections_in(field.annotation):
            for number, item in enumerate(value):
                yield from _settings(item, (*place, number))
        else:
            # An absent section, such as the architecture of a student from a checkpoint, has no value of its own.
            text = str(value).replace("_", " ") if words_of(field) else value
            words = "–" if value is None else _value_words(text)
            yield place, _Setting(value, words, field.description or "", unit_of(field))


def _value_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_value_words(item) for item in value) or "–"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value) or "–"


def _in_order(settings: Iterable[dict[_Location, _Setting]]) -> list[_Location]:
    """All places once; what only a later recipe has stands after what came before it there."""
    order: list[_Location] = []
    for own in settings:
        at = 0
        for location in own:
            if location in order:
                at = order.index(location) + 1
            else:
                order.insert(at, location)
                at += 1
    return order


def _in_words(location: _Location, unit: str) -> str:
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            parts[-1] = f"{_ITEMS.get(parts[-1], parts[-1])} {part + 1}"
        else:
            parts.append(part)
    words = " · ".join(part.replace("_", " ") for part in parts)
    # "epochs" and "seconds" say it themselves.
    told = not unit or parts[-1].startswith(unit)
    return words[0].upper() + words[1:] + ("" if told else f" ({unit})")
