"""Pipes and devices are refused before anybody waits for their end."""

import os
import sys

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
