"""The one folder that a person may name for everything."""

from pathlib import Path

import pytest

from workbench.own_home import own_home
from workbench.session.places import cache_folder, default_runs_folder, log_folder
from workbench.session.preferences import preferences_file


def test_a_home_named_from_here_stays_where_it_is_when_the_program_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", "mine")
    home = tmp_path / "mine"
    assert own_home() == home
    assert (default_runs_folder(), log_folder()) == (home / "runs", home / "logs")
    assert cache_folder() == home / "cache" / "teacher-outputs"
    assert preferences_file() == home / "preferences.json"


def test_no_home_and_an_empty_one_leave_it_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", "")
    assert own_home() is None
    monkeypatch.delenv("DISTILLATION_WORKBENCH_HOME")
    assert own_home() is None
    assert default_runs_folder().is_absolute()
