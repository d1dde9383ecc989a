"""A recipe's language models: read from files, or made anew, the same for the same seed."""

import json

import pytest
import torch

from engine.language.language_models import answers, language_folder, language_recipe, tiny_language_model
from workbench.engine.language.loading import (
    load_language_model,
    make_language_student,
    planned_student,
    read_language_model,
)
from workbench.errors import WorkbenchError
from workbench.recipe.models import ARCHITECTURES, Mlp, Teacher

NEW = {"kind": "causal_lm", "layers": 2, "width": 16, "heads": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    language_folder(folder / "teacher")
    language_folder(folder / "student", "qwen2", seed=7)
    return folder


@pytest.fixture(scope="module")
def teacher(folder):
    return read_language_model(folder / "teacher")


def test_a_section_names_its_model_from_the_recipes_folder(folder, teacher):
    model = load_language_model(Teacher(checkpoint="teacher"), folder)
    torch.testing.assert_close(answers(model), answers(teacher), rtol=0, atol=0)


def test_a_checkpoint_with_an_architecture_beside_it_is_refused(folder):
    with pytest.raises(WorkbenchError, match="is given the architecture mlp as well"):
        load_language_model(Teacher(checkpoint="teacher", architecture=Mlp()), folder)


def test_a_student_goes_on_from_its_checkpoint(folder, teacher):
    student = make_language_student(language_recipe({"checkpoint": "student"}), folder, [teacher])
    torch.testing.assert_close(answers(student), answers(read_language_model(folder / "student")), rtol=0, atol=0)
    assert not student.training


def made(folder, teacher, **student):
    return make_language_student(language_recipe({"architecture": NEW} | student), folder, [teacher])


def test_the_same_seed_makes_the_same_student_and_leaves_other_draws_alone(folder, teacher):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first, drawn = made(folder, teacher, seed=3), torch.rand(1)
    assert torch.equal(drawn, expected)
    assert torch.equal(answers(first), answers(made(folder, teacher, seed=3)))
    assert not torch.equal(answers(first), answers(made(folder, teacher, seed=4)))


def test_adapters_are_in_the_student_where_they_are_asked_for(folder, teacher):
    plain, adapted = made(folder, teacher, seed=2), made(folder, teacher, seed=2, lora={"rank": 2})
    assert torch.equal(answers(plain), answers(adapted))
    trained = [name for name, parameter in adapted.named_parameters() if parameter.requires_grad]
    assert trained
    assert all("lora_" in name for name in trained)


def test_a_kind_of_student_that_writes_no_text_is_refused_with_those_that_do(folder, teacher):
    with pytest.raises(WorkbenchError, match="convnet writes no text") as caught:
        made(folder, teacher, architecture={"kind": "convnet"})
    assert "causal_lm, hugging_face_config, teacher_layers" in caught.value.hint


@pytest.mark.parametrize(
    "architecture",
    [NEW, {"kind": "teacher_layers"}, {"kind": "hugging_face_config", "config": "teacher", "layers": 0.5}],
    ids=lambda section: section["kind"],
)
def test_a_plan_has_the_sizes_of_the_student_and_takes_no_memory(folder, teacher, architecture):
    recipe = language_recipe({"architecture": architecture})
    plan = planned_student(recipe.student.architecture, 48, folder, recipe.teachers[0])
    student = make_language_student(recipe, folder, [teacher])
    shapes = {name: tuple(tensor.shape) for name, tensor in student.state_dict().items()}
    assert {name: tuple(tensor.shape) for name, tensor in plan.state_dict().items()} == shapes
    assert all(parameter.is_meta for parameter in plan.parameters())
    assert plan.blueprint == student.blueprint


def test_a_student_beyond_all_memory_is_refused_before_any_is_taken(folder, teacher):
    with pytest.raises(WorkbenchError, match="GiB of memory"):
        made(folder, teacher, architecture=NEW | {"layers": 512, "width": 65536, "heads": 512})


def test_every_kind_of_new_language_model_is_one_that_a_recipe_can_name():
    from workbench.engine.language.students import STARTS

    kinds = {section.model_fields["kind"].default for section in ARCHITECTURES}
    assert {start.__name__ for start in STARTS} <= kinds


def test_a_students_blueprint_names_the_config_it_was_built_from(folder, teacher):
    student = made(folder, teacher)
    assert json.loads(student.blueprint.config)["hidden_size"] == student.network.config.hidden_size == 16
    assert tiny_language_model().vocabulary == student.vocabulary
