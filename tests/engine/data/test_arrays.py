"""Arrays from .npz and .safetensors files, told apart by content, and every way in which they come broken."""

import gc
from contextlib import suppress

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from workbench.engine.data.arrays import arrays, read_arrays
from workbench.errors import WorkbenchError
from workbench.recipe.data import Arrays

INPUTS = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = np.array([0, 1, 0, 1, 0, 1])


def written(folder, **content):
    """An .npz file of these arrays."""
    path = folder / "d.npz"
    np.savez(path, **content)
    return path


def read(path, **settings):
    """All examples of a file, in their order on disk."""
    dataset = arrays(Arrays(file=path.name, validation_file=path.name, **settings), path.parent)
    return dataset.training


def refusal(path, **settings):
    with pytest.raises(WorkbenchError) as caught:
        read(path, **settings)
    return str(caught.value)


@pytest.mark.parametrize("compressed", [False, True])
def test_an_npz_file_is_read_under_the_given_names(tmp_path, compressed):
    (np.savez_compressed if compressed else np.savez)(tmp_path / "d.npz", x=INPUTS, y=LABELS)
    examples = read(tmp_path / "d.npz", inputs="x", labels="y")
    assert examples.inputs_NX.dtype == torch.float32
    assert np.array_equal(examples.inputs_NX.numpy(), INPUTS)
    assert examples.labels_N.tolist() == LABELS.tolist()
    assert examples.classes == ("0", "1")


def test_a_safetensors_file_is_read_whatever_it_is_called(tmp_path):
    content = {"inputs": torch.from_numpy(INPUTS).bfloat16(), "labels": torch.from_numpy(LABELS).to(torch.int16)}
    save_file(content, tmp_path / "d.npz")
    examples = read(tmp_path / "d.npz")
    assert np.array_equal(examples.inputs_NX.numpy(), INPUTS)
    assert examples.labels_N.dtype == torch.int64


def test_bytes_stay_bytes_and_pictures_get_a_channel_axis(tmp_path):
    pictures = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
    examples = read(written(tmp_path, inputs=pictures, labels=LABELS))
    assert examples.inputs_NX.dtype == torch.uint8
    assert examples.inputs_NX.shape == (6, 1, 2, 2)
    assert np.array_equal(examples.inputs_NX[:, 0].numpy(), pictures)


@pytest.mark.parametrize("kind", [">f4", ">f8", "<f8", "f2", ">i4", "?", "u2"])
def test_numbers_of_any_width_and_byte_order_keep_their_values(tmp_path, kind):
    values = (INPUTS % 2).astype(kind)
    examples = read(written(tmp_path, inputs=values, labels=LABELS.astype(">i2")))
    assert examples.inputs_NX.dtype == torch.float32
    assert np.array_equal(examples.inputs_NX.numpy(), INPUTS % 2)
    assert examples.labels_N.tolist() == LABELS.tolist()


def test_fortran_order_is_no_trap(tmp_path):
    examples = read(written(tmp_path, inputs=np.asfortranarray(INPUTS), labels=LABELS))
    assert np.array_equal(examples.inputs_NX.numpy(), INPUTS)


def test_whole_floats_are_labels_and_others_are_refused(tmp_path):
    examples = read(written(tmp_path, inputs=INPUTS, labels=LABELS.astype(np.float64)))
    assert examples.labels_N.tolist() == LABELS.tolist()
    for spoilt in (0.5, np.nan, np.inf):
        labels = LABELS.astype(np.float64)
        labels[2] = spoilt
        assert "labels" in refusal(written(tmp_path, inputs=INPUTS, labels=labels))


def test_labels_may_be_absent(tmp_path):
    examples = read(written(tmp_path, inputs=INPUTS), classes=("a", "b"))
    assert examples.labels_N.tolist() == [-100] * 6


def test_a_missing_name_is_refused_with_what_is_there(tmp_path):
    message = refusal(written(tmp_path, x=INPUTS, y=LABELS))
    assert "has no array “inputs”; it holds: x, y." in message


@pytest.mark.parametrize(
    "content",
    [
        np.array([{"a": 1}] * 6),
        np.array([["a", "b"]] * 6),
        np.ones((6, 2), dtype=np.complex64),
        np.ones(6, dtype="M8[s]"),
    ],
    ids=["objects", "texts", "complex", "dates"],
)
def test_arrays_that_hold_no_real_numbers_are_refused(tmp_path, content):
    assert "d.npz cannot be read as .npz" in refusal(written(tmp_path, inputs=content, labels=LABELS))


def test_extended_precision_is_read_or_refused_in_words(tmp_path):
    path = written(tmp_path, inputs=INPUTS.astype(np.longdouble), labels=LABELS)
    with suppress(WorkbenchError):
        assert np.array_equal(read(path).inputs_NX.numpy(), INPUTS)


@pytest.mark.parametrize("cut", [3, 30, 200, -30])
def test_a_file_cut_short_is_refused_by_name(tmp_path, cut):
    path = written(tmp_path, inputs=INPUTS, labels=LABELS)
    path.write_bytes(path.read_bytes()[:cut])
    assert "d.npz" in refusal(path)
    # A file left open would be told here, as a warning that fails the test.
    gc.collect()


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"not at all", bytes(100), b"\xff" * 100])
def test_other_content_is_refused_by_name(tmp_path, raw):
    (tmp_path / "d.npz").write_bytes(raw)
    assert "d.npz" in refusal(tmp_path / "d.npz")
    # A file left open would be told here, as a warning that fails the test.
    gc.collect()


def test_a_spoilt_byte_in_a_compressed_array_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "d.npz", inputs=np.random.default_rng(0).random((50, 8)))
    raw = bytearray((tmp_path / "d.npz").read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    (tmp_path / "d.npz").write_bytes(raw)
    assert "d.npz" in refusal(tmp_path / "d.npz")


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"There is no file at .*absent"):
        read_arrays(tmp_path / "absent")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_arrays(tmp_path)


def test_held_out_arrays_come_from_their_own_file(tmp_path):
    np.savez(tmp_path / "held.npz", inputs=INPUTS[:2] + 100, labels=np.array([2, 0]))
    training = written(tmp_path, inputs=INPUTS, labels=LABELS)
    dataset = arrays(Arrays(file=training.name, validation_file="held.npz"), tmp_path)
    assert len(dataset.training) == 6
    assert dataset.validation.inputs_NX.min() >= 100
    assert dataset.training.classes == dataset.validation.classes == ("0", "1", "2")
