"""The installer for Windows holds the bundle, and its uninstaller names what it brought and nothing else."""

import re
import shutil
from pathlib import Path, PureWindowsPath

import pytest
from script_loading import ROOT, load, reporting

identity = load("identity")
job = load("job")
windows = load("targets/windows", "target_windows")

SCRIPT = windows.SCRIPT.read_text(encoding="utf-8")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Lay out a bundle for Windows with one file of each kind, and a job that packs it fast."""
    monkeypatch.setattr(identity, "homepage", lambda: "https://example.org/workbench")
    made = job.Job(python=Path("python"), out=tmp_path / "dist", work=tmp_path / "build", fast=True)
    for name in (*windows.EXECUTABLES, "_internal/torch/lib/torch.dll", "_internal/licences/tée $1.txt"):
        path = made.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"MZ" + name.encode())
    return made


def test_away_from_windows_one_is_told_where_the_installer_is_built(monkeypatch):
    monkeypatch.setattr(windows.platform, "system", lambda: "Linux")
    assert "packaging/build.py" in windows.why_not()
    assert (ROOT / ".github" / "workflows" / "release.yml").is_file()


def test_on_windows_without_nsis_one_is_told_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(windows.platform, "system", lambda: "Windows")
    monkeypatch.setattr(windows.shutil, "which", lambda _name: None)
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path))
    assert "choco install nsis" in windows.why_not()


def test_nsis_is_found_where_its_own_installer_puts_it(monkeypatch, tmp_path):
    monkeypatch.setattr(windows.platform, "system", lambda: "Windows")
    monkeypatch.setattr(windows.shutil, "which", lambda _name: None)
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path))
    (tmp_path / "NSIS").mkdir()
    (tmp_path / "NSIS" / "makensis.exe").touch()
    assert windows.makensis() == tmp_path / "NSIS" / "makensis.exe"
    assert windows.why_not() == ""


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", "0.1.0.0"), ("1.2.3.4", "1.2.3.4"), ("0.1.0rc2", "0.1.0.0"), ("2.0.dev5", "2.0.0.0"), ("3", "3.0.0.0")],
)
def test_windows_gets_four_numbers_for_a_version(version, numbers):
    assert windows.four_numbers(version) == numbers


def removed_paths(commands):
    """Read the paths back out of the uninstaller's commands."""
    for command in commands:
        match = re.fullmatch(r'(Delete|RMDir) "\$INSTDIR\\(.+)"', command)
        assert match, f"{command!r} is neither a file nor an empty folder"
        yield match[1], PureWindowsPath(match[2].replace("$$", "$")).as_posix()


def test_the_uninstaller_names_every_file_and_folder_of_the_bundle_and_nothing_else(small):
    removed = [path for _, path in removed_paths(windows.removal_commands(small.bundle))]
    assert sorted(removed) == sorted(path.relative_to(small.bundle).as_posix() for path in small.bundle.rglob("*"))


def test_carried_out_in_order_the_commands_leave_only_what_a_person_put_there(small):
    own = small.bundle / "_internal" / "torch" / "mine.txt"
    commands = list(removed_paths(windows.removal_commands(small.bundle)))
    own.write_text("mine", encoding="utf-8")
    for command, path in commands:
        target = small.bundle / path
        if command == "Delete":
            target.unlink()
        elif not any(target.iterdir()):
            target.rmdir()
    assert [path for path in small.bundle.rglob("*") if path.is_file()] == [own]


def test_nothing_is_ever_removed_with_all_that_lies_in_it():
    assert not re.search(r"RMDir\s+/r|Delete\s+/REBOOTOK|Delete\b.*\*", SCRIPT, flags=re.IGNORECASE)


def test_every_registry_key_that_is_written_is_removed():
    install, uninstall = SCRIPT.split('Section "Uninstall"')
    written = set(re.findall(r'WriteReg(?:Str|DWORD) HKCU "([^"]+)"', install))
    removed = set(re.findall(r'DeleteRegKey(?: /ifempty)? HKCU "([^"]+)"', uninstall))
    assert written
    assert not {key for key in written if not any(key == gone or key.startswith(f"{gone}\\") for gone in removed)}


def test_every_shortcut_that_is_made_is_removed():
    install, uninstall = SCRIPT.split('Section "Uninstall"')
    made = re.findall(r'CreateShortcut "([^"]+)"', install)
    assert len(made) == 2
    assert all(f'Delete "{shortcut}"' in uninstall for shortcut in made)


def test_recipes_are_opened_by_the_command_that_opens_the_window():
    assert """shell\\open\\command" "" '"$INSTDIR\\${EXE}" window "%1"'""" in SCRIPT


def test_a_bundle_of_another_system_is_refused(small):
    (small.bundle / windows.EXECUTABLES[1]).unlink()
    with pytest.raises(reporting.Refusal, match=r"lacks distillation-workbench-cli\.exe"):
        windows._check(small.bundle)


def test_a_bundle_that_nsis_cannot_pack_is_refused_with_its_size(small, monkeypatch):
    monkeypatch.setattr(windows, "LIMIT_GB", 1e-9)
    with pytest.raises(reporting.Refusal, match="CUDA build of torch"):
        windows._check(small.bundle)


@pytest.mark.skipif(windows.makensis() is None, reason="makensis is missing; on Debian and Ubuntu: apt install nsis")
@pytest.mark.parametrize("icons", [False, True], ids=["without icons", "with icons"])
def test_the_installer_compiles_without_a_warning(small, monkeypatch, tmp_path, icons):
    monkeypatch.setattr(windows, "ICONS", tmp_path / "icons")
    if icons:
        theirs = ROOT / "packaging" / "desktop" / "icons" / "app.ico"
        if not theirs.is_file():
            pytest.skip("packaging/desktop/icons/app.ico is missing; make the icons first")
        windows.ICONS.mkdir()
        for name in ("app.ico", "recipe.ico"):
            shutil.copy(theirs, windows.ICONS / name)
    [installer] = windows.build(small)
    content = installer.read_bytes()
    assert content.startswith(b"MZ")
    assert "Installs Distillation Workbench".encode("utf-16-le") in content


@pytest.mark.skipif(windows.makensis() is None, reason="makensis is missing; on Debian and Ubuntu: apt install nsis")
def test_what_nsis_says_about_a_fault_reaches_the_person(small, monkeypatch, tmp_path):
    script = tmp_path / "broken.nsi"
    script.write_text('OutFile "${OUT}"\nSection\nNoSuchCommand\nSectionEnd\n', encoding="utf-8")
    monkeypatch.setattr(windows, "SCRIPT", script)
    with pytest.raises(reporting.Refusal, match="NoSuchCommand"):
        windows.build(small)
