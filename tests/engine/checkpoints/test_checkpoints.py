"""A checkpoint is told by its content; what is none is refused by name."""

import json
import struct

import pytest

from engine.workshop import tiny_classifier
from workbench.engine import checkpoints
from workbench.errors import WorkbenchError

KEY = "distillation_workbench.blueprint"


def with_header(header: object) -> bytes:
    """A file that begins like a safetensors file, with any header."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def test_a_checkpoint_is_known_by_its_content_and_not_by_its_name(tmp_path):
    (tmp_path / "weights.bin").write_bytes(checkpoints.to_bytes(tiny_classifier()))
    assert checkpoints.format_of(tmp_path / "weights.bin") in checkpoints.FORMATS
    assert checkpoints.load(tmp_path / "weights.bin").blueprint == tiny_classifier().blueprint


NO_CHECKPOINTS = {
    "empty": b"",
    "zeros": b"\x00" * 8,
    "ones": b"\xff" * 64,
    "zip": b"PK\x03\x04 a zip, as torch.save writes",
    "header beyond 64 bits": struct.pack("<Q", 2**63) + b"{}",
    "header beyond the file": struct.pack("<Q", 10**6) + b"{}",
    "header that is no text": struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc",
    "nested header": struct.pack("<Q", 200_000) + b"[" * 200_000,
    "header that is a list": with_header([]),
    "no metadata": with_header({"__metadata__": None}),
    "metadata that are a number": with_header({"__metadata__": 5}),
    "metadata that are a list": with_header({"__metadata__": [KEY]}),
    "metadata that are a text": with_header({"__metadata__": KEY}),
}


@pytest.mark.parametrize("raw", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_what_is_no_checkpoint_is_refused_by_name(tmp_path, raw):
    (tmp_path / "model.safetensors").write_bytes(raw)
    for job in (checkpoints.load, checkpoints.inspect):
        with pytest.raises(WorkbenchError, match=r"model\.safetensors"):
            job(tmp_path / "model.safetensors")


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"There is no checkpoint at .*absent"):
        checkpoints.load(tmp_path / "absent")
    with pytest.raises(WorkbenchError, match="is not a checkpoint this program reads"):
        checkpoints.load(tmp_path)


def test_every_format_has_a_name_of_its_own():
    names = [known.name for known in checkpoints.FORMATS]
    assert all(names)
    assert len(set(names)) == len(names)
