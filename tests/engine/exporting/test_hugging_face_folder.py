"""Students of the transformers library, as the library alone reads them and as ONNX."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from closeness import assert_close

from engine.exporting.students import Case, ask, open_session, parity_of, run_alone
from engine.hugging_face_models import (
    CLASSES,
    bert_folder,
    original_logits,
    resnet_folder,
    tokenizer_json,
    vit_folder,
)
from engine.workshop import tiny_classifier
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted, to_bytes
from workbench.engine.classifier import Classifier
from workbench.engine.evaluating import HeldOut
from workbench.engine.exporting import StudentExport
from workbench.engine.exporting.hugging_face_folder import write_hugging_face
from workbench.engine.exporting.interface import interface_from
from workbench.engine.exporting.labelling import describe
from workbench.engine.exporting.snippets import python_snippet
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError

TEXTS = Traits(reads="tokens", tokenizer=tokenizer_json())
LENGTH = 12


def pixels(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)


def tokens(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(4, 11, (count, LENGTH), dtype=torch.int32, generator=generator)
    ids[:, 0], ids[::3, 5:] = 2, 0
    return ids


def text_model(folder: Path, **changes: Any) -> Classifier:
    return checkpoints.load(bert_folder(folder, **changes), Wanted(input_shape=(LENGTH,), traits=TEXTS))


def export(model: Classifier, inputs: torch.Tensor, folder: Path, **section: Any) -> StudentExport:
    case = Case(model.train(), HeldOut(inputs, torch.arange(len(inputs)) % 3, None), inputs)
    return case.export(folder, **section)


@pytest.fixture(scope="module")
def text_export(tmp_path_factory: pytest.TempPathFactory) -> StudentExport:
    folder = tmp_path_factory.mktemp("texts")
    return export(text_model(folder / "model", initializer_range=0.3), tokens(40), folder / "export")


@pytest.mark.parametrize("make", [resnet_folder, vit_folder])
@torch.no_grad()
def test_the_library_alone_loads_a_student_of_pictures(tmp_path: Path, make: Any) -> None:
    model = checkpoints.load(make(tmp_path / "model"))
    write_hugging_face(model, tmp_path / "written")
    mean, std = (torch.tensor(values)[:, None, None] for values in (model.blueprint.mean, model.blueprint.std))
    inputs = pixels(4)
    theirs = original_logits(tmp_path / "written", pictures=True, pixel_values=(inputs.float() / 255 - mean) / std)
    assert_close(theirs, model(inputs))
    again = checkpoints.load(tmp_path / "written")
    assert torch.equal(again(inputs), model(inputs))
    assert again.blueprint.classes == CLASSES


def test_the_librarys_processor_prepares_a_picture_as_the_student_does(tmp_path: Path) -> None:
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    model = checkpoints.load(vit_folder(tmp_path / "model"))
    write_hugging_face(model, tmp_path / "written")
    processor = ViTImageProcessorPil.from_pretrained(tmp_path / "written")
    picture = pixels(1)[0]
    prepared = processor(picture.permute(1, 2, 0).numpy(), return_tensors="pt")["pixel_values"]
    assert_close(prepared, model._normalised(picture[None]))


@torch.no_grad()
def test_the_library_alone_loads_a_student_of_texts_and_its_tokenizer(tmp_path: Path) -> None:
    from transformers.models.auto.tokenization_auto import AutoTokenizer

    model = text_model(tmp_path / "model")
    write_hugging_face(model, tmp_path / "written")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "written", local_files_only=True)
    fed = tokenizer(["good film", "bad"], padding=True, return_tensors="pt")
    assert set(fed) == {"input_ids", "attention_mask"}
    padded = torch.zeros(2, LENGTH, dtype=torch.int32)
    padded[:, : fed["input_ids"].shape[1]] = fed["input_ids"]
    assert_close(original_logits(tmp_path / "written", pictures=False, **fed), model(padded))
    assert tokenizer.model_max_length == LENGTH


@torch.no_grad()
def test_order_and_shift_of_the_classes_are_in_the_librarys_terms(tmp_path: Path) -> None:
    model = text_model(tmp_path / "model")
    model.reorder(("owl", "cat", "dog"))
    model.logit_shift = torch.tensor([0.5, -1.0, 2.0])
    before = to_bytes(model)
    write_hugging_face(model, tmp_path / "written")
    ids = tokens(5)
    fed = {"input_ids": ids.long(), "attention_mask": (ids != 0).long()}
    theirs = original_logits(tmp_path / "written", pictures=False, **fed)
    assert checkpoints.inspect(tmp_path / "written").classes == CLASSES
    assert_close(theirs[:, [2, 0, 1]], model(ids))
    assert to_bytes(model) == before


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="A mlp is no model of the transformers library"):
        write_hugging_face(tiny_classifier(), tmp_path / "written")
    assert not (tmp_path / "written").exists()


def test_an_exported_residual_network_repeats_its_student(tmp_path: Path) -> None:
    inputs = pixels(12)
    model = checkpoints.load(resnet_folder(tmp_path / "model"))
    result = export(model, inputs, tmp_path / "export", input="uint8")
    assert parity_of(tmp_path / "export")[0]["disagreements"] == 0
    with torch.no_grad():
        assert_close(ask(result.exported[0].path, inputs[:5]), model.eval()(inputs[:5]))
    written = {file.relative_to(tmp_path / "export").as_posix() for file in result.files}
    assert "hugging_face/model.safetensors" in written
    assert all(file.is_file() for file in result.files)
    assert "`hugging_face/`" in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")


def test_an_exported_text_student_takes_tokens_and_repeats_its_student(text_export: StudentExport) -> None:
    folder = text_export.exported[0].path.parent
    assert parity_of(folder)[0]["disagreements"] == 0
    session = open_session(text_export.exported[0].path)
    (taken,) = session.get_inputs()
    assert (taken.name, taken.type, taken.shape) == ("input", "tensor(int64)", ["batch", LENGTH])
    ids = tokens(7)
    fed = {"input_ids": ids.long(), "attention_mask": (ids != 0).long()}
    theirs = original_logits(folder / "hugging_face", pictures=False, **fed)
    assert_close(ask(text_export.exported[0].path, ids.long()), theirs)


def test_a_text_students_metadata_hold_its_tokenizer_and_padding(text_export: StudentExport) -> None:
    said = open_session(text_export.exported[0].path).get_modelmeta().custom_metadata_map
    assert said["tokenizer"] == TEXTS.tokenizer
    assert (said["input"], json.loads(said["classes"])) == ("int64", list(CLASSES))
    assert json.loads(said["preprocessing"])["pad"] == 0
    interface = interface_from(said)
    assert (interface.takes, interface.shape, interface.pad, interface.tokenizer) == ("tokens", (LENGTH,), 0, True)


def test_the_program_in_a_text_students_readme_answers_a_text(text_export: StudentExport) -> None:
    folder = text_export.exported[0].path.parent
    program = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert program is not None
    name, _ = run_alone(program[1].replace("your text", "very good film"), folder).split()
    fed = {"input_ids": torch.tensor([[2, 9, 4, 7, 3]]), "attention_mask": torch.ones(1, 5, dtype=torch.int64)}
    assert name == CLASSES[int(original_logits(folder / "hugging_face", pictures=False, **fed).argmax())]


def test_a_tokenizer_that_is_too_large_stays_out_of_the_metadata(tmp_path: Path, text_export: StudentExport) -> None:
    from workbench.engine.exporting.interface import interface_of
    from workbench.recipe.export import Export

    model = text_model(tmp_path / "model")
    large = TEXTS.model_copy(update={"tokenizer": TEXTS.tokenizer + " " * 2**21})
    model.blueprint = model.blueprint.model_copy(update={"traits": large})
    interface = interface_of(model, Export(), tokens(2))
    assert "tokenizer" not in describe(interface, model.blueprint, "name", "digest")
    program = python_snippet(interface)
    assert "Tokenizer" not in program
    name, _ = run_alone(program, text_export.exported[0].path.parent).split()
    assert name in CLASSES


def test_a_student_that_the_library_cannot_keep_is_still_exported_as_onnx(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(model: Classifier, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        raise WorkbenchError("The head has no bias.")

    monkeypatch.setattr("workbench.engine.exporting.export.write_hugging_face", refuse)
    made = export(checkpoints.load(vit_folder(tmp_path / "model")), pixels(6), tmp_path / "out", int8=False)
    assert [finding.title for finding in made.warnings] == [
        "No folder for the transformers library was written: The head has no bias."
    ]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["README.md", "parity.json", "student.onnx"]


def test_a_shift_is_kept_whole_by_a_model_that_answers_by_the_mean_of_two_heads(tmp_path: Path) -> None:
    from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher

    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    config = DeiTConfig(**sizes, image_size=32, patch_size=16, num_labels=3)
    DeiTForImageClassificationWithTeacher(config).save_pretrained(tmp_path / "model")
    model = checkpoints.load(tmp_path / "model")
    model.logit_shift = torch.tensor([1.0, 0.0, -1.0])
    write_hugging_face(model, tmp_path / "out")
    with torch.no_grad():
        assert_close(checkpoints.load(tmp_path / "out")(pixels(4)), model(pixels(4)))
