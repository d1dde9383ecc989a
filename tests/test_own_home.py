"""The one folder that a person may name for everything."""

import os
import stat
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from workbench.own_home import configuration_folder, log_folder, meeting_folder, own_home
from workbench.session.places import cache_folder, default_runs_folder
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


_WINDOWS_ANSWERS = {"CSIDL_LOCAL_APPDATA": "C:/Users/ada/AppData/Local"}

needs_posix = pytest.mark.skipif(os.name == "nt", reason="folders of other systems are written as on POSIX")


@needs_posix
@pytest.mark.parametrize(
    ("system", "places"),
    [
        (
            Unix,
            (
                "~/.config/distillation-workbench",
                "~/.local/share/distillation-workbench/runs",
                "~/.cache/distillation-workbench/teacher-outputs",
                "~/.local/state/distillation-workbench/log",
            ),
        ),
        (
            MacOS,
            (
                "~/Library/Application Support/distillation-workbench",
                "~/Library/Application Support/distillation-workbench/runs",
                "~/Library/Caches/distillation-workbench/teacher-outputs",
                "~/Library/Logs/distillation-workbench",
            ),
        ),
        (
            Windows,
            (
                "C:/Users/ada/AppData/Local/distillation-workbench",
                "C:/Users/ada/AppData/Local/distillation-workbench/runs",
                "C:/Users/ada/AppData/Local/distillation-workbench/Cache/teacher-outputs",
                "C:/Users/ada/AppData/Local/distillation-workbench/Logs",
            ),
        ),
    ],
)
def test_everything_lies_where_each_system_wants_it(
    system: type[platformdirs.PlatformDirs], places: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DISTILLATION_WORKBENCH_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.windows.get_win_folder", _WINDOWS_ANSWERS.__getitem__)
    monkeypatch.setattr(platformdirs, "PlatformDirs", system)
    told = [configuration_folder(), default_runs_folder(), cache_folder(), log_folder()]
    assert told == [Path(path).expanduser() for path in places]


@needs_posix
def test_processes_meet_where_nobody_else_can_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "PlatformDirs", lambda *_, **__: Unix("distillation-workbench"))
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "distillation-workbench"
    assert meeting_folder() == folder
    folder.chmod(0o755)
    assert meeting_folder() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    assert meeting_folder() is None


@needs_posix
def test_a_meeting_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert meeting_folder() is not None
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert meeting_folder() is None


@needs_posix
def test_a_meeting_folder_that_cannot_be_made_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "distillation-workbench").touch()
    assert meeting_folder() is None
