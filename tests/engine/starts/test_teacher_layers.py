"""Students that start as some layers of the teacher."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.hugging_face_models import CLASSES, bert_folder, resnet_folder, tokenizer_json, vit_folder
from engine.workshop import CPU, of_type, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine import checkpoints, preparing
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.classifier import Classifier, InputStatistics
from workbench.engine.data import Dataset, Examples
from workbench.engine.distilling import Distillation
from workbench.engine.students import Needs, new_student, start_of
from workbench.engine.teachers import Teachers
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Evaluated
from workbench.recipe.data import Arrays
from workbench.recipe.models import Student, Teacher, TeacherLayers
from workbench.recipe.objectives import SoftTargets

LAYER = "network.model.vit.layers."
TEXTS = Traits(reads="tokens", tokenizer=tokenizer_json())


def needs(*teachers: Classifier) -> Needs:
    ensemble = Teachers(list(teachers), [1.0] * len(teachers), "arithmetic") if teachers else None
    return Needs(InputStatistics((3, 32, 32), (0.5,) * 3, (0.5,) * 3), CLASSES, Path(), ensemble)


def vit(tmp_path: Path, **changes: Any) -> Classifier:
    return checkpoints.load(vit_folder(tmp_path / "teacher", **changes))


def first_weight(model: Classifier, layer: int) -> torch.Tensor:
    return model.state_dict()[f"{LAYER}{layer}.attention.q_proj.weight"]


def test_every_second_layer_embeddings_and_head_are_the_teachers(tmp_path: Path) -> None:
    teacher = vit(tmp_path)
    student = new_student(TeacherLayers(every=2), needs(teacher), seed=1)
    assert torch.equal(first_weight(student, 0), first_weight(teacher, 0))
    assert torch.equal(first_weight(student, 1), first_weight(teacher, 2))
    assert not any(f"{LAYER}2." in name for name in student.state_dict())
    same = [name for name in student.state_dict() if LAYER not in name]
    assert len(same) > 6
    assert all(torch.equal(student.state_dict()[name], teacher.state_dict()[name]) for name in same)
    assert student.blueprint.mean == teacher.blueprint.mean
    assert all(parameter.requires_grad for parameter in student.parameters())


def test_layers_can_be_named(tmp_path: Path) -> None:
    teacher = vit(tmp_path)
    student = new_student(TeacherLayers(keep=(3, 1)), needs(teacher), seed=1)
    assert torch.equal(first_weight(student, 0), first_weight(teacher, 1))
    assert torch.equal(first_weight(student, 1), first_weight(teacher, 3))


@torch.no_grad()
def test_all_layers_are_the_teacher_itself(tmp_path: Path) -> None:
    teacher = checkpoints.load(bert_folder(tmp_path / "teacher"), Wanted(input_shape=(12,), traits=TEXTS))
    student = new_student(TeacherLayers(every=1), needs(teacher), seed=1).eval()
    tokens = torch.randint(4, 11, (3, 12), dtype=torch.int32)
    assert torch.equal(student(tokens), teacher(tokens))


@torch.no_grad()
def test_a_teacher_whose_classes_were_reordered_gives_a_student_in_the_order_of_the_data(tmp_path: Path) -> None:
    teacher = vit(tmp_path)
    teacher.reorder(("owl", "cat", "dog"))
    student = new_student(TeacherLayers(every=1), needs(teacher), seed=1).eval()
    picture = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    assert student.blueprint.classes == ("owl", "cat", "dog")
    assert torch.equal(student(picture), teacher(picture))


def test_of_several_teachers_the_first_gives_its_layers(tmp_path: Path) -> None:
    first = checkpoints.load(vit_folder(tmp_path / "first"))
    second = checkpoints.load(vit_folder(tmp_path / "second", seed=9))
    student = new_student(TeacherLayers(), needs(first, second), seed=1)
    assert torch.equal(first_weight(student, 0), first_weight(first, 0))


def test_what_has_no_layers_to_give_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="needs a teacher, and none is loaded"):
        start_of(TeacherLayers(), needs())
    with pytest.raises(WorkbenchError, match="the first teacher is a mlp"):
        start_of(TeacherLayers(), needs(tiny_classifier()))
    with pytest.raises(WorkbenchError, match="no single stack of equal layers"):
        start_of(TeacherLayers(), needs(checkpoints.load(resnet_folder(tmp_path / "resnet"))))
    with pytest.raises(WorkbenchError, match="has 4 layers, counted from 0; there is no layer 4"):
        start_of(TeacherLayers(keep=(0, 4)), needs(vit(tmp_path)))


def test_a_run_goes_on_from_the_teachers_layers_and_repeats_itself(tmp_path: Path) -> None:
    vit_folder(tmp_path / "teacher", seed=3, hidden_dropout_prob=0.1, initializer_range=0.4)
    generator = np.random.default_rng(0)
    inputs = generator.integers(0, 256, (60, 3, 32, 32)).astype(np.uint8)
    np.savez(tmp_path / "data.npz", inputs=inputs, labels=np.arange(60) % 3)
    recipe = tiny_recipe(
        tiny_stage(SoftTargets(alpha=1.0, temperature=1.0), epochs=6, learning_rate=0.003, optimiser="adam"),
        teachers=(Teacher(checkpoint="teacher"),),
        student=Student(seed=1, architecture=TeacherLayers(every=2)),
        data=Arrays(file="data.npz", validation_fraction=0.25, classes=CLASSES),
    )

    def run(disturbance: int) -> tuple[list[Any], bytes]:
        torch.manual_seed(disturbance)
        distillation = Distillation(preparing.prepare(recipe, tmp_path, CPU, None))
        evaluated = of_type(distillation.events(), Evaluated)
        return [event for event in evaluated if event.subject == "student"], to_bytes(distillation.student)

    with torch.random.fork_rng(devices=[]):
        (evaluated, student), (_, again) = run(1), run(2)
    assert evaluated[-1].kl_to_teacher < evaluated[0].kl_to_teacher
    assert student == again


def test_half_a_bert_learns_from_the_whole_one_about_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bert_folder(tmp_path / "teacher", seed=3, initializer_range=0.4)
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(4, 11, (80, 12), dtype=torch.int32, generator=generator)
    tokens[:, 0], tokens[::2, 7:] = 2, 0
    examples = Examples(tokens, torch.arange(80) % 3, CLASSES, TEXTS)
    held_out = examples.take(torch.arange(60, 80))
    dataset = Dataset(examples.take(torch.arange(60)), held_out)
    monkeypatch.setattr(preparing, "read_recipe_data", lambda *_: dataset)
    recipe = tiny_recipe(
        tiny_stage(SoftTargets(alpha=1.0, temperature=1.0), epochs=6, learning_rate=0.003, optimiser="adam"),
        teachers=(Teacher(checkpoint="teacher"),),
        student=Student(seed=1, architecture=TeacherLayers(keep=(0, 3))),
    )
    setup = preparing.prepare(recipe, tmp_path, CPU, tmp_path / "cache")
    evaluated = [e for e in of_type(Distillation(setup).events(), Evaluated) if e.subject == "student"]
    assert evaluated[-1].kl_to_teacher < evaluated[0].kl_to_teacher
    assert setup.student.blueprint.traits == TEXTS
