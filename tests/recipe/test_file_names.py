"""Which files call themselves recipes."""

from pathlib import Path

import pytest

from workbench.recipe.file_names import RECIPE_SUFFIX, RECIPE_SUFFIXES, is_named_as_recipe


@pytest.mark.parametrize(
    ("name", "is_recipe"),
    [
        ("mine.distil", True),
        ("MINE.DISTIL", True),
        ("T 4.8.toml", True),
        ("distil", False),
        (".distil", False),
        ("mine.distil.bak", False),
        ("mine.json", False),
    ],
)
def test_a_recipe_is_known_by_the_end_of_its_name_in_any_case(name: str, is_recipe: bool) -> None:
    assert is_named_as_recipe(Path("folder.distil") / name) is is_recipe


def test_the_suffix_that_is_proposed_comes_first_where_files_are_chosen() -> None:
    assert RECIPE_SUFFIXES[0] == RECIPE_SUFFIX
