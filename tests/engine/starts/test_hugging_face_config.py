"""Students from the config of another model: of its kind, in other sizes, for the data at hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.hugging_face_models import CLASSES, bert_folder, change_json, resnet_folder, tokenizer_json, vit_folder
from engine.workshop import CPU, of_type, tiny_recipe, tiny_stage
from workbench.engine.classifier import InputStatistics
from workbench.engine.distilling import Distillation
from workbench.engine.preparing import prepare
from workbench.engine.students import Needs, new_student, start_of
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Evaluated
from workbench.recipe.data import Arrays
from workbench.recipe.models import HuggingFaceConfig, Student, Teacher
from workbench.recipe.objectives import SoftTargets

TEXTS = Traits(reads="tokens", tokenizer=tokenizer_json(), pad=0)


def needs(folder: Path, shape: tuple[int, ...] = (3, 32, 32), traits: Traits | None = None) -> Needs:
    channels = () if traits else (0.5,) * shape[0]
    return Needs(InputStatistics(shape, channels, channels, traits or Traits()), CLASSES, folder)


def config_in(start: Any) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(start.blueprint.architecture.config)
    return settings


def test_half_the_width_of_a_residual_network_for_other_pictures_and_classes(tmp_path: Path) -> None:
    resnet_folder(tmp_path / "teacher", tuple("abcdefg"))
    section = HuggingFaceConfig(config="teacher", layers=0.5, width=0.5)
    start = start_of(section, needs(tmp_path, (1, 20, 24)))
    config = config_in(start)
    assert (config["depths"], config["hidden_sizes"], config["num_channels"]) == ([1, 1], [8, 16], 1)
    assert config["id2label"] == {"0": "cat", "1": "dog", "2": "owl"}
    student = new_student(section, needs(tmp_path, (1, 20, 24)), seed=1)
    assert student(torch.zeros(2, 1, 20, 24, dtype=torch.uint8)).shape == (2, 3)
    assert start.weights == {}


def test_the_positions_of_a_transformer_follow_the_pictures(tmp_path: Path) -> None:
    vit_folder(tmp_path / "teacher")
    student = new_student(HuggingFaceConfig(config="teacher/config.json"), needs(tmp_path, (3, 16, 24)), seed=1)
    assert student(torch.zeros(2, 3, 16, 24, dtype=torch.uint8)).shape == (2, 3)


def test_a_student_of_texts_takes_the_padding_of_the_data(tmp_path: Path) -> None:
    bert_folder(tmp_path / "teacher")
    traits = TEXTS.model_copy(update={"pad": 1})
    section = HuggingFaceConfig(config="teacher", width=0.5)
    start = start_of(section, needs(tmp_path, (12,), traits))
    assert start.blueprint.architecture.pad == config_in(start)["pad_token_id"] == 1
    assert config_in(start)["hidden_size"] == 8
    assert new_student(section, needs(tmp_path, (12,), traits), 1)(torch.ones(2, 12, dtype=torch.int32)).shape == (2, 3)


def test_a_config_without_weights_is_enough(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "teacher")
    (folder / "model.safetensors").unlink()
    assert start_of(HuggingFaceConfig(config="teacher"), needs(tmp_path)).blueprint.classes == CLASSES


def test_what_does_not_fit_the_data_is_refused_in_words(tmp_path: Path) -> None:
    vit, bert = vit_folder(tmp_path / "vit"), bert_folder(tmp_path / "bert")
    with pytest.raises(WorkbenchError, match="is no config of a Hugging Face model"):
        start_of(HuggingFaceConfig(config="gone"), needs(tmp_path))
    with pytest.raises(WorkbenchError, match=r"patches are 8 × 8 pixels, and the pictures only 4 × 32"):
        start_of(HuggingFaceConfig(config="vit"), needs(tmp_path, (3, 4, 32)))
    with pytest.raises(WorkbenchError, match="needs pictures"):
        start_of(HuggingFaceConfig(config="vit"), needs(tmp_path, (12,)))
    with pytest.raises(WorkbenchError, match="reads texts, and the data is none"):
        start_of(HuggingFaceConfig(config="bert"), needs(tmp_path))
    with pytest.raises(WorkbenchError, match="up to 24 tokens, and those of the data have 99"):
        start_of(HuggingFaceConfig(config="bert"), needs(tmp_path, (99,), TEXTS))
    change_json(bert / "config.json", vocab_size=5)
    with pytest.raises(WorkbenchError, match="knows 5 tokens"):
        start_of(HuggingFaceConfig(config="bert"), needs(tmp_path, (12,), TEXTS))
    change_json(vit / "config.json", model_type="mine", auto_map={"AutoConfig": "mine.Mine"})
    with pytest.raises(WorkbenchError, match="asks to run Python code"):
        start_of(HuggingFaceConfig(config="vit"), needs(tmp_path))


def test_half_a_residual_network_learns_from_the_whole_one(tmp_path: Path) -> None:
    resnet_folder(tmp_path / "teacher", seed=3)
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 3
    inputs = generator.integers(0, 120, (120, 3, 32, 32))
    inputs[np.arange(120), labels] += 100
    np.savez(tmp_path / "data.npz", inputs=inputs.astype(np.uint8), labels=labels)
    recipe = tiny_recipe(
        tiny_stage(SoftTargets(alpha=1.0, temperature=1.0), epochs=3, learning_rate=0.01, optimiser="adam"),
        teachers=(Teacher(checkpoint="teacher"),),
        student=Student(seed=1, architecture=HuggingFaceConfig(config="teacher", width=0.5)),
        data=Arrays(file="data.npz", validation_fraction=0.25, classes=CLASSES),
    )
    setup = prepare(recipe, tmp_path, CPU, tmp_path / "cache")
    assert setup.teachers is not None
    assert setup.student.parameter_count < setup.teachers.parameter_count / 3
    evaluated = [e for e in of_type(Distillation(setup).events(), Evaluated) if e.subject == "student"]
    assert evaluated[-1].kl_to_teacher < 0.7 * evaluated[0].kl_to_teacher
    again = Distillation(prepare(recipe, tmp_path, CPU, tmp_path / "cache"))
    assert of_type(again.events(), Evaluated)[-1] == evaluated[-1]
