"""Recipes as values: digests, baselines, seeds and the rules that hold across sections."""

import pytest
from hypothesis import assume, given
from pydantic import ValidationError

from recipe.strategies import sections
from workbench.recipe import Recipe, Stage
from workbench.recipe.data import Arrays, Idx
from workbench.recipe.models import Mlp, PythonClass, Signature, Student, Teacher, TeacherLayers
from workbench.recipe.objectives import HardLabels, LogitMatching, SoftTargets


def small_recipe(**changes) -> Recipe:
    parts = {
        "name": "r",
        "teachers": (Teacher(checkpoint="t"),),
        "student": Student(architecture=Mlp(hidden=(8,))),
        "data": Arrays(file="d.npz"),
    }
    return Recipe(**(parts | changes))


@given(sections(Recipe), sections(Recipe))
def test_different_recipes_have_different_digests_and_equal_ones_the_same(one, other):
    assert one.digest() == one.model_copy(deep=True).digest()
    assume(one.model_dump(mode="json") != other.model_dump(mode="json"))
    assert one.digest() != other.digest()


def test_a_value_deep_inside_changes_the_digest():
    stage = Stage(objective=SoftTargets(temperature=4.000001))
    assert small_recipe().digest() != small_recipe(stages=(stage,)).digest()


def test_the_digest_is_64_hexadecimal_digits_and_does_not_reveal_names():
    digest = small_recipe(name="secret").digest()
    assert len(digest) == 64
    assert int(digest, 16) >= 0


@given(sections(Recipe))
def test_a_baseline_keeps_all_but_the_objectives_and_the_name(recipe):
    baseline = recipe.as_baseline()
    assert baseline.name == f"{recipe.name} (baseline)"
    assert [stage.objective for stage in baseline.stages] == [HardLabels()] * len(recipe.stages)
    kept = {name: getattr(recipe, name) for name in Recipe.model_fields if name not in ("name", "stages")}
    assert {name: getattr(baseline, name) for name in kept} == kept
    for stage, original in zip(baseline.stages, recipe.stages, strict=True):
        assert stage.name == "hard labels"
        assert (stage.inputs, stage.optimisation) == (original.inputs, original.optimisation)


def test_another_seed_changes_only_the_students_seed():
    recipe = small_recipe()
    seeded = recipe.with_seed(7)
    assert seeded.student.seed == 7
    assert seeded.with_seed(0) == recipe


def test_a_stage_that_learns_from_a_teacher_needs_one():
    with pytest.raises(ValidationError, match=r"stage 2 learns from a teacher \(logit matching\)"):
        small_recipe(teachers=(), stages=(Stage(objective=HardLabels()), Stage(objective=LogitMatching())))


def test_hard_labels_need_no_teacher():
    assert small_recipe(teachers=(), stages=(Stage(objective=HardLabels()),)).teachers == ()


def test_a_student_comes_from_somewhere():
    with pytest.raises(ValidationError, match="an architecture, or a checkpoint"):
        Student()


def test_a_checkpoint_may_be_told_what_its_weights_are_poured_into():
    assert Student(checkpoint="weights.pt", architecture=Mlp()).architecture == Mlp()
    with pytest.raises(ValidationError, match="not from both"):
        Student(checkpoint="weights.pt", architecture=TeacherLayers())


def test_a_python_class_lies_in_a_file_or_in_a_module():
    for parts in ({}, {"file": "a.py", "module": "a"}):
        with pytest.raises(ValidationError, match="not both and not neither"):
            PythonClass(name="Net", **parts)
    with pytest.raises(ValidationError, match="not the name of a Python class"):
        PythonClass(file="a.py", name="Net()")


def test_a_signature_gives_as_many_deviations_as_means():
    with pytest.raises(ValidationError, match="1 means and 2 standard deviations"):
        Signature(mean=(0.5,), std=(1.0, 1.0))
    with pytest.raises(ValidationError, match="greater than 0"):
        Signature(mean=(0.5,), std=(0.0,))


@pytest.mark.parametrize("given_name", ["validation_images", "validation_labels"])
def test_held_out_pictures_and_labels_belong_together(given_name):
    with pytest.raises(ValidationError, match="give both or neither"):
        Idx(images="i", **{given_name: "x"})
