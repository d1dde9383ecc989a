"""What the window remembers of itself, from one start to the next."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from workbench.gui import settings as module
from workbench.gui.settings import Settings


def after_a_new_start(settings: Settings) -> Settings:
    settings.sync()
    return Settings()


def test_a_first_start_follows_the_system_and_remembers_nothing() -> None:
    settings = Settings()
    assert settings.theme == "system"
    assert not settings.tour_seen
    assert settings.recent() == []
    assert settings.used_commands() == []
    assert settings.bytes_of("docks").isEmpty()


def test_it_lies_in_the_home_of_the_program(home: Path) -> None:
    settings = Settings()
    settings.theme = "dark"
    settings.sync()
    assert "dark" in (home / "window.ini").read_text()


def test_theme_tour_and_arrangement_outlive_a_start() -> None:
    settings = Settings()
    settings.theme = "light"
    settings.tour_seen = True
    settings.keep_bytes("docks", QByteArray(b"\x00\xff where everything is"))
    again = after_a_new_start(settings)
    assert again.theme == "light"
    assert again.tour_seen
    assert again.bytes_of("docks").data() == b"\x00\xff where everything is"
    again.tour_seen = False
    assert not after_a_new_start(again).tour_seen


def test_one_recent_file_is_a_list_of_one_after_a_start() -> None:
    settings = Settings()
    settings.add_recent(Path("/a b/c,d.toml"))
    assert after_a_new_start(settings).recent() == [Path("/a b/c,d.toml")]


def test_recent_files_are_newest_first_each_once_and_ten_at_most() -> None:
    settings = Settings()
    for number in [*range(12), 5]:
        settings.add_recent(Path(f"/{number}.toml"))
    recent = after_a_new_start(settings).recent()
    assert recent[:2] == [Path("/5.toml"), Path("/11.toml")]
    assert len(recent) == len(set(recent)) == 10


def test_used_commands_are_newest_first_each_once_and_eight_at_most() -> None:
    settings = Settings()
    for name in [*"abcdefghij", "h"]:
        settings.add_used_command(name)
    assert after_a_new_start(settings).used_commands() == ["h", "j", "i", "g", "f", "e", "d", "c"]


def test_a_broken_file_counts_as_a_first_start(home: Path) -> None:
    (home / "window.ini").write_bytes(b"\xff\xfe[General\ndocks=@ByteArray(\nrecent=@Invalid()\n")
    settings = Settings()
    assert settings.theme == "system"
    assert settings.recent() == []
    assert settings.bytes_of("docks").isEmpty()


def test_what_an_earlier_version_kept_where_qt_does_is_taken_over_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISTILLATION_WORKBENCH_HOME")
    monkeypatch.setattr("workbench.gui.settings.configuration_folder", lambda: tmp_path)
    monkeypatch.setattr("workbench.gui.settings._earlier", lambda: QSettings(str(old), QSettings.Format.IniFormat))
    old = tmp_path / "window.conf"
    old.write_text('[General]\ntheme=dark\nrecent=/a.toml, /b.toml\ndocks="@ByteArray(\\0\\xff)"\n')
    settings = Settings()
    assert settings.theme == "dark"
    assert settings.recent() == [Path("/a.toml"), Path("/b.toml")]
    assert settings.bytes_of("docks").data() == b"\x00\xff"
    assert (tmp_path / "window.ini").is_file()
    old.write_text("[General]\ntheme=light\n")
    assert Settings().theme == "dark"


def test_what_the_system_keeps_for_all_programs_is_not_taken_over() -> None:
    assert not module._earlier().fallbacksEnabled()
