"""The disk image for macOS shows the program, the folder to drag it into, and what to do at the first start."""

import runpy
from pathlib import Path

import pytest
from script_loading import load, reporting

identity = load("identity")
job = load("job")
macos = load("targets/macos", "target_macos")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Lay out what PyInstaller leaves on macOS, and record what would be run."""
    monkeypatch.setattr(macos, "run_quietly", lambda command, what: commands.append((what, [*map(str, command)])))
    commands = []
    given = job.Job(python=Path("python"), out=tmp_path / "dist", work=tmp_path / "build")
    macos.application(given).mkdir(parents=True)
    return given, commands


@pytest.mark.parametrize(
    ("system", "machine", "told"), [("Linux", "x86_64", "on macOS"), ("Darwin", "x86_64", "silicon")]
)
def test_elsewhere_one_is_told_which_machine_it_takes(monkeypatch, system, machine, told):
    monkeypatch.setattr(macos.platform, "system", lambda: system)
    monkeypatch.setattr(macos.platform, "machine", lambda: machine)
    assert told in macos.why_not()


def test_on_a_mac_with_apple_silicon_nothing_stands_in_the_way(monkeypatch):
    monkeypatch.setattr(macos.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(macos.platform, "machine", lambda: "arm64")
    assert macos.why_not() == ""


def test_the_signature_is_checked_before_the_image_is_packed(made, capsys):
    given, commands = made
    [image] = macos.build(given)
    assert [what for what, _ in commands] == ["codesign", "dmgbuild"]
    assert commands[1][1][-1] == str(image)
    assert image.name == f"distillation-workbench-{identity.version()}-macos-arm64.dmg"
    assert "not notarised" in capsys.readouterr().out


def test_without_the_program_the_image_is_refused(made):
    given, _ = made
    macos.application(given).rmdir()
    with pytest.raises(reporting.Refusal, match=r"Distillation Workbench\.app is missing"):
        macos.build(given)


def test_everything_in_the_image_has_its_place_inside_the_window(made):
    given, _ = made
    defines = {"app": str(macos.application(given)), "note": str(macos.NOTE)}
    settings = runpy.run_path(str(macos.SETTINGS), {"defines": defines})
    shown = {Path(file).name for file in settings["files"]} | set(settings["symlinks"])
    assert shown == {"Distillation Workbench.app", "First start.txt", "Applications"}
    assert set(settings["icon_locations"]) == shown
    _, (width, height) = settings["window_rect"]
    assert all(0 < x < width and 0 < y < height for x, y in settings["icon_locations"].values())


def test_the_note_tells_both_ways_past_the_warning_and_where_runs_stay():
    note = macos.NOTE.read_text(encoding="utf-8")
    for words in ("right-click", "Open Anyway", "Library/Application Support/distillation-workbench"):
        assert words in note
