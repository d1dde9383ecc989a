"""A new language model has the sizes that were asked for, and reads with the tokenizer that was named."""

import pytest

from engine.language.language_models import LETTERS, language_folder, language_recipe, letters, tiny_language_model
from workbench.engine.language.chat import Chat
from workbench.engine.language.loading import make_language_student
from workbench.errors import WorkbenchError


def made(folder, teachers=(), **sizes):
    section = {"kind": "causal_lm", "layers": 3, "width": 24, "heads": 2} | sizes
    recipe = language_recipe(
        {"architecture": section}, teacher="teacher" if teachers else "", objective={"kind": "hard_labels"}
    )
    return make_language_student(recipe, folder, teachers)


def test_it_has_the_sizes_that_were_asked_for(tmp_path):
    config = made(tmp_path, [tiny_language_model()]).network.config
    assert (config.num_hidden_layers, config.hidden_size, config.num_attention_heads) == (3, 24, 2)
    assert config.intermediate_size == 64
    assert config.max_position_embeddings == 48
    assert made(tmp_path, [tiny_language_model()], feed_forward=10).network.config.intermediate_size == 10


def test_it_reads_as_the_teacher_does_in_a_head_of_the_same_width(tmp_path):
    teacher = tiny_language_model(vocab_size=len(LETTERS) + 29)
    student = made(tmp_path, [teacher])
    assert student.vocabulary == len(LETTERS) + 29
    assert student.blueprint.tokenizer == teacher.blueprint.tokenizer
    assert Chat(student.blueprint).stop == Chat(teacher.blueprint).stop == {1}
    assert student.head.layer.weight is student.network.get_input_embeddings().weight


def test_a_named_tokenizer_comes_before_the_teachers(tmp_path):
    language_folder(tmp_path / "other", tokenizer=letters("one", "more"), vocab_size=len(LETTERS) + 2)
    for name in ("other", "other/tokenizer.json"):
        student = made(tmp_path, [tiny_language_model()], tokenizer=name)
        assert student.vocabulary == len(LETTERS) + 2
        assert Chat(student.blueprint).has_template
        assert student.network.config.eos_token_id == 1


def test_without_any_tokenizer_it_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="needs a tokenizer"):
        made(tmp_path)
    with pytest.raises(WorkbenchError, match="has no tokenizer"):
        made(tmp_path, tokenizer=str(tmp_path))
