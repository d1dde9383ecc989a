"""Examples to judge by come from whatever file is named, told by its content."""

import gzip
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from workbench.engine.data import read_data
from workbench.engine.data.by_content import held_out_examples
from workbench.engine.traits import Traits
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


@pytest.mark.parametrize("name", ["recipe.toml", "recipe.distil"])
def test_of_a_recipe_only_the_held_out_examples_are_judged_by(tiny_data, recipe_text, name):
    path = tiny_data.parent / name
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


def test_a_table_and_texts_are_read_as_the_model_reads_them(tmp_path):
    (tmp_path / "rows").write_text("kind,b,a\nx,2,1\ny,4,3\n", encoding="utf-8")
    examples = held_out_examples(tmp_path / "rows", None, ("x", "y"), (2,), Traits(columns=("a", "b")))
    assert examples.inputs_NX.tolist() == [[1, 2], [3, 4]]
    assert examples.labels_N.tolist() == [0, 1]
    made = Tokenizer(models.WordLevel({"[PAD]": 0, "so": 1, "good": 2}, "[PAD]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    (tmp_path / "texts").write_text("text,label\nso good,x\ngood,y\n", encoding="utf-8")
    traits = Traits(reads="tokens", tokenizer=made.to_str())
    examples = held_out_examples(tmp_path / "texts", None, ("x", "y"), (3,), traits)
    assert examples.inputs_NX.tolist() == [[1, 2, 0], [2, 0, 0]]


def test_all_pictures_of_a_folder_are_judged_by_in_the_size_of_the_model(tmp_path):
    for place, name in enumerate(("x", "y")):
        (tmp_path / name).mkdir()
        for n in range(3):
            Image.new("L", (8, 8), 100 * place + n).save(tmp_path / name / f"{n}.png")
    examples = held_out_examples(tmp_path, None, ("x", "y"), (1, 4, 4))
    assert examples.inputs_NX.shape == (6, 1, 4, 4)
    assert sorted(examples.labels_N.tolist()) == [0, 0, 0, 1, 1, 1]


def test_a_folder_is_refused_for_a_model_that_reads_no_pictures(tmp_path):
    with pytest.raises(WorkbenchError, match="reads no pictures"):
        held_out_examples(tmp_path, None, CLASSES, (4,))
