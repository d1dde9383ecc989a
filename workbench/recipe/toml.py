"""Recipes in and out of TOML: comments kept, every refusal with file, line, key, range and "did you mean"."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from tomlkit.exceptions import ParseError, TOMLKitError

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.recipe.places import depth_of, line_of
from workbench.recipe.recipe import Recipe
from workbench.recipe.refusals import in_words
from workbench.recipe.section import file_locations, whole_name

# The parser that keeps comments takes seconds for more.
_MOST_BYTES, _MOST_VALUES = 4 * 2**20, 60_000


def read_recipe(path: Path, changes: Iterable[str] = ()) -> Recipe:
    """The recipe in a file, with `key=value` changes applied.

    Args:
        path: The TOML file.
        changes: Such as "student.seed=1" or "stages.0.objective.temperature=8".

    Raises:
        WorkbenchError: Missing or unreadable file, bad TOML, or values that a recipe refuses; the message
            names the file, line, key and allowed range.
    """
    return parse_recipe(_text_of(path), name=str(path), changes=changes)


def parse_recipe(text: str, name: str = "recipe", changes: Iterable[str] = ()) -> Recipe:
    """The recipe in a text; `name` stands for the file in messages. Raises as `read_recipe`."""
    changes = tuple(changes)
    return _validated(_changed(text, name, changes), text, name, changes)


def _changed(text: str, name: str, changes: Iterable[str]) -> tomlkit.TOMLDocument:
    document = _parse(text, name)
    for change in changes:
        _apply(document, change)
    return document


def _validated(document: tomlkit.TOMLDocument, text: str, name: str, changes: tuple[str, ...]) -> Recipe:
    try:
        values = json.dumps(document.unwrap(), default=_no_json)
        return Recipe.model_validate_json(values, strict=True)
    except ValidationError as error:
        found = _deepest(error.errors())
        problems = [in_words(problem, _whence(_place_of(problem), text, name, changes)) for problem in found]
        count = "One value is" if len(problems) == 1 else f"{len(problems)} values are"
        raise WorkbenchError(f"{count} refused.\n" + "\n".join(problems)) from None


def write_recipe(recipe: Recipe, original: str = "") -> str:
    """A recipe as TOML; where `original` is the text a person wrote, their comments and order stay."""
    document = tomlkit.parse(original) if original else tomlkit.document()
    whole = json.loads(recipe.model_dump_json(exclude_none=True))
    _merge(document, _without_defaults(recipe, whole), whole)
    return tomlkit.dumps(document)


def absolute_recipe(path: Path, changes: Iterable[str] = ()) -> str:
    """A recipe's text, comments kept, changes applied and its file names made absolute; for a run folder."""
    return absolute_text(_text_of(path), path.resolve().parent, str(path), changes)


def absolute_text(text: str, folder: Path, name: str = "recipe", changes: Iterable[str] = ()) -> str:
    """The same for a text whose file names count from `folder`. Raises as `read_recipe`."""
    changes = tuple(changes)
    document = _changed(text, name, changes)
    for location in file_locations(_validated(document, text, name, changes)):
        *parents, last = location
        place: Any = document
        for part in parents:
            place = place[part]
        place[last] = str(whole_name(folder, place[last]))
    return tomlkit.dumps(document)


def _whence(location: tuple[int | str, ...], text: str, name: str, changes: tuple[str, ...]) -> str:
    """The change that brought a value, else the file and line where it is written."""
    for change in reversed(changes):
        key = tuple(change.partition("=")[0].strip().split("."))
        if depth_of(key, location):
            return f"--set {change}"
    return f"{name}, line {line_of(text, location)}"


def _place_of(problem: ErrorDetails) -> tuple[int | str, ...]:
    """Where a problem is written: an unknown kind stands at the word, not at its section."""
    return (*problem["loc"], "kind") if problem["type"].startswith("union_tag") else problem["loc"]


def _no_json(value: Any) -> dict[str, str]:
    """Dates and times, which no setting takes: a shape that none accepts, so that they are refused by name."""
    return {"date": str(value)}


def _deepest(problems: list[ErrorDetails]) -> list[ErrorDetails]:
    """Drop what only follows from a problem further in, such as a list left empty by its refused item."""
    places = [problem["loc"] for problem in problems]
    return [
        problem
        for problem in problems
        if not any(
            len(place) > len(problem["loc"]) and place[: len(problem["loc"])] == problem["loc"] for place in places
        )
    ]


def _text_of(path: Path) -> str:
    refuse_unless_plain(path)
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise WorkbenchError(
                f"{path} has {size:,} bytes, and a recipe at most {_MOST_BYTES:,}.", "Name the recipe itself."
            )
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WorkbenchError(f"There is no recipe at {path}.", "Check the name and the folder.") from None
    except IsADirectoryError:
        raise WorkbenchError(f"{path} is a folder, not a recipe.", "Name the recipe file inside it.") from None
    except UnicodeDecodeError as error:
        raise WorkbenchError(f"{path} is not a text file: byte {error.start} is not UTF-8.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror}.") from None


def _parse(text: str, name: str) -> tomlkit.TOMLDocument:
    values = text.count(",") + text.count("=")
    if values > _MOST_VALUES:
        raise WorkbenchError(
            f"{name} holds some {values:,} values, and a recipe at most {_MOST_VALUES:,}.",
            "Lists that long belong into files that the recipe names.",
        )
    try:
        return tomlkit.parse(text)
    except ParseError as error:
        raise WorkbenchError(f"{name}, line {error.line}: this is not TOML: {error}.") from None
    except (TOMLKitError, ValueError, TypeError, IndexError, RecursionError) as error:
        raise WorkbenchError(f"{name}{_line_by_tomllib(text)} this is not TOML: {error}") from None


def _line_by_tomllib(text: str) -> str:
    """Where the standard library sees the fault: tomlkit does not say it for every kind."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        if found:
            return f", line {found[1]}:"
    return ":"


def _apply(document: Any, change: str) -> None:
    key, separator, value = change.partition("=")
    if not separator or not key.strip():
        raise WorkbenchError(f"“{change}” is no change.", "Write KEY=VALUE, such as student.seed=1.")
    *parents, last = key.strip().split(".")
    place = document
    for part in parents:
        place = _step_into(place, part, change)
    try:
        # Unwrapped and wrapped again: a parsed item brings its own line ending, or the lack of one.
        given = tomlkit.parse(f"value = {value}").unwrap()
        if len(given) > 1:
            raise WorkbenchError(f"“{change}” is more than one change.", "Give each a --set of its own.")
        parsed = tomlkit.item(given["value"])
    except (ParseError, TOMLKitError):
        parsed = tomlkit.item(value)
    if isinstance(place, list):
        place[_index(place, last, change)] = parsed
    else:
        place[last] = parsed


def _step_into(place: Any, part: str, change: str) -> Any:
    if isinstance(place, list):
        return place[_index(place, part, change)]
    if part not in place:
        place[part] = tomlkit.table()
    inner = place[part]
    if not isinstance(inner, (Mapping, list)):
        raise WorkbenchError(f"“{change}” cannot be applied: {part} is a value, not a section.")
    return inner


def _index(place: list[Any], part: str, change: str) -> int:
    if not part.isdecimal() or int(part) >= len(place):
        raise WorkbenchError(
            f"“{change}” cannot be applied: there is no item {part}; the list has {len(place)}, from 0."
        )
    return int(part)


def _without_defaults(recipe: Recipe, whole: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(recipe.model_dump_json(exclude_defaults=True, exclude_none=True))
    values = {"format": recipe.format, **values}
    _restore_kinds(values, whole)
    return values


def _restore_kinds(values: Any, whole: Any) -> None:
    """Put back the `kind` words that equal their defaults: without them a section cannot be read again."""
    if isinstance(values, dict):
        if "kind" in whole:
            values.setdefault("kind", whole["kind"])
        for key, inner in values.items():
            _restore_kinds(inner, whole[key])
    elif isinstance(values, list):
        for inner, whole_inner in zip(values, whole, strict=True):
            _restore_kinds(inner, whole_inner)


def _merge(target: Any, values: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Make a document say `values`; what a person wrote although it is a default stays, and follows `whole`."""
    for key in [key for key in target if key not in whole]:
        del target[key]
    for key in dict.fromkeys((*target, *values)):
        value = values.get(key, whole[key])
        current = target.get(key)
        if isinstance(value, dict) and isinstance(current, Mapping):
            _merge(current, value, whole[key])
        elif isinstance(value, list) and isinstance(current, list) and _same_tables(current, value):
            for inner, new, whole_inner in zip(current, value, whole[key], strict=True):
                _merge(inner, new, whole_inner)
        elif current is None or current != value:
            target[key] = value


def _same_tables(current: list[Any], value: list[Any]) -> bool:
    return len(current) == len(value) and all(isinstance(item, Mapping) for item in (*current, *value))
