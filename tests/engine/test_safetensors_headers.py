"""Headers of safetensors are bounded before a library parses them."""

import struct

import pytest

from workbench.engine.safetensors_headers import MOST_TENSORS, header_of
from workbench.errors import WorkbenchError

ENTRY = '"t{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'


def written(folder, header: bytes, length: int | None = None):
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header)
    return path


def tensors(count: int) -> bytes:
    return ("{" + ",".join(ENTRY.format(n) for n in range(count)) + "}").encode()


def test_a_header_is_given_back_as_it_is(tmp_path):
    assert header_of(written(tmp_path, tensors(3))) == tensors(3)


def test_the_header_of_a_file_that_ends_before_it_is_empty(tmp_path):
    assert header_of(written(tmp_path, tensors(1), length=10**6)) == b""
    assert header_of(written(tmp_path, b"")) == b""


def test_as_many_tensors_as_the_limit_are_read_and_more_are_refused_with_both_numbers(tmp_path):
    assert header_of(written(tmp_path, tensors(MOST_TENSORS)))
    with pytest.raises(WorkbenchError, match="describes 50,001 tensors in its header; at most 50,000 are read"):
        header_of(written(tmp_path, tensors(MOST_TENSORS + 1)))


def test_names_with_escapes_do_not_hide_tensors(tmp_path):
    hidden = tensors(MOST_TENSORS + 1).replace(b"data_offsets", b"data_offset\\u0073")
    with pytest.raises(WorkbenchError, match="50,001 tensors"):
        header_of(written(tmp_path, hidden))


def test_a_header_that_is_too_long_is_refused_with_both_numbers(tmp_path):
    with pytest.raises(WorkbenchError, match=r"26,214,400 bytes; at most 25,165,824 are read"):
        header_of(written(tmp_path, b"{" + b" " * (25 * 2**20 - 2) + b"}"))
