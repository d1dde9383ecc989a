"""A new language model from another one's config has its kind, other sizes, and the teacher's tokenizer."""

import pytest

from engine.hugging_face_models import bert_folder, change_json
from engine.language.language_models import LETTERS, language_folder, language_recipe, letters, tiny_language_model
from workbench.engine.language.loading import make_language_student
from workbench.errors import WorkbenchError


def made(folder, teachers=(), **section):
    section = {"kind": "hugging_face_config", "config": "other"} | section
    recipe = language_recipe(
        {"architecture": section}, teacher="teacher" if teachers else "", objective={"kind": "hard_labels"}
    )
    return make_language_student(recipe, folder, teachers)


FAMILIES = {
    "gemma": {"head_dim": 8},
    "gemma2": {"head_dim": 8},
    "gemma3_text": {"head_dim": 8},
    "gpt2": {"n_embd": 16, "n_layer": 4, "n_head": 4},
    "gpt_neox": {},
    "granite": {},
    "llama": {},
    "mistral": {},
    "olmo": {},
    "olmo2": {},
    "opt": {"ffn_dim": 24, "word_embed_proj_dim": 16},
    "phi": {"partial_rotary_factor": 1.0},
    "phi3": {},
    "qwen2": {},
    "qwen3": {"head_dim": 8},
    "smollm3": {},
    "stablelm": {"partial_rotary_factor": 1.0},
    "starcoder2": {},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_half_the_layers_and_half_the_width_make_a_smaller_one_of_its_kind(family, tmp_path):
    language_folder(tmp_path / "other", family, **FAMILIES[family])
    student = made(tmp_path, [tiny_language_model()], layers=0.5, width=0.5)
    config = student.network.config
    assert config.model_type == family
    assert (config.num_hidden_layers, config.hidden_size, config.num_attention_heads) == (2, 8, 2)
    assert student.parameter_count < 0.5 * tiny_language_model(family, **FAMILIES[family]).parameter_count


def test_it_may_be_larger_too(tmp_path):
    language_folder(tmp_path / "other", "gemma3_text", head_dim=8)
    config = made(tmp_path, [tiny_language_model()], layers=2, width=2).network.config
    assert (config.num_hidden_layers, config.hidden_size, config.num_key_value_heads) == (8, 32, 4)
    assert len(config.layer_types) == 8


def test_it_reads_as_the_teacher_does(tmp_path):
    language_folder(tmp_path / "other", "qwen2", tokenizer=letters("one"), vocab_size=len(LETTERS) + 1)
    teacher = tiny_language_model(vocab_size=len(LETTERS) + 5)
    student = made(tmp_path, [teacher])
    assert student.vocabulary == len(LETTERS) + 5
    assert student.blueprint.tokenizer == teacher.blueprint.tokenizer
    assert student.network.config.eos_token_id == 1


def test_without_a_teacher_it_reads_with_the_tokenizer_beside_the_config(tmp_path):
    language_folder(tmp_path / "other", tokenizer=letters("one"), vocab_size=len(LETTERS) + 1)
    for name in ("other", "other/config.json"):
        assert made(tmp_path, config=name).vocabulary == len(LETTERS) + 1
    (tmp_path / "other" / "tokenizer.json").unlink()
    with pytest.raises(WorkbenchError, match="has no tokenizer"):
        made(tmp_path)


def test_a_config_that_writes_no_text_is_refused(tmp_path):
    bert_folder(tmp_path / "other")
    with pytest.raises(WorkbenchError, match="do not write text from left to right"):
        made(tmp_path, [tiny_language_model()])
    (tmp_path / "other" / "config.json").write_text("[]")
    with pytest.raises(WorkbenchError, match="is no config of a Hugging Face model"):
        made(tmp_path, [tiny_language_model()])


def test_sizes_of_a_family_that_is_not_known_are_left_as_they_are_or_refused(tmp_path):
    language_folder(tmp_path / "other", "mixtral", num_local_experts=2)
    assert made(tmp_path, [tiny_language_model()]).network.config.num_hidden_layers == 4
    with pytest.raises(WorkbenchError, match="not known which settings of a mixtral"):
        made(tmp_path, [tiny_language_model()], layers=0.5)


def test_sizes_that_make_no_model_are_refused(tmp_path):
    language_folder(tmp_path / "other")
    change_json(tmp_path / "other" / "config.json", num_attention_heads=0)
    with pytest.raises(WorkbenchError):
        made(tmp_path, [tiny_language_model()], layers=0.5)
