"""The base of every recipe section, and the words that carry a field's range, unit and help."""

import os
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

# Positions or labels, counted from 0.
Places: TypeAlias = tuple[Annotated[int, Field(ge=0, lt=2**31)], ...]


class Section(BaseModel):
    """A frozen part of a recipe: unknown keys, infinities and NaN are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def setting(
    default: Any,
    *,
    help: str,
    unit: str = "",
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    max_length: int | None = None,
    is_file: bool = False,
    usual: tuple[float, float] | None = None,
) -> Any:
    """A field of a section; forms, TOML comments, errors and documentation read all of this back from it.

    Args:
        default: The value when a recipe is silent; `...` when a recipe must say.
        help: One sentence for a person.
        unit: The unit of a number, such as "nats" or "s"; "" for a pure number or a word.
        gt: Smallest value, excluded.
        ge: Smallest value, included.
        lt: Largest value, excluded.
        le: Largest value, included.
        max_length: Most items of a list.
        is_file: Whether the text names a file, relative to the recipe.
        usual: The values that are mostly wanted, for sliders, where the limits lie far apart.
    """
    return Field(
        default,
        # A file that must be named is not named by an empty text.
        min_length=1 if is_file and default is ... else None,
        description=help,
        gt=gt,
        ge=ge,
        lt=lt,
        le=le,
        max_length=max_length,
        json_schema_extra={"unit": unit, "is_file": is_file, "usual": list(usual) if usual else None},
    )


def unit_of(field: FieldInfo) -> str:
    """The unit a field was declared with, "" for none."""
    return str(_extra(field).get("unit", ""))


def is_file(field: FieldInfo) -> bool:
    """Whether a field's text names a file."""
    return bool(_extra(field).get("is_file"))


def usual_of(field: FieldInfo) -> tuple[float, float] | None:
    """The values of a number that are mostly wanted, None where nothing narrower than its limits was declared."""
    usual = _extra(field).get("usual")
    return (usual[0], usual[1]) if usual else None


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def file_locations(value: Any, location: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Where in a section, or a tuple of sections, a file is named."""
    if isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from file_locations(item, (*location, place))
    elif isinstance(value, Section):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if inner and is_file(field):
                yield (*location, name)
            yield from file_locations(inner, (*location, name))


def whole_name(folder: Path, name: str) -> Path:
    """The whole name of a file that a recipe in `folder` names; ~ is the person's own folder, as in a terminal."""
    # Not Path's own: a user nobody knows would be an error there, and is a strange file name here.
    return Path(os.path.abspath(folder / os.path.expanduser(name)))  # noqa: PTH100, PTH111


def bounds_of(field: FieldInfo) -> dict[str, float]:
    """The numeric limits of a field, by pydantic's names: gt, ge, lt, le."""
    return {
        name: getattr(constraint, name)
        for constraint in field.metadata
        for name in ("gt", "ge", "lt", "le")
        if getattr(constraint, name, None) is not None
    }


def range_of(field: FieldInfo) -> str:
    """The allowed values in words: "greater than 0, at most 1000" or "one of sgd, adam, adamw"."""
    words = words_of(field)
    if words:
        return "one of " + ", ".join(words)
    phrases = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
    bounds = bounds_of(field)
    text = ", ".join(f"{phrases[name]} {_exactly(bounds[name])}" for name in phrases if name in bounds)
    unit = unit_of(field)
    return f"{text} ({unit})" if text and unit else text


def _exactly(limit: float) -> str:
    if limit != int(limit):
        return f"{limit:g}"
    return f"{int(limit)}"


def words_of(field: FieldInfo) -> tuple[str, ...]:
    """The words a `Literal` field accepts; empty for any other field."""
    if get_origin(field.annotation) is typing.Literal:
        return tuple(str(word) for word in get_args(field.annotation))
    return ()


def sections_in(annotation: Any) -> tuple[type[Section], ...]:
    """The section classes inside an annotation such as `A | B`, `tuple[A, ...]` or `Annotated[A, …]`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return (annotation,) if issubclass(annotation, Section) else ()
    origin = get_origin(annotation)
    if origin in (typing.Union, types.UnionType, tuple, typing.Annotated):
        return tuple(section for part in get_args(annotation) for section in sections_in(part))
    return ()
