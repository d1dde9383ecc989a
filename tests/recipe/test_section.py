"""Every field of every section carries its help, range and unit, and these read back as words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from workbench.recipe import Recipe
from workbench.recipe.data import Arrays
from workbench.recipe.inputs import Augmentation, TransferSet
from workbench.recipe.models import Student
from workbench.recipe.monitoring import Autosave
from workbench.recipe.objectives import SoftTargets
from workbench.recipe.optimisation import Optimisation
from workbench.recipe.section import (
    Section,
    bounds_of,
    file_locations,
    range_of,
    sections_in,
    unit_of,
    usual_of,
    whole_name,
    words_of,
)


def reachable(section: type[Section]) -> Iterator[type[Section]]:
    """A section class and every one inside it."""
    yield section
    for field in section.model_fields.values():
        for inner in sections_in(field.annotation):
            yield from reachable(inner)


SECTIONS = list(dict.fromkeys(reachable(Recipe)))
FIELDS = [
    pytest.param(field, id=f"{section.__name__}.{name}")
    for section in SECTIONS
    for name, field in section.model_fields.items()
    if name != "kind"
]
NUMBERS = [given for given in FIELDS if given.values[0].annotation in (int, float)]
NUMBER_LISTS = [given for given in FIELDS if get_origin(given.values[0].annotation) is tuple]
NUMBER_LISTS = [given for given in NUMBER_LISTS if sections_in(given.values[0].annotation) == ()]


def limits(annotation: Any) -> dict[str, float]:
    """The numeric limits of the items of a list."""
    return bounds_of(FieldInfo.from_annotation(annotation))


def test_the_walk_from_the_recipe_reaches_the_sections_of_every_module():
    names = {section.__name__ for section in SECTIONS}
    assert {"Recipe", "Stage", "Student", "Mlp", "Idx", "TransferSet", "Augmentation", "JensenShannon"} <= names
    assert {"Optimisation", "Monitoring", "Autosave", "Export", "Teacher", "Arrays", "ResNet"} <= names


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_help_text_of_one_sentence(field):
    help_text = field.description
    assert help_text
    assert help_text.endswith(".")
    assert not re.search(r"[.!?] [A-Z]", help_text)
    assert "\n" not in help_text


@pytest.mark.parametrize("field", NUMBERS)
def test_every_number_has_a_smallest_and_a_largest_value(field):
    bounds = bounds_of(field)
    assert bounds.keys() & {"gt", "ge"}
    assert bounds.keys() & {"lt", "le"}


@pytest.mark.parametrize("field", NUMBER_LISTS)
def test_the_numbers_in_every_list_have_a_smallest_and_a_largest_value(field):
    item = get_args(field.annotation)[0]
    if item is str:
        assert get_args(field.annotation)[1] is Ellipsis
        return
    bounds = limits(item)
    assert bounds.keys() & {"gt", "ge"}
    assert bounds.keys() & {"lt", "le"}


@pytest.mark.parametrize("field", NUMBERS)
def test_the_range_in_words_names_every_limit_exactly(field):
    words = range_of(field).partition("(")[0]
    told = [float(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?", words)]
    assert sorted(told) == sorted(bounds_of(field).values())


@pytest.mark.parametrize("section", [given for given in SECTIONS if "kind" in given.model_fields])
def test_a_section_of_a_kind_takes_its_own_kind_as_default(section):
    (word,) = words_of(section.model_fields["kind"])
    assert section.model_fields["kind"].default == word
    with pytest.raises(ValidationError):
        TypeAdapter(section).validate_python({"kind": f"{word}x"})


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_class_says_in_a_docstring_what_it_is(section):
    assert section.__doc__
    assert section.__doc__ != Section.__doc__


def test_sections_are_frozen():
    section = SoftTargets()
    with pytest.raises(ValidationError, match="frozen"):
        section.temperature = 3.0


def test_ranges_read_as_words_with_their_unit():
    assert range_of(SoftTargets.model_fields["temperature"]) == "greater than 0, at most 1000"
    assert range_of(Optimisation.model_fields["optimiser"]) == "one of sgd, adam, adamw"
    assert range_of(Autosave.model_fields["seconds"]) == "at least 0, at most 86400 (s)"
    assert range_of(Augmentation.model_fields["flip"]) == ""


def test_units_read_back_and_are_empty_where_none_was_declared():
    assert unit_of(TransferSet.model_fields["batch_size"]) == "examples"
    assert unit_of(SoftTargets.model_fields["alpha"]) == ""
    assert unit_of(Student.model_fields["architecture"]) == ""


def test_the_usual_range_reads_back_and_lies_within_the_limits():
    assert usual_of(SoftTargets.model_fields["temperature"]) == (0.5, 50)
    assert usual_of(Optimisation.model_fields["learning_rate"]) is None


def test_file_locations_are_the_named_files_and_nothing_else():
    recipe = Recipe(
        teachers=({"checkpoint": "a"}, {"checkpoint": "b"}),
        student=Student(checkpoint="s"),
        data=Arrays(file="d.npz"),
    )
    assert list(file_locations(recipe)) == [
        ("teachers", 0, "checkpoint"),
        ("teachers", 1, "checkpoint"),
        ("student", "checkpoint"),
        ("data", "file"),
    ]


def test_a_whole_name_counts_from_the_recipes_folder_or_from_the_persons_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
    assert whole_name(tmp_path / "recipes", "../a b.npz") == tmp_path / "a b.npz"
    assert whole_name(tmp_path, "~/x.npz") == tmp_path / "me" / "x.npz"
    assert whole_name(tmp_path, str(tmp_path / "y")) == tmp_path / "y"
    # Nobody of that name is no error, but a strange name.
    assert whole_name(tmp_path, "~nobody-here/x").name == "x"
