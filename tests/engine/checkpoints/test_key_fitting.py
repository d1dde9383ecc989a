"""Which tensors of a folder fit its model, and what a new head makes good."""

from pathlib import Path

import pytest
import torch

from engine.hugging_face_models import (
    CLASSES,
    answers,
    bert_folder,
    notes,
    resnet_folder,
    rewrite,
    tokenizer_json,
    tokens,
    vit_folder,
    weights,
)
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.recipe.models import Signature

TEXTS = Traits(reads="tokens", tokenizer=tokenizer_json())


def test_pictures_of_another_size_than_the_positions_of_a_transformer_are_a_misfit(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    with pytest.raises(WorkbenchError) as refused:
        checkpoints.load(folder, Wanted(signature=Signature(input_shape=(3, 64, 64))))
    assert "mismatched  vit.embeddings.position_embeddings" in refused.value.details


def test_missing_unexpected_and_mismatched_tensors_are_told_as_a_table(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    tensors = weights(folder)
    tensors["resnet.more"] = torch.zeros(2)
    tensors["resnet.embedder.embedder.convolution.weight"] = torch.zeros(3, 3)
    del tensors["resnet.embedder.embedder.normalization.bias"]
    rewrite(folder, tensors)
    for wanted in (Wanted(), Wanted(new_head=True, classes=("a", "b"))):
        with pytest.raises(WorkbenchError, match="of its tensors do not fit") as refused:
            checkpoints.load(folder, wanted)
        assert "unexpected  resnet.more" in refused.value.details
        assert "missing     resnet.embedder.embedder.normalization.bias" in refused.value.details
        assert "mismatched  resnet.embedder.embedder.convolution.weight" in refused.value.details
    assert "refusal: 3 tensors do not fit" in notes(folder)


def test_constants_and_counters_may_be_there_or_not(tmp_path: Path) -> None:
    text, picture = bert_folder(tmp_path / "bert"), resnet_folder(tmp_path / "resnet")
    before = to_bytes(checkpoints.load(picture))
    rewrite(text, weights(text) | {"bert.embeddings.position_ids": torch.arange(24)})
    rewrite(picture, {name: t for name, t in weights(picture).items() if not name.endswith("num_batches_tracked")})
    assert checkpoints.load(text).blueprint.classes == CLASSES
    assert to_bytes(checkpoints.load(picture)) == before


def test_a_base_model_is_no_teacher_but_the_start_of_a_student(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "base", headless=True)
    assert "no head" in notes(folder)
    assert checkpoints.inspect(folder).architecture.startswith("BertModel, which has no head")
    with pytest.raises(WorkbenchError, match="has no head for the classes") as refused:
        checkpoints.load(folder)
    assert "checkpoint of a student" in refused.value.hint
    wanted = Wanted(input_shape=(12,), classes=CLASSES, traits=TEXTS, new_head=True, seed=4)
    student = checkpoints.load(folder, wanted)
    assert student.blueprint.classes == CLASSES
    embeddings = student.state_dict()["network.model.bert.embeddings.word_embeddings.weight"]
    assert torch.equal(embeddings, weights(folder)["embeddings.word_embeddings.weight"])
    assert answers(student, tokens()).shape == (6, 3)


def test_a_student_gets_a_new_head_for_other_classes_and_a_teacher_does_not(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    wanted = Wanted(classes=("a", "b"), new_head=True, seed=4)
    student = checkpoints.load(folder, wanted)
    assert student.blueprint.classes == ("a", "b")
    assert "Its head has 3 classes, and the data has 2" in notes(folder, wanted)
    before, after = checkpoints.load(folder).state_dict(), student.state_dict()
    kept = [name for name in before if "classifier" not in name]
    assert all(torch.equal(before[name], after[name]) for name in kept)
    assert checkpoints.load(folder, Wanted(classes=("a", "b"))).blueprint.classes == CLASSES


def test_a_new_head_depends_on_the_seed_alone(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")

    def head(seed: int) -> torch.Tensor:
        model = checkpoints.load(folder, Wanted(classes=("a", "b"), new_head=True, seed=seed))
        return model.state_dict()["network.model.classifier.weight"]

    before = torch.get_rng_state()
    first = head(1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert torch.equal(first, head(1))
    assert not torch.equal(first, head(2))


def test_the_same_number_of_classes_keeps_the_head_of_a_student(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    student = checkpoints.load(folder, Wanted(classes=CLASSES, new_head=True, seed=4))
    assert to_bytes(student) == to_bytes(checkpoints.load(folder))


def test_other_heads_of_a_whole_model_are_left_out_of_a_student(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "model")
    tensors = {name: tensor for name, tensor in weights(folder).items() if not name.startswith("classifier")}
    rewrite(folder, tensors | {"cls.predictions.bias": torch.zeros(11)})
    student = checkpoints.load(folder, Wanted(classes=CLASSES, new_head=True))
    assert student.blueprint.classes == CLASSES
