"""A student of the teacher's layers starts from just these, in their order, with its embeddings and head."""

import pytest
import torch
from closeness import assert_close

from engine.language.language_models import answers, language_recipe, tiny_language_model
from workbench.engine.language.loading import make_language_student
from workbench.errors import WorkbenchError

FAMILIES = {
    "llama": {},
    "gpt2": {"n_embd": 16, "n_layer": 4, "n_head": 2},
    "gemma2": {"head_dim": 8},
    "qwen3": {"head_dim": 8, "tie_word_embeddings": False},
}


def cut(teacher, tmp_path, **section):
    recipe = language_recipe({"architecture": {"kind": "teacher_layers"} | section})
    return make_language_student(recipe, tmp_path, [teacher])


@pytest.mark.parametrize("family", FAMILIES)
def test_all_layers_are_the_teacher_itself(family, tmp_path):
    teacher = tiny_language_model(family, **FAMILIES[family])
    student = cut(teacher, tmp_path, keep=[0, 1, 2, 3])
    torch.testing.assert_close(answers(student), answers(teacher), rtol=0, atol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cut_student_answers_as_the_teacher_with_the_other_layers_taken_out(family, tmp_path):
    teacher = tiny_language_model(family, **FAMILIES[family])
    student = cut(teacher, tmp_path, keep=[3, 0])
    assert student.network.config.num_hidden_layers == 2
    body = teacher.network.base_model
    (name,) = [name for name, part in body.named_children() if isinstance(part, torch.nn.ModuleList)]
    kept = torch.nn.ModuleList([getattr(body, name)[0], getattr(body, name)[3]])
    setattr(body, name, kept)
    body.config.num_hidden_layers = 2
    if getattr(body.config, "layer_types", None):
        body.config.layer_types = [body.config.layer_types[0], body.config.layer_types[3]]
    assert_close(answers(student), answers(teacher))


def test_every_second_layer_is_kept_and_training_it_leaves_the_teacher_alone(tmp_path):
    teacher = tiny_language_model()
    student = cut(teacher, tmp_path)
    names = ("model.layers.{}.mlp.up_proj.weight",)
    for new, old in ((0, 0), (1, 2)):
        for name in names:
            one, other = (
                model.network.get_parameter(name.format(place)) for model, place in ((student, new), (teacher, old))
            )
            assert torch.equal(one, other)
    before = answers(teacher)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.zero_()
    assert torch.equal(answers(teacher), before)


def test_what_the_teacher_shares_the_student_shares(tmp_path):
    student = cut(tiny_language_model(), tmp_path)
    assert student.head.layer.weight is student.network.get_input_embeddings().weight
    assert student.blueprint.tokenizer == tiny_language_model().blueprint.tokenizer


def test_a_layer_the_teacher_does_not_have_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="no layer 4 to keep"):
        cut(tiny_language_model(), tmp_path, keep=[1, 4])


def test_without_a_teacher_there_is_nothing_to_cut(tmp_path):
    recipe = language_recipe(
        {"architecture": {"kind": "teacher_layers"}}, teacher="", objective={"kind": "hard_labels"}
    )
    with pytest.raises(WorkbenchError, match="needs a teacher"):
        make_language_student(recipe, tmp_path, [])
