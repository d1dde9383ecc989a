"""Where things lie: one folder where a person named one, else where the system wants them, never the same twice."""

from pathlib import Path

import platformdirs
import pytest

from workbench.session.places import (
    cache_folder,
    default_runs_folder,
    log_folder,
    resources_folder,
    runs_folder,
)
from workbench.session.preferences import Preferences, keep_preferences

_HOME = "DISTILLATION_WORKBENCH_HOME"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(_HOME, str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_named_home_holds_everything(home: Path) -> None:
    places = [runs_folder(), cache_folder(), log_folder()]
    assert all(place.is_relative_to(home) for place in places)
    assert len({*places}) == 3
    # Asking is not making.
    assert not home.exists()


def test_a_home_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_HOME, "~/somewhere")
    assert runs_folder() == Path.home() / "somewhere" / "runs"


def test_a_preferred_folder_of_runs_wins_and_leaves_the_default_known(home: Path, tmp_path: Path) -> None:
    keep_preferences(Preferences(runs_folder=str(tmp_path / "big disk")))
    assert runs_folder() == tmp_path / "big disk"
    assert default_runs_folder() == home / "runs"
    keep_preferences(Preferences())
    assert runs_folder() == home / "runs"


def test_broken_preferences_count_as_none(home: Path) -> None:
    home.mkdir()
    (home / "preferences.json").write_text("{ not JSON")
    assert runs_folder() == home / "runs"


def test_without_a_home_the_system_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(_HOME, raising=False)
    system = platformdirs.PlatformDirs("distillation-workbench", appauthor=False)
    assert default_runs_folder() == runs_folder() == Path(system.user_data_dir) / "runs"
    assert cache_folder().parent == Path(system.user_cache_dir)
    assert log_folder() == Path(system.user_log_dir)


def test_what_comes_with_the_program_is_there() -> None:
    for name in ("examples", "fonts", "icons"):
        assert (resources_folder() / name).is_dir()
