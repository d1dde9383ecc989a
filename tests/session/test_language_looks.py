"""A language model is looked at before a run: what it is, what a new one would be, and what speaks against it."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from engine.language.language_models import (
    LETTERS,
    gguf_file,
    language_folder,
    language_recipe,
    letters,
    tiny_language_model,
)

from workbench.errors import WorkbenchError
from workbench.recipe.data import Conversations
from workbench.recipe.models import CausalLm, Mlp, Student, Teacher, TeacherLayers
from workbench.session.inspecting import Inspector, LanguageFacts
from workbench.session.jobs import Job
from workbench.session.preflight import look_ahead

DATA = Conversations(file="data.jsonl", max_length=48)


@pytest.fixture
def job() -> Job:
    return Job("a test", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a teacher and a few dialogues."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    language_folder(tmp_path / "teacher")
    rows = [{"prompt": f"say {number}", "response": str(number)} for number in range(20)]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path


def test_a_folder_tells_what_it_is_as_a_language_model(folder: Path):
    facts = Inspector().checkpoint(folder / "teacher", writes_text=True)
    assert (facts.format, facts.architecture) == ("Hugging Face folder", "LlamaForCausalLM")
    assert facts.parameters == tiny_language_model().parameter_count
    assert facts.language == LanguageFacts(vocabulary=len(LETTERS), layers=4, width=16, context=64, chat=True)
    assert facts.bytes == (folder / "teacher" / "model.safetensors").stat().st_size
    assert "model.norm.weight" in {row.name for row in facts.tensors}


def test_a_gguf_file_can_be_nothing_but_a_language_model(tmp_path: Path):
    path = gguf_file(tmp_path / "tiny.gguf", tiny_language_model(vocab_size=98))
    facts = Inspector().checkpoint(path)
    assert facts.format == "GGUF file (F32)"
    assert facts.language == LanguageFacts(vocabulary=98, layers=4, width=16, context=64, chat=True)


def test_the_same_folder_is_another_thing_for_data_with_classes(folder: Path):
    inspector = Inspector()
    assert inspector.checkpoint(folder / "teacher", writes_text=True).language is not None
    assert inspector.checkpoint(folder / "teacher").language is None


@pytest.mark.parametrize("architecture", [CausalLm(width=16), TeacherLayers()])
def test_a_new_student_is_measured_as_the_one_that_training_would_make(folder: Path, architecture):
    from workbench.engine.language.loading import make_language_student, read_language_model

    facts = Inspector().new_model(architecture, DATA, folder, Teacher(checkpoint="teacher"))
    recipe = language_recipe({"architecture": architecture.model_dump()})
    made = make_language_student(recipe, folder, [read_language_model(folder / "teacher")])
    assert (facts.architecture, facts.parameters) == (architecture.kind, made.parameter_count)
    assert facts.language is not None
    assert facts.language.layers == made.network.config.num_hidden_layers == 2
    assert facts.language.vocabulary == len(LETTERS)


def test_a_new_student_that_writes_no_text_is_refused(folder: Path):
    with pytest.raises(WorkbenchError, match="mlp writes no text"):
        Inspector().new_model(Mlp(), DATA, folder, Teacher(checkpoint="teacher"))
    with pytest.raises(WorkbenchError, match="needs a tokenizer"):
        Inspector().new_model(CausalLm(), DATA, folder, Student(architecture=CausalLm()))


def test_a_new_student_is_planned_again_only_when_its_teacher_changed(folder: Path):
    inspector, teacher = Inspector(), Teacher(checkpoint="teacher")
    inspector.new_model(CausalLm(), DATA, folder, teacher)
    with patch("workbench.engine.language.loading.planned_student") as plan:
        inspector.new_model(CausalLm(), DATA, folder, teacher)
        assert not plan.called
    language_folder(folder / "teacher", vocab_size=len(LETTERS) + 3)
    assert inspector.new_model(CausalLm(), DATA, folder, teacher).language.vocabulary == len(LETTERS) + 3


def test_the_preflight_of_a_language_recipe_looks_at_tokenizers_and_memory(folder: Path, job: Job):
    found = look_ahead(job, language_recipe({"architecture": {"kind": "causal_lm"}}), folder)
    assert not found.refusal
    titles = " ".join(finding.title for finding in found.findings)
    assert "same tokenizer" in titles
    assert "Memory" in titles


def test_the_preflight_refuses_models_whose_tokens_differ(folder: Path, job: Job):
    other = letters().replace('"a":68', '"a":69').replace('"b":69', '"b":68')
    language_folder(folder / "other", tokenizer=other)
    found = look_ahead(job, language_recipe({"checkpoint": "other"}), folder)
    assert "another tokenizer" in found.refusal
    assert "Memory" not in " ".join(finding.title for finding in found.findings)


def test_the_preflight_refuses_a_model_that_is_not_there(folder: Path, job: Job):
    found = look_ahead(job, language_recipe({"checkpoint": "nowhere"}), folder)
    assert "There is no model at" in found.refusal
