"""What a person prefers: kept, read back, and never a reason not to start."""

from pathlib import Path

import pytest

from workbench.session.places import runs_folder
from workbench.session.preferences import Preferences, keep_preferences, preferences_file, read_preferences


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_without_a_file_the_defaults_count() -> None:
    assert read_preferences() == Preferences(runs_folder="", threads=0)


def test_preferences_are_read_as_they_were_kept() -> None:
    kept = Preferences(runs_folder="/somewhere/else", threads=3)
    keep_preferences(kept)
    assert read_preferences() == kept


@pytest.mark.parametrize("content", [b"{", b'{"threads": -1}', b'{"colour": "red"}', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_counts_as_the_defaults(content: bytes) -> None:
    preferences_file().parent.mkdir(parents=True)
    preferences_file().write_bytes(content)
    assert read_preferences() == Preferences()


def test_a_file_of_an_earlier_version_keeps_its_choices_and_looks_for_no_updates() -> None:
    preferences_file().parent.mkdir(parents=True)
    preferences_file().write_text('{"runs_folder": "/somewhere", "threads": 3}')
    assert read_preferences() == Preferences(runs_folder="/somewhere", threads=3, looks_for_updates=False)


def test_runs_are_kept_where_a_person_prefers_and_else_at_home(home: Path, tmp_path: Path) -> None:
    assert runs_folder() == home / "runs"
    keep_preferences(Preferences(runs_folder=str(tmp_path / "big disk")))
    assert runs_folder() == tmp_path / "big disk"
