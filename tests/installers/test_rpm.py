"""The RPM package: what it says about itself, and installed into a tree that has its libraries.

No system of the RPM family can be made from Debian's packages: its files are looked at, and tried in a Debian.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from installers import program
from installers.scripts import bare_system, identity

RELEASES = ("bookworm",)  # the oldest one it has to start on
COMMAND = identity.PACKAGE
RPM = shutil.which("rpm") or ""
NEEDED = ("libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "fonts-dejavu-core")
LARGEST = 340_000_000

pytestmark = pytest.mark.skipif(not RPM, reason="rpm is missing; install it (Debian and Ubuntu: apt-get install rpm)")


def ask(*arguments: str | Path) -> str:
    """What rpm says; its database of this machine is none of our business."""
    command = [RPM, "--dbpath", "/nonexistent", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def paths(rpm: Path) -> list[str]:
    return ask("-qlp", rpm).splitlines()


def test_it_says_what_it_is(rpm, measured):
    form = "%{NAME} %{VERSION} %{ARCH} %{LONGSIZE} %{SUMMARY}|%{URL}|%{LICENSE}"
    said = ask("-qp", "--qf", form, rpm)
    name, version, arch, size, rest = said.split(" ", 4)
    assert (name, version) == (COMMAND, identity.version())
    assert arch in {"x86_64", "aarch64"}
    summary, homepage, licence = rest.split("|")
    assert summary
    assert homepage == identity.homepage()
    assert "MIT" in licence
    measured("size of the .rpm", f"{rpm.stat().st_size / 1e6:.0f} MB, {int(size) / 1e6:.0f} MB installed")
    assert rpm.stat().st_size <= LARGEST


def test_it_needs_libraries_of_the_system_by_names_that_every_distribution_has_and_no_python(rpm):
    needs = ask("-qp", "--requires", rpm).splitlines()
    assert any(need.startswith("glibc >= 2.") for need in needs)
    assert {"libEGL.so.1()(64bit)", "libGL.so.1()(64bit)", "libwayland-egl.so.1()(64bit)", "fontconfig"} <= set(needs)
    assert [need for need in needs if "python" in need or need.startswith("/")] == []


def test_it_runs_no_script_when_it_is_installed(rpm):
    assert ask("-qp", "--scripts", rpm) == ""


def test_its_files_are_those_of_a_program_with_a_menu_entry(paths):
    wanted = {
        f"/usr/bin/{COMMAND}",
        f"/usr/lib/{COMMAND}/{COMMAND}",
        f"/usr/share/applications/{identity.APP_ID}.desktop",
        f"/usr/share/metainfo/{identity.APP_ID}.metainfo.xml",
        f"/usr/share/mime/packages/{identity.APP_ID}.xml",
        f"/usr/share/icons/hicolor/scalable/apps/{identity.APP_ID}.svg",
        f"/usr/share/man/man1/{COMMAND}.1.gz",
    }
    assert not wanted - set(paths)
    outside = re.compile(rf"/usr/(bin/{COMMAND}$|lib/{COMMAND}(/|$)|share/)")
    assert [path for path in paths if not outside.match(path)] == []
    # folders that belong to the system must not be ours: removing the package would take them
    assert not {"/usr", "/usr/bin", "/usr/lib", "/usr/share", "/usr/share/applications"} & set(paths)


def test_everything_belongs_to_root_and_only_root_may_write(rpm):
    listed = ask("-qlvp", rpm).splitlines()
    assert listed
    wrong = [line for line in listed if line.split()[2:4] != ["root", "root"] or line[5] == "w" or line[8] == "w"]
    assert [line for line in wrong if not line.startswith("l")] == []


@pytest.fixture(scope="module")
def installed(system: "bare_system.BareSystem", rpm: Path) -> "Iterator[bare_system.BareSystem]":
    """A Debian with the libraries that the package names, and the package put in by rpm."""
    system.install(*NEEDED)
    root = ["--root", system.folder, "--dbpath", "/var/lib/rpm"]
    # Debian's rpm asks to be told that the person knows what it does
    forced = ["--nodeps", "--ignorearch", *(["--force-debian"] if _is_debians() else [])]
    done = subprocess.run([RPM, *root, *forced, "--install", rpm], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield system
    done = subprocess.run([RPM, *root, "--nodeps", "--erase", COMMAND], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not system.inside(f"/usr/lib/{COMMAND}").exists()
    assert not system.inside(f"/usr/bin/{COMMAND}").is_symlink()


def _is_debians() -> bool:
    return "force-debian" in subprocess.run([RPM, "--help"], capture_output=True, text=True, check=True).stdout


def test_what_it_installs_passes_the_self_test(installed):
    report = program.selftest(installed, COMMAND)
    assert report["parts"]
