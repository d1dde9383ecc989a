"""Pipes and devices are refused before anybody waits for their end."""

import os
import sys
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain


def test_files_folders_and_what_is_not_there_are_left_to_whoever_opens_them(tmp_path):
    (tmp_path / "file").write_text("content")
    for path in (tmp_path / "file", tmp_path, tmp_path / "absent"):
        refuse_unless_plain(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files; run it on Linux or macOS")
def test_a_pipe_and_a_link_to_a_device_are_refused_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link"):
        with pytest.raises(WorkbenchError, match=f"{name} is a pipe or a device"):
            refuse_unless_plain(tmp_path / name)


def test_a_name_that_no_system_could_have_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="no name of a file"):
        refuse_unless_plain(tmp_path / "da\x00ta")


def test_a_name_that_is_too_long_is_refused_without_being_printed_whole(tmp_path):
    with pytest.raises(WorkbenchError, match="too many for this system") as refused:
        refuse_unless_plain(tmp_path / ("d" * 5000))
    assert len(str(refused.value)) < 300


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc; run it there")
def test_a_file_that_the_system_makes_up_is_refused_and_an_empty_one_is_not(tmp_path):
    (tmp_path / "empty").touch()
    refuse_unless_plain(tmp_path / "empty")
    with pytest.raises(WorkbenchError, match="makes up its content"):
        refuse_unless_plain(Path("/proc/self/environ"))


@pytest.mark.skipif(not hasattr(os, "SEEK_DATA"), reason="this system does not tell holes in files; run it on Linux")
def test_a_file_whose_size_was_set_but_not_written_is_refused_with_both_numbers(tmp_path):
    path = tmp_path / "download.bin"
    with path.open("wb") as file:
        file.write(b"begins")
        file.truncate(10**9)
    with pytest.raises(WorkbenchError, match=r"1,000,000,000 bytes, but only [\d,]+ of them were ever written"):
        refuse_unless_plain(path)


def test_a_large_file_that_was_written_is_fine(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 65 * 2**20)
    refuse_unless_plain(tmp_path / "file")
