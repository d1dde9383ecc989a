"""Examples to judge by come from whatever file is named, told by its content."""

import gzip
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from workbench.engine.data import read_data
from workbench.engine.data.by_content import held_out_examples
from workbench.errors import WorkbenchError
from workbench.recipe import parse_recipe

CLASSES = ("0", "1", "2")
PICTURES = bytes([0, 0, 8, 3]) + struct.pack(">3I", 6, 2, 2) + bytes(range(24))
LABELS = bytes([0, 0, 8, 1]) + struct.pack(">I", 6) + bytes([0, 1, 2, 0, 1, 2])


def test_all_arrays_of_a_file_are_judged_by_whatever_it_is_called(tmp_path, tiny_arrays):
    np.savez(tmp_path / "a.npz", **tiny_arrays)
    (tmp_path / "a.npz").rename(tmp_path / "a.data")
    save_file({name: torch.from_numpy(values) for name, values in tiny_arrays.items()}, tmp_path / "b.data")
    for name in ("a.data", "b.data"):
        examples = held_out_examples(tmp_path / name, None, CLASSES)
        assert np.array_equal(examples.inputs_NX.numpy(), tiny_arrays["inputs"])
        assert np.array_equal(examples.labels_N.numpy(), tiny_arrays["labels"])
        assert examples.classes == CLASSES


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_pictures_take_their_labels_from_a_second_file(tmp_path, pack):
    (tmp_path / "pictures").write_bytes(pack(PICTURES))
    (tmp_path / "labels").write_bytes(pack(LABELS))
    examples = held_out_examples(tmp_path / "pictures", tmp_path / "labels", CLASSES)
    assert examples.inputs_NX.shape == (6, 1, 2, 2)
    assert examples.labels_N.tolist() == [0, 1, 2, 0, 1, 2]


def test_of_a_recipe_only_the_held_out_examples_are_judged_by(tiny_data, recipe_text):
    path = tiny_data.parent / "recipe.toml"
    path.write_text(recipe_text(), encoding="utf-8")
    examples = held_out_examples(path, None, CLASSES)
    expected = read_data(parse_recipe(recipe_text()).data, tiny_data.parent).validation
    assert torch.equal(examples.inputs_NX, expected.inputs_NX)
    assert len(examples) == 15


@pytest.mark.parametrize("raw", [b"", b"text", b"PK\x03\x04", bytes(20)])
def test_a_file_that_is_none_of_these_is_refused_by_name(tmp_path, raw):
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(WorkbenchError, match="file"):
        held_out_examples(tmp_path / "file", None, CLASSES)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(WorkbenchError, match=path.name):
            held_out_examples(path, None, CLASSES)


def test_labels_beyond_the_models_classes_are_refused(tiny_data):
    with pytest.raises(WorkbenchError, match="labels run from 0 to 2, but 2 classes"):
        held_out_examples(tiny_data, None, ("0", "1"))
