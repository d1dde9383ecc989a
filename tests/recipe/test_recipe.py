"""Recipes as values: digests, baselines, seeds and the rules that hold across sections."""

import pytest
from hypothesis import assume, given
from pydantic import ValidationError

from recipe.strategies import sections
from workbench.recipe import Recipe, Stage
from workbench.recipe.data import Arrays, Conversations, Idx
from workbench.recipe.inputs import Endpoint, Rollouts, TeacherWritten, TransferSet
from workbench.recipe.models import CausalLm, Mlp, PythonClass, Signature, Student, Teacher, TeacherLayers
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
        assert stage.optimisation == original.optimisation
        # What a teacher or the student wrote is no part of a life without a teacher.
        given = original.inputs.kind == "transfer_set"
        assert stage.inputs == (original.inputs if given else TransferSet(batch_size=original.inputs.batch_size))


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


def written(*stages: Stage, **changes):
    parts = {
        "teachers": (Teacher(checkpoint="teacher"),),
        "student": Student(architecture=CausalLm()),
        "data": Conversations(file="prompts.jsonl"),
        "stages": stages or (Stage(inputs=TeacherWritten(), objective=HardLabels()),),
    }
    return Recipe(**(parts | changes))


def test_text_of_a_teacher_needs_one_unless_it_is_written_already_or_elsewhere():
    with pytest.raises(ValidationError, match=r"stage 1 learns from a teacher \(teacher-written text\)"):
        written(teachers=())
    elsewhere = Endpoint(url="http://localhost:1/v1", model="big")
    for inputs in (TeacherWritten(file="before.parquet"), TeacherWritten(endpoint=elsewhere)):
        assert written(Stage(inputs=inputs, objective=HardLabels()), teachers=()).has_baseline


def test_rollouts_have_no_hard_labels():
    with pytest.raises(ValidationError, match="rollouts have no hard labels"):
        written(Stage(inputs=Rollouts(), objective=HardLabels()))


def test_a_classifier_is_not_taught_by_text():
    with pytest.raises(ValidationError, match="teacher written is for language models"):
        small_recipe(stages=(Stage(inputs=TeacherWritten()),))
    with pytest.raises(ValidationError, match="need data of the kind conversations"):
        small_recipe(student=Student(architecture=CausalLm()))


def test_conversations_know_no_classes_to_omit():
    with pytest.raises(ValidationError, match="conversations know no classes and no pictures"):
        written(Stage(inputs=TransferSet(omit_classes=(3,))))


def test_reading_the_teachers_text_with_hard_labels_has_a_baseline():
    assert written().has_baseline
    assert not written(Stage(inputs=TransferSet(), objective=HardLabels())).has_baseline


def test_the_heads_of_a_new_language_model_share_its_width():
    with pytest.raises(ValidationError, match="a width of 64 cannot be shared by 3 heads"):
        CausalLm(width=64, heads=3)


def test_an_endpoint_is_an_address():
    with pytest.raises(ValidationError, match="is no address of an endpoint"):
        Endpoint(url="localhost:8000", model="big")


@pytest.mark.parametrize("url", ["https://me:hush@example.org/v1", "https://example.org/v1?key=hush"])
def test_no_secret_stands_in_the_address_of_an_endpoint(url):
    with pytest.raises(ValidationError, match="recipes are no place for them"):
        Endpoint(url=url, model="big")
