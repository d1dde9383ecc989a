"""The file for one person: it installs into any folder, is upgraded, and goes without a trace."""

import os
import shutil
import signal
import subprocess
import time

import pytest
from script_loading import bundle, identity, run

pytestmark = pytest.mark.skipif(
    shutil.which("makeself") is None,
    reason="makeself is missing; install it (Debian and Ubuntu: apt-get install makeself)",
)


@pytest.fixture
def installer(some_job):
    """The .run file."""
    (file,) = run.build(some_job)
    return file


def installed(installer, prefix, *more):
    return subprocess.run(
        [installer, "--", "--prefix", prefix, *more], capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def everything_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_run_file_installs_below_a_prefix_with_blanks_and_its_command_starts(installer, tmp_path):
    prefix = tmp_path / "my programs & more"
    said = installed(installer, prefix)
    assert said.returncode == 0, said.stderr
    command = prefix / "bin" / identity.PACKAGE
    assert subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout == (
        "started with: --version\n"
    )
    entry = (prefix / "share" / "applications" / f"{identity.APP_ID}.desktop").read_text(encoding="utf-8")
    assert f'Exec="{command}" window %F' in entry
    assert f"TryExec={command}\n" in entry
    assert str(prefix / "lib" / identity.PACKAGE / "uninstall.sh") in said.stdout


def test_uninstalling_leaves_the_prefix_as_it_was(installer, tmp_path):
    prefix = tmp_path / "prefix"
    (prefix / "share" / "applications").mkdir(parents=True)
    (prefix / "share" / "applications" / "other.desktop").write_text("mine", encoding="utf-8")
    before = everything_in(prefix)
    assert installed(installer, prefix).returncode == 0
    subprocess.run([prefix / "lib" / identity.PACKAGE / "uninstall.sh"], check=True, capture_output=True)
    left = [name for name in everything_in(prefix) if not name.endswith(("mimeinfo.cache", "share/mime"))]
    assert [name for name in left if "share/mime" not in name] == before


def test_an_upgrade_takes_away_what_only_the_older_version_had(installer, tmp_path):
    prefix = tmp_path / "prefix"
    assert installed(installer, prefix).returncode == 0
    program = prefix / "lib" / identity.PACKAGE
    (program / "old-library.so").write_text("old", encoding="utf-8")
    old = prefix / "share" / "old-file"
    old.write_text("old", encoding="utf-8")
    with (program / "installed-files").open("a", encoding="utf-8") as listed:
        listed.write("share/old-file\n")
    assert installed(installer, prefix).returncode == 0
    assert not (program / "old-library.so").exists()
    assert not old.exists()
    assert (program / identity.PACKAGE).exists()


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(installer, tmp_path):
    mine = tmp_path / "prefix" / "lib" / identity.PACKAGE
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine", encoding="utf-8")
    said = installed(installer, tmp_path / "prefix")
    assert said.returncode == 1
    assert "was not put there by this installer" in said.stderr
    assert everything_in(tmp_path / "prefix") == [
        "lib",
        "lib/distillation-workbench",
        "lib/distillation-workbench/notes.txt",
    ]


def test_a_prefix_that_is_not_absolute_begins_where_the_person_stands(installer, tmp_path):
    said = subprocess.run(
        [installer, "--", "--prefix", "apps"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "apps" / "bin" / identity.PACKAGE).exists()


def test_a_tilde_that_the_shell_left_alone_is_the_home(installer, tmp_path):
    environ = {**os.environ, "HOME": str(tmp_path)}
    command = [installer, "--", "--prefix=~/apps"]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "apps" / "bin" / identity.PACKAGE).exists()


def test_without_a_home_a_prefix_is_asked_for_and_taken(installer, tmp_path):
    environ = {name: value for name, value in os.environ.items() if name != "HOME"}
    said = subprocess.run([installer], env=environ, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "name one: -- --prefix DIR" in said.stderr
    command = [installer, "--", "--prefix", tmp_path / "apps"]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_the_command_starts_where_the_folder_of_commands_is_a_link(installer, tmp_path):
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    (tmp_path / "dotfiles" / "bin").mkdir(parents=True)
    (prefix / "bin").symlink_to(tmp_path / "dotfiles" / "bin")
    for _ in range(2):
        said = installed(installer, prefix)
        assert said.returncode == 0, said.stderr
        subprocess.run([tmp_path / "dotfiles" / "bin" / identity.PACKAGE], check=True, capture_output=True)


def test_a_command_of_that_name_from_elsewhere_is_left_alone_also_by_the_uninstaller(installer, tmp_path):
    prefix = tmp_path / "prefix"
    other = tmp_path / "pipx" / identity.PACKAGE
    other.parent.mkdir()
    other.write_text("of pipx", encoding="utf-8")
    command = prefix / "bin" / identity.PACKAGE
    command.parent.mkdir(parents=True)
    command.symlink_to(other)
    said = installed(installer, prefix)
    assert said.returncode == 1
    assert f"{command} is there and was not put there by this installer" in said.stderr
    assert everything_in(prefix) == ["bin", f"bin/{identity.PACKAGE}"]
    command.unlink()
    assert installed(installer, prefix).returncode == 0
    command.unlink()
    command.symlink_to(other)
    subprocess.run([prefix / "lib" / identity.PACKAGE / "uninstall.sh"], check=True, capture_output=True)
    assert command.readlink() == other
    assert not (prefix / "lib").exists()


def test_a_link_that_leads_nowhere_since_the_program_was_deleted_by_hand_is_replaced(installer, tmp_path):
    assert installed(installer, tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "lib")
    said = installed(installer, tmp_path)
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "bin" / identity.PACKAGE).exists()


def test_the_menu_entry_starts_a_command_whose_path_has_every_kind_of_sign(installer, tmp_path):
    prefix = tmp_path / 'a "b" $HOME `id` 50% c\\d & e|f'
    said = installed(installer, prefix)
    assert said.returncode == 0, said.stderr
    entry = (prefix / "share" / "applications" / f"{identity.APP_ID}.desktop").read_text(encoding="utf-8")
    value = next(line for line in entry.splitlines() if line.startswith("Exec=")).removeprefix("Exec=")
    assert first_argument(value) == str(prefix / "bin" / identity.PACKAGE)


def first_argument(value):
    """Read a value of a menu entry as its specification says: escapes of the file, then quotes, then codes."""
    value = value.replace("\\\\", "\\")
    assert value[0] == '"'
    found, rest = "", iter(value[1:])
    for sign in rest:
        if sign == '"':
            break
        assert sign not in "`$", "these have a meaning in quotes"
        found += next(rest) if sign == "\\" else sign
    return found.replace("%%", "%")


def test_a_prefix_with_a_line_break_is_refused_before_anything_is_made(installer, tmp_path):
    said = installed(installer, tmp_path / "two\nlines")
    assert said.returncode == 1
    assert "line break" in said.stderr
    assert everything_in(tmp_path / "dist") == [installer.name]
    assert not (tmp_path / "two\nlines").exists()


def test_whoever_built_it_owns_nothing_where_root_unpacks_it_and_everybody_may_read_it(
    umask_of_a_careful_person, some_job, tmp_path
):
    bundle._set_modes(some_job.bundle)
    (file,) = run.build(some_job)
    listing = subprocess.run([file, "--list"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in listing.splitlines() if line[:1] in "-d" and "/" in line.split()[1]]
    assert f"/program/{identity.PACKAGE}\n" in listing
    assert {line.split()[1] for line in lines} == {"0/0"}
    assert [line for line in lines if line[4] + line[7] != "rr"] == []


def test_the_same_bundle_gives_the_same_run_file(some_job):
    (file,) = run.build(some_job)
    before = file.read_bytes()
    os.utime(some_job.bundle / identity.PACKAGE, (1, 1))
    time.sleep(1.1)  # what would be written down has seconds
    run.build(some_job)
    assert file.read_bytes() == before


def test_an_interrupted_installation_leaves_no_half_of_the_program_behind(installer, tmp_path):
    """Ctrl+C in the middle: cp presses it."""
    shim = tmp_path / "shim" / "cp"
    shim.parent.mkdir()
    cp = shutil.which("cp")
    shim.write_text(f'#!/bin/sh\n{cp} "$@"\ncase $* in *uninstall.sh*) kill -INT $PPID ;; esac\n', encoding="utf-8")
    shim.chmod(0o755)
    prefix = tmp_path / "prefix"
    assert installed(installer, prefix).returncode == 0
    before = everything_in(prefix)
    environ = {**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}"}
    command = [installer, "--", "--prefix", prefix]
    said = subprocess.run(
        command,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # what a shell starts in the background has none
    )
    assert said.returncode != 0
    assert "Installed." not in said.stdout
    assert everything_in(prefix) == before


def test_an_unknown_option_is_refused_with_the_usage(installer, tmp_path):
    said = installed(installer, tmp_path / "prefix", "--everywhere")
    assert said.returncode == 2
    assert "Unknown option: --everywhere" in said.stderr
    assert not (tmp_path / "prefix").exists()
