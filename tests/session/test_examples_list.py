"""The examples on the first page: each is there, said in words, and what is gone is passed over."""

from pathlib import Path

import pytest

from workbench.recipe import read_recipe
from workbench.session import examples
from workbench.session.examples import list_examples


def test_every_example_of_the_story_is_there_with_words_of_its_own() -> None:
    found = list_examples()
    assert len(found) == len(examples._STORY)
    assert len({example.title for example in found}) == len(found)
    for example in found:
        assert example.description == read_recipe(example.path).description
        assert example.description.endswith(".")
        assert not example.title.endswith(".")


def test_the_first_one_is_distilled_from_a_teacher() -> None:
    recipe = read_recipe(list_examples()[0].path)
    assert recipe.teachers
    assert recipe.stages[0].objective.uses_teacher


def test_an_example_that_is_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "examples" / "hinton-mnist"
    folder.mkdir(parents=True)
    (folder / "ensemble-to-one.toml").write_text('name = "x"\n')
    monkeypatch.setattr(examples, "resources_folder", lambda: tmp_path)
    (example,) = list_examples()
    assert (example.path.name, example.title, example.description) == (
        "ensemble-to-one.toml",
        "Five teachers, one student",
        "",
    )
