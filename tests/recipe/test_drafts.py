"""A recipe while it is written: plain values, each refusal beside its value, copies that share what is the same."""

import json

import pytest
from hypothesis import given

from recipe.strategies import sections
from workbench.recipe import Recipe, parse_recipe
from workbench.recipe.data import Data
from workbench.recipe.drafts import Draft, checked, checked_section, draft_of, fresh, value_at, with_value
from workbench.recipe.models import Mlp, Student, Teacher
from workbench.recipe.objectives import Objective, SoftTargets


@pytest.fixture
def draft(recipe_text) -> Draft:
    return draft_of(parse_recipe(recipe_text()))


@given(sections(Recipe))
def test_the_draft_of_a_recipe_is_checked_as_the_same_recipe(recipe: Recipe):
    draft = draft_of(recipe)
    assert json.loads(json.dumps(draft)) == draft
    assert checked(draft) == (recipe, {})


def test_a_refused_value_is_told_at_its_place_by_its_own_name(draft: Draft):
    place = ("stages", 0, "objective", "temperature")
    recipe, problems = checked(with_value(draft, place, -1.0))
    assert recipe is None
    assert problems == {place: "Temperature = -1.0 is out of range: greater than 0, at most 1000."}


def test_text_in_the_place_of_a_number_is_refused_and_not_guessed(draft: Draft):
    place = ("stages", 0, "optimisation", "learning_rate")
    _, problems = checked(with_value(draft, place, "fast"))
    assert problems == {place: "Learning rate = “fast” must be a number, greater than 0, at most 100."}


def test_a_refused_item_is_told_by_its_number_in_the_list(draft: Draft):
    _, problems = checked(with_value(draft, ("student", "architecture", "hidden"), [30, "x"]))
    assert problems == {("student", "architecture", "hidden", 1): "Item 2 of hidden = “x” must be a whole number."}


def test_what_is_missing_is_told_by_name(draft: Draft):
    _, problems = checked(with_value(draft, ("data", "file"), ""))
    assert problems == {("data", "file"): "“file” is missing: The .npz or .safetensors file."}


def test_every_problem_is_told_at_once(draft: Draft):
    draft = with_value(draft, ("stages", 0, "optimisation", "epochs"), 0)
    draft = with_value(draft, ("student", "architecture", "dropout"), 1.0)
    _, problems = checked(draft)
    assert set(problems) == {("stages", 0, "optimisation", "epochs"), ("student", "architecture", "dropout")}


def test_a_broken_rule_of_a_section_is_told_at_the_section(draft: Draft):
    _, problems = checked(with_value(draft, ("student", "architecture"), None))
    assert list(problems) == [("student",)]
    assert "an architecture, or a checkpoint" in problems[("student",)]


def test_a_broken_rule_of_the_whole_recipe_has_no_place(draft: Draft):
    _, problems = checked(with_value(draft, ("teachers",), []))
    assert list(problems) == [()]


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_infinity_is_refused_where_it_stands(draft: Draft, number: float):
    _, problems = checked(with_value(draft, ("teachers", 0, "weight"), number))
    assert list(problems) == [("teachers", 0, "weight")]


def test_a_changed_copy_shares_what_is_not_on_the_way_and_leaves_the_original_alone(draft: Draft):
    copied = with_value(draft, ("stages", 0, "objective", "alpha"), 0.25)
    assert value_at(copied, ("stages", 0, "objective", "alpha")) == 0.25
    assert value_at(draft, ("stages", 0, "objective", "alpha")) == 0.5
    assert copied["student"] is draft["student"]
    assert copied["stages"][0]["inputs"] is draft["stages"][0]["inputs"]


def test_a_place_that_is_not_there_is_an_error(draft: Draft):
    with pytest.raises(KeyError):
        value_at(draft, ("stages", 0, "nothing"))
    with pytest.raises(IndexError):
        value_at(draft, ("stages", 1))


def test_a_fresh_section_has_its_defaults_and_empty_texts():
    assert fresh(SoftTargets) == {"kind": "soft_targets", "temperature": 4.0, "alpha": 0.9}
    assert fresh(Mlp)["hidden"] == [800, 800]
    assert fresh(Teacher)["checkpoint"] == ""
    assert fresh(Student)["architecture"] is None
    assert fresh(Recipe)["data"]["images"] == ""


def test_a_section_is_checked_by_itself_whatever_is_wrong_around_it():
    assert checked_section(Objective, {"kind": "soft_targets", "temperature": 3.0, "alpha": 1}) == SoftTargets(
        temperature=3.0, alpha=1.0
    )
    assert checked_section(Objective, {"kind": "soft_targets", "temperature": -3.0, "alpha": 1}) is None
    assert checked_section(Data, fresh(Recipe)["data"]) is None
