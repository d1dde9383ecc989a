"""From a recipe to a setup: everything is there, checked, and asked in advance where that is possible."""

import numpy as np
import pytest
import torch
from closeness import assert_close

from engine.workshop import CPU, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine.checkpoints import to_bytes
from workbench.engine.preparing import prepare
from workbench.errors import WorkbenchError
from workbench.recipe.data import Arrays
from workbench.recipe.inputs import TransferSet
from workbench.recipe.models import ConvNet, Mlp, Student, Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels


def test_a_setup_holds_what_the_recipe_asks_for(workshop):
    setup = workshop.setup(tiny_recipe())
    assert setup.classes == ("0", "1", "2", "3")
    assert len(setup.held_out.labels_N) == 16
    assert setup.held_out.teacher_NC.shape == (16, 4)
    assert setup.student.parameter_count == 4 * 8 + 8 + 8 * 4 + 4
    assert setup.student.blueprint.classes == setup.classes
    assert {finding.level for finding in setup.findings} == {"ok"}


@pytest.mark.parametrize(
    ("optimisation", "steps", "per_epoch"),
    [
        ({"epochs": 3}, 18, 6),
        ({"epochs": 3, "steps": 7}, 7, 6),
        ({"epochs": 2, "accumulate": 2}, 6, 3),
        ({"epochs": 2, "accumulate": 4}, 2, 1),
        ({"epochs": 2, "accumulate": 10}, 2, 1),
    ],
)
def test_a_stage_takes_its_steps_from_epochs_or_from_steps(workshop, optimisation, steps, per_epoch):
    (plan,) = workshop.setup(tiny_recipe(tiny_stage(**optimisation))).stages
    assert (plan.steps, plan.steps_per_epoch) == (steps, per_epoch)


def test_the_held_out_logits_are_the_ensembles_answer_at_a_temperature_of_1(workshop):
    both = (Teacher(checkpoint="teacher.safetensors"), Teacher(checkpoint="other.safetensors", weight=3.0))
    setup = workshop.setup(tiny_recipe(teachers=both))
    one, other = (model(setup.held_out.inputs_NX).softmax(1) for model in setup.teachers.models)
    expected = 0.25 * one + 0.75 * other
    assert_close(setup.held_out.teacher_NC.softmax(1), expected)


def test_the_students_weights_are_a_function_of_its_seed(workshop):
    first, again, other = (to_bytes(workshop.setup(tiny_recipe().with_seed(seed)).student) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_student_is_normalised_by_the_training_inputs(workshop, clustered_arrays):
    setup = workshop.setup(tiny_recipe())
    shown = torch.cat([setup.stages[0].source.batch(number).inputs_BX for number in range(6)])
    assert_close(setup.student.blueprint.mean, shown.mean(0))
    assert_close(setup.student.blueprint.std, shown.std(0, correction=0))


def test_a_student_can_go_on_from_a_checkpoint(workshop):
    setup = workshop.setup(tiny_recipe(student=Student(checkpoint="other.safetensors")))
    assert to_bytes(setup.student) == (workshop.folder / "other.safetensors").read_bytes()


def test_hard_labels_do_without_a_teacher(workshop):
    setup = workshop.setup(tiny_recipe(tiny_stage(HardLabels()), teachers=()))
    assert setup.teachers is None
    assert setup.held_out.teacher_NC is None


def test_a_second_setup_asks_the_teacher_nothing(workshop, tmp_path):
    titles = [workshop.setup(tiny_recipe(), cache=tmp_path).findings[-1].title for _ in range(2)]
    assert titles == [
        "Teacher cache: 0 teacher outputs reused, 64 computed.",
        "Teacher cache: 64 teacher outputs reused, 0 computed.",
    ]


def test_the_watched_examples_are_the_recipes_or_one_of_each_class(workshop):
    assert workshop.setup(tiny_recipe(monitoring=Monitoring(probe=(5, 2)))).probe == (5, 2)
    by_default = workshop.setup(tiny_recipe())
    assert by_default.held_out.labels_N[list(by_default.probe)].tolist() == [0, 1, 2, 3]


def refusal(recipe, folder):
    with pytest.raises(WorkbenchError) as caught:
        prepare(recipe, folder, CPU, None)
    return str(caught.value)


def test_a_teacher_that_does_not_fit_is_refused_before_anything_is_computed(workshop, tmp_path):
    (tmp_path / "teacher.safetensors").write_bytes(to_bytes(tiny_classifier(classes=7)))
    recipe = tiny_recipe(data=Arrays(file=str(workshop.folder / "data.npz")))
    assert "The teacher tells 7 classes apart, but the data has 4." in refusal(recipe, tmp_path)


def test_a_missing_teacher_is_refused_by_name(workshop):
    recipe = tiny_recipe(teachers=(Teacher(checkpoint="absent.safetensors"),))
    assert "There is no checkpoint at " in refusal(recipe, workshop.folder)


def test_a_convolution_over_feature_vectors_is_refused(workshop):
    recipe = tiny_recipe(student=Student(architecture=ConvNet()))
    assert "A convnet needs pictures" in refusal(recipe, workshop.folder)


@pytest.mark.parametrize("labels", [np.zeros(20, dtype=int), None], ids=["one class", "no labels"])
def test_data_with_fewer_than_two_classes_are_refused_in_words(tmp_path, labels):
    content = {"inputs": np.random.default_rng(0).random((20, 4))} | ({} if labels is None else {"labels": labels})
    np.savez(tmp_path / "data.npz", **content)
    recipe = tiny_recipe(tiny_stage(HardLabels()), teachers=())
    assert "a classifier needs at least 2" in refusal(recipe, tmp_path)


def test_inputs_of_too_many_axes_are_refused_in_words(tmp_path):
    np.savez(tmp_path / "data.npz", inputs=np.zeros((8, 1, 2, 2, 2, 2)), labels=np.arange(8) % 2)
    recipe = tiny_recipe(tiny_stage(HardLabels()), teachers=(), student=Student(architecture=Mlp(hidden=())))
    assert "data.npz" in refusal(recipe, tmp_path) or "axes" in refusal(recipe, tmp_path)


def test_a_watched_example_that_does_not_exist_is_refused_before_the_run(workshop):
    assert "16 held-out examples" in refusal(tiny_recipe(monitoring=Monitoring(probe=(16,))), workshop.folder)


def test_an_omitted_class_that_does_not_exist_is_refused(workshop):
    stage = tiny_stage(inputs=TransferSet(batch_size=8, omit_classes=(4,)))
    assert "omit_classes names 4" in refusal(tiny_recipe(stage), workshop.folder)
