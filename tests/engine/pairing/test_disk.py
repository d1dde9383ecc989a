"""Room on the disk for what the teachers answer."""

import shutil

from engine.pairing.material import dataset, only
from workbench.engine.pairing import look_at_disk


def test_room_is_told_with_both_numbers_also_where_the_folder_does_not_exist_yet(tmp_path):
    finding = only(look_at_disk(dataset(), 1, tmp_path / "a" / "b"), "ok")
    assert "GiB needed for teacher outputs" in finding.title
    assert str(tmp_path) in finding.title


def test_too_little_room_is_a_warning(tmp_path, monkeypatch):
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: free)
    finding = only(look_at_disk(dataset(), 1, tmp_path), "warning")
    assert finding.title.startswith("Not enough disk: about 0.00 GiB needed")
    free = free._replace(free=2 * 24 * 28)
    assert only(look_at_disk(dataset(), 1, tmp_path), "ok")


def test_nothing_is_said_where_nothing_is_kept(tmp_path):
    assert look_at_disk(dataset(), 1, None) == ()
    assert look_at_disk(dataset(), 0, tmp_path) == ()
