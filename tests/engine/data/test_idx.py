"""IDX files as MNIST comes in, and every way in which they come broken."""

import gzip
import struct
import tracemalloc

import pytest
import torch

from workbench.engine.data.idx import idx, read_idx
from workbench.errors import WorkbenchError
from workbench.recipe.data import Idx


def idx_bytes(values: list[int], *shape: int, kind: int = 0x08) -> bytes:
    """An IDX file."""
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + bytes(values)


PICTURES = idx_bytes(list(range(24)), 6, 2, 2)
LABELS = idx_bytes([0, 1, 0, 1, 0, 1], 6)


@pytest.fixture
def digits(tmp_path):
    """Six pictures of 2 × 2 pixels in 2 classes, plain and gzipped."""
    for name, raw in (("pictures", PICTURES), ("labels", LABELS)):
        (tmp_path / name).write_bytes(raw)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(raw, mtime=0))
    return tmp_path


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_bytes_come_in_their_own_shape_plain_or_gzipped(digits, ending):
    pictures = read_idx(digits / f"pictures{ending}")
    assert pictures.dtype == torch.uint8
    assert torch.equal(pictures, torch.arange(24, dtype=torch.uint8).reshape(6, 2, 2))
    assert read_idx(digits / f"labels{ending}").tolist() == [0, 1, 0, 1, 0, 1]


def test_gzip_is_told_by_content_and_not_by_name(digits):
    (digits / "plain.gz").write_bytes(LABELS)
    (digits / "zipped").write_bytes(gzip.compress(LABELS, mtime=0))
    assert torch.equal(read_idx(digits / "plain.gz"), read_idx(digits / "zipped"))


def test_pictures_get_a_channel_axis_and_classes_are_numbered(digits):
    dataset = idx(Idx(images="pictures", labels="labels", validation_fraction=0.34), digits)
    assert dataset.training.inputs_NX.shape == (4, 1, 2, 2)
    assert dataset.validation.inputs_NX.shape == (2, 1, 2, 2)
    assert dataset.training.classes == dataset.validation.classes == ("0", "1")
    first_pixels = dataset.training.inputs_NX[:, 0, 0, 0].long()
    assert torch.equal(dataset.training.labels_N, first_pixels // 4 % 2)


def test_held_out_files_are_taken_as_they_are(digits):
    (digits / "more").write_bytes(idx_bytes([2], 1))
    (digits / "more pictures").write_bytes(idx_bytes([9] * 4, 1, 2, 2))
    section = Idx(images="pictures", labels="labels", validation_images="more pictures", validation_labels="more")
    dataset = idx(section, digits)
    assert len(dataset.training) == 6
    assert dataset.validation.labels_N.tolist() == [2]
    assert dataset.training.classes == dataset.validation.classes == ("0", "1", "2")


def test_pictures_without_labels_are_unlabelled(digits):
    dataset = idx(Idx(images="pictures", classes=("a", "b"), validation_fraction=0.5), digits)
    assert dataset.training.labels_N.tolist() == [-100] * 3


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is not an IDX file: it begins with nothing"),
        (b"\x00\x00", "is not an IDX file: it begins with 00 00"),
        (b"\x89PNG\r\n", "is not an IDX file: it begins with 89 50 4e 47"),
        (b"\x00\x00\x08\x00", "is not an IDX file"),
        (idx_bytes([0] * 4, 1, kind=0x0D), "holds IDX type 0x0d; only bytes (0x08) are read"),
        (PICTURES[:9], "is cut short: 3 axes are announced in 9 bytes"),
        (b"\x00\x00\x08\xff" + bytes(2000), "is cut short: 255 axes"),
        (PICTURES[:-1], "its header says 6 × 2 × 2 = 24 bytes, but 23 follow"),
        (PICTURES + b"x", "its header says 6 × 2 × 2 = 24 bytes, but 25 follow"),
        (idx_bytes([], 2**32 - 1, 2**32 - 1, 2**32 - 1), "but the file has 16"),
        (idx_bytes([], 0, 28, 28), "is empty: its header says 0 × 28 × 28"),
        (gzip.compress(PICTURES, mtime=0)[:-9], "cannot be unzipped"),
        (gzip.compress(PICTURES, mtime=0)[:15], "cannot be unzipped"),
        (gzip.compress(PICTURES, mtime=0)[:-8] + bytes(8), "cannot be unzipped"),
        (b"\x1f\x8bnot gzip at all", "cannot be unzipped"),
        (gzip.compress(b"text", mtime=0), "is not an IDX file"),
    ],
)
def test_a_broken_file_is_refused_by_name_in_words(tmp_path, raw, told):
    (tmp_path / "file.gz").write_bytes(raw)
    with pytest.raises(WorkbenchError) as caught:
        read_idx(tmp_path / "file.gz")
    assert told in str(caught.value)
    assert "file.gz" in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"There is no file at .*absent"):
        read_idx(tmp_path / "absent")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_idx(tmp_path)


def test_another_number_of_labels_than_pictures_is_refused_with_both_numbers(digits):
    (digits / "five").write_bytes(idx_bytes([0] * 5, 5))
    with pytest.raises(WorkbenchError, match=r"pictures holds 6 pictures but five has the shape \(5,\)"):
        idx(Idx(images="pictures", labels="five"), digits)
    with pytest.raises(WorkbenchError, match=r"shape \(6, 2, 2\)"):
        idx(Idx(images="pictures", labels="pictures"), digits)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_reading_takes_memory_by_the_size_of_the_file(digits, ending):
    tracemalloc.start()
    try:
        read_idx(digits / f"pictures{ending}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * 2**20
