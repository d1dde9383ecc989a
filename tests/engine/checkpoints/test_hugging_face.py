"""Hugging Face folders: described from config and headers, and loaded as the library itself loads them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from closeness import assert_close

from engine.hugging_face_models import (
    CLASSES,
    PICTURES,
    answers,
    bert_folder,
    change_json,
    convnext_folder,
    notes,
    original_logits,
    pixels,
    resnet_folder,
    rewrite,
    tokenizer_json,
    tokens,
    vit_folder,
    weights,
)
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.teacher_cache import TeacherCache
from workbench.engine.teachers import Teachers
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.recipe.models import Signature

TEXTS = Traits(reads="tokens", tokenizer=tokenizer_json())


@pytest.mark.parametrize("make", [resnet_folder, vit_folder])
def test_pictures_are_answered_as_the_library_answers_them(tmp_path: Path, make: Any) -> None:
    folder = make(tmp_path / "model")
    model, inputs = checkpoints.load(folder), pixels()
    mean, std = (torch.tensor(PICTURES[name])[:, None, None] for name in ("image_mean", "image_std"))
    theirs = original_logits(folder, pictures=True, pixel_values=(inputs.float() / 255 - mean) / std)
    assert_close(answers(model, inputs), theirs)
    assert model.blueprint.classes == CLASSES
    assert model.blueprint.input_shape == (3, 32, 32)
    assert not model.training


def test_texts_are_answered_as_the_library_answers_them(tmp_path: Path) -> None:
    folder, ids = bert_folder(tmp_path / "model"), tokens()
    model = checkpoints.load(folder, Wanted(input_shape=(12,), traits=TEXTS))
    theirs = original_logits(folder, pictures=False, input_ids=ids.long(), attention_mask=(ids != 0).long())
    assert_close(answers(model, ids), theirs)
    assert model.blueprint.input_shape == (12,)
    assert model.blueprint.traits == TEXTS


def test_without_data_a_text_model_takes_its_own_tokenizer_and_length(tmp_path: Path) -> None:
    model = checkpoints.load(bert_folder(tmp_path / "model"))
    assert model.blueprint.input_shape == (24,)
    assert model.blueprint.traits == TEXTS


@pytest.mark.parametrize("make", [resnet_folder, vit_folder, bert_folder])
def test_saved_as_our_own_checkpoint_it_repeats_its_logits_exactly(tmp_path: Path, make: Any) -> None:
    model = checkpoints.load(make(tmp_path / "model"))
    own = tmp_path / "student.safetensors"
    own.write_bytes(to_bytes(model))
    again, inputs = checkpoints.load(own), tokens(length=24) if make is bert_folder else pixels()
    assert torch.equal(answers(model, inputs), answers(again, inputs))
    assert to_bytes(again) == own.read_bytes()


def test_the_card_says_what_the_headers_and_the_config_say(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    card, model = checkpoints.inspect(folder), checkpoints.load(folder)
    assert card.architecture == "ResNetForImageClassification, which classifies pictures"
    assert card.parameters == model.parameter_count
    assert card.bytes == (folder / "model.safetensors").stat().st_size
    assert (card.input_shape, card.classes, card.tokenizer, card.needs) == ((3, 32, 32), CLASSES, "", "")
    assert {row.name: row.shape for row in card.tensors} == {k: tuple(v.shape) for k, v in weights(folder).items()}
    assert card.notes == ()


def test_the_card_of_a_text_model_names_its_tokenizer_and_leaves_the_length_to_the_data(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "model")
    card = checkpoints.inspect(folder)
    assert (card.tokenizer, card.input_shape, card.notes) == (str(folder), (), ())
    (folder / "tokenizer.json").unlink()
    assert "no tokenizer.json" in notes(folder)


def test_names_that_the_library_made_up_count_as_none(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model", ("LABEL_0", "LABEL_1", "LABEL_2"))
    assert checkpoints.inspect(folder).classes == ()
    assert "3 classes have no names" in notes(folder)
    assert checkpoints.load(folder).blueprint.classes == ("0", "1", "2")
    assert checkpoints.load(folder, Wanted(classes=("x", "y", "z"))).blueprint.classes == ("x", "y", "z")
    assert checkpoints.load(folder, Wanted(classes=("x", "y"))).blueprint.classes == ("0", "1", "2")


def test_classes_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model", ("crane", "owl", "crane"))
    assert checkpoints.inspect(folder).classes == ("crane", "owl", "crane (2)")


def test_the_signature_has_the_last_word(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    said = Signature(input_shape=(3, 20, 24), mean=(0.1,) * 3, std=(0.2,) * 3, classes=("a", "b", "c"))
    blueprint = checkpoints.load(folder, Wanted(signature=said)).blueprint
    assert (blueprint.input_shape, blueprint.mean, blueprint.classes) == ((3, 20, 24), (0.1,) * 3, ("a", "b", "c"))
    with pytest.raises(WorkbenchError, match=r"3 classes, and signature.classes names 2"):
        checkpoints.load(folder, Wanted(signature=Signature(classes=("a", "b"))))


def test_where_no_file_says_the_size_it_is_that_of_the_data(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    (folder / "preprocessor_config.json").unlink()
    assert checkpoints.inspect(folder).input_shape == ()
    assert "how pixels are normalised" in notes(folder)
    blueprint = checkpoints.load(folder, Wanted(input_shape=(3, 28, 28))).blueprint
    assert (blueprint.input_shape, blueprint.mean, blueprint.std) == ((3, 28, 28), (0.0,) * 3, (1.0,) * 3)
    with pytest.raises(WorkbenchError, match="does not say how large"):
        checkpoints.load(folder)


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    rewrite(folder, {name: tensor.half() for name, tensor in weights(folder).items()})
    model = checkpoints.load(folder)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_weight_that_is_no_number_is_refused(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    tensors = weights(folder)
    tensors["vit.embeddings.cls_token"][0, 0, 0] = float("nan")
    rewrite(folder, tensors)
    with pytest.raises(WorkbenchError, match=r"hold NaN or infinity, the first is vit\.embeddings\.cls_token"):
        checkpoints.load(folder)


def test_a_model_with_one_output_tells_no_classes_apart(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "model", ("score",))
    for look in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match="1 output, which tells no classes apart"):
            look(folder)
    assert checkpoints.load(folder, Wanted(classes=CLASSES, new_head=True)).blueprint.classes == CLASSES


def test_a_config_that_asks_for_code_is_refused(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    code = folder / "modeling_mine.py"
    code.write_text(f"open({str(tmp_path / 'touched')!r}, 'w')", encoding="utf-8")
    asked = {"AutoConfig": "modeling_mine.Mine", "AutoModelForImageClassification": "modeling_mine.Mine"}
    change_json(folder / "config.json", model_type="mine", auto_map=asked)
    for look in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match="asks to run Python code"):
            look(folder)
    change_json(folder / "config.json", model_type="vit")
    assert "warning: The config names Python code that came with the model (auto_map). It is not run." in notes(folder)
    assert checkpoints.load(folder).blueprint.classes == CLASSES
    assert not (tmp_path / "touched").exists()


def test_a_config_of_absurd_sizes_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    change_json(folder / "config.json", num_hidden_layers=10**9)
    with pytest.raises(WorkbenchError, match="num_hidden_layers is 1,000,000,000"):
        checkpoints.inspect(folder)
    change_json(folder / "config.json", num_hidden_layers=4, hidden_size=2**30, intermediate_size=2**30)
    with pytest.raises(WorkbenchError, match="do not fit"):
        checkpoints.load(folder)


def test_texts_longer_than_the_model_reads_are_refused_with_both_numbers(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "model")
    with pytest.raises(WorkbenchError, match="up to 24 tokens, and those of the data have 30"):
        checkpoints.load(folder, Wanted(input_shape=(30,), traits=TEXTS))


def test_the_teacher_cache_repeats_what_a_teacher_of_texts_says(tmp_path: Path) -> None:
    model = checkpoints.load(bert_folder(tmp_path / "model"), Wanted(input_shape=(12,), traits=TEXTS))
    teachers, ids = Teachers([model], [1.0], "arithmetic"), tokens()
    first, second = TeacherCache(tmp_path / "cache"), TeacherCache(tmp_path / "cache")
    asked = first.logits_NKC(teachers, ids, torch.device("cpu"))
    assert torch.equal(second.logits_NKC(teachers, ids, torch.device("cpu")), asked)
    assert (first.computed, second.reused) == (6, 6)
    assert_close(asked[:, 0], answers(model, ids))


def test_the_config_in_our_checkpoint_names_the_classes_and_nothing_of_this_machine(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    config = json.loads(checkpoints.load(folder).blueprint.architecture.config)  # type: ignore[union-attr]
    assert config["id2label"] == {"0": "cat", "1": "dog", "2": "owl"}
    assert str(tmp_path) not in json.dumps(config)


def test_the_processor_says_the_size_where_a_model_takes_any(tmp_path: Path) -> None:
    folder = convnext_folder(tmp_path / "model", image_size=64)
    assert checkpoints.load(folder).blueprint.input_shape == (3, 32, 32)
    (folder / "preprocessor_config.json").unlink()
    assert checkpoints.load(folder).blueprint.input_shape == (3, 64, 64)


def test_pictures_too_small_for_a_network_are_refused_when_it_is_loaded(tmp_path: Path) -> None:
    folder = convnext_folder(tmp_path / "model")
    with pytest.raises(WorkbenchError, match=r"does not answer an input of 3 × 2 × 2: .*Kernel size"):
        checkpoints.load(folder, Wanted(signature=Signature(input_shape=(3, 2, 2))))


def test_a_model_that_answers_after_the_last_token_is_told_which_one_fills_up(tmp_path: Path) -> None:
    from transformers import GPT2Config, GPT2ForSequenceClassification

    sizes = {"vocab_size": 11, "n_positions": 16, "n_embd": 8, "n_layer": 1, "n_head": 1, "num_labels": 3}
    GPT2ForSequenceClassification(GPT2Config(**sizes, bos_token_id=1, eos_token_id=1)).save_pretrained(tmp_path / "m")
    model = checkpoints.load(tmp_path / "m", Wanted(input_shape=(6,), traits=Traits(reads="tokens", pad=1)))
    short_BT = torch.tensor([[5, 6, 7, 1, 1, 1], [5, 6, 7, 8, 9, 1]])
    with torch.no_grad():
        assert_close(model(short_BT)[:1], model(torch.tensor([[5, 6, 7]])))
