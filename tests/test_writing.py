"""Writing files whole or not at all, and disk errors in words."""

import errno
import os
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.writing import write_atomically


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, b"content")
    assert path.read_bytes() == b"content"


def test_a_write_that_fails_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbenchError, match=r"The disk is full: .*file could not be written, [\d,]+ MiB are free"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("workbench.writing.tempfile.mkstemp", refuse)
    with pytest.raises(WorkbenchError, match="cannot be written") as caught:
        write_atomically(tmp_path / "file", b"")
    assert str(tmp_path / "file") in caught.value.title
    assert "Choose a folder" in caught.value.hint
