"""What lies in a Hugging Face folder: one file or shards, inside the folder and nowhere else."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.hugging_face_models import (
    CLASSES,
    bert_folder,
    notes,
    resnet_folder,
    shard,
    vit_folder,
    weights,
    write_json,
)
from workbench.engine import checkpoints
from workbench.engine.checkpoints import to_bytes
from workbench.engine.checkpoints.hugging_face import HUGGING_FACE
from workbench.errors import WorkbenchError


@pytest.mark.parametrize("make", [vit_folder, bert_folder])
def test_shards_come_to_the_same_as_one_file(tmp_path: Path, make: Any) -> None:
    folder = make(tmp_path / "model")
    whole, card = to_bytes(checkpoints.load(folder)), checkpoints.inspect(folder)
    shard(folder)
    assert to_bytes(checkpoints.load(folder)) == whole
    assert checkpoints.inspect(folder).tensors == card.tensors
    assert checkpoints.inspect(folder).parameters == card.parameters


def test_pickled_weights_are_read_as_numbers_only(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    whole = to_bytes(checkpoints.load(folder))
    torch.save(weights(folder), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert to_bytes(checkpoints.load(folder)) == whole
    assert "pickled (.bin)" in notes(folder)


def test_a_pickle_that_holds_more_than_tensors_is_refused_and_not_run(tmp_path: Path) -> None:
    folder, marker = resnet_folder(tmp_path / "model"), tmp_path / "touched"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (marker,)

    torch.save({"weight": Trap()}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    for look in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match=r"pytorch_model\.bin"):
            look(folder)
    assert not marker.exists()


def test_the_folder_its_config_and_its_weights_are_the_same_checkpoint(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    for path in (folder, folder / "config.json", folder / "model.safetensors"):
        assert checkpoints.format_of(path) is HUGGING_FACE
        assert checkpoints.inspect(path).classes == CLASSES


def test_what_names_no_kind_of_model_is_not_taken_for_one(tmp_path: Path) -> None:
    write_json(tmp_path / "config.json", {"architecture": "resnet18"})
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert not any(HUGGING_FACE.recognises(path) for path in (tmp_path, *tmp_path.iterdir(), tmp_path / "gone"))


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "..", "sub/part.safetensors", "C:part", ""])
def test_an_index_that_names_a_shard_outside_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = vit_folder(tmp_path / "model")
    (folder / "model.safetensors").rename(tmp_path / "secret.safetensors")
    write_json(folder / "model.safetensors.index.json", {"weight_map": {"vit.embeddings.cls_token": name}})
    for look in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match="outside its folder"):
            look(folder)


def test_an_index_that_names_a_missing_shard_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    shard(folder)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(WorkbenchError, match="model-00002-of-00003"):
        checkpoints.load(folder)


@pytest.mark.parametrize("places", [None, {}, [], {"a": 3}])
def test_an_index_without_places_is_refused(tmp_path: Path, places: Any) -> None:
    folder = vit_folder(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    write_json(folder / "model.safetensors.index.json", {"weight_map": places})
    with pytest.raises(WorkbenchError, match="lists no shards"):
        checkpoints.load(folder)


def test_a_tensor_in_two_shards_is_refused(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    shard(folder, pieces=2)
    first, second = sorted(folder.glob("model-*.safetensors"))
    save_file(load_file(first) | load_file(second), second)
    with pytest.raises(WorkbenchError, match="more than one shard"):
        checkpoints.load(folder)


def test_a_folder_without_weights_is_described_and_not_loaded(tmp_path: Path) -> None:
    folder = vit_folder(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "tf_model.h5").write_bytes(b"")
    card = checkpoints.inspect(folder)
    assert card.input_shape == (3, 32, 32)
    assert card.notes[0].level == "refusal"
    with pytest.raises(WorkbenchError, match=r"has no weights.*tf_model\.h5"):
        checkpoints.load(folder)


@pytest.mark.parametrize("length", [0, 7, 100, 5000])
def test_weights_that_are_cut_short_are_refused_by_their_name(tmp_path: Path, length: int) -> None:
    folder = vit_folder(tmp_path / "model")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:length])
    for look in (checkpoints.inspect, checkpoints.load):
        with pytest.raises(WorkbenchError, match=r"model\.safetensors is broken"):
            look(folder)


def test_pickled_weights_that_are_packed_small_and_claim_much_are_refused(tmp_path: Path) -> None:
    folder = resnet_folder(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    torch.save({"bomb": torch.zeros(2_000_000)}, tmp_path / "plain.bin")
    with (
        zipfile.ZipFile(tmp_path / "plain.bin") as plain,
        zipfile.ZipFile(folder / "pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    with pytest.raises(WorkbenchError, match="is compressed"):
        checkpoints.inspect(folder)
