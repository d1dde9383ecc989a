"""The build of torch and the system libraries are chosen by system, release and rights."""

import subprocess

import pytest
from script_loading import system_libraries, torch_build


@pytest.mark.parametrize(
    ("system", "cuda", "cpu_index", "expected"),
    [
        ("Linux", False, True, ["torch==2.13.0", "--extra-index-url", torch_build.CPU_INDEX]),
        ("Linux", False, False, ["torch==2.13.0"]),
        ("Linux", True, True, ["torch==2.13.0"]),
        ("Darwin", False, True, ["torch==2.13.0"]),
        ("Windows", False, True, ["torch==2.13.0"]),
        ("Windows", True, True, ["torch==2.13.0+cu130", "--extra-index-url", torch_build.WINDOWS_CUDA_INDEX]),
    ],
)
def test_each_system_asks_pip_for_its_own_build_of_torch(system, cuda, cpu_index, expected):
    assert torch_build.pip_arguments("2.13.0", system=system, cuda=cuda, cpu_index=cpu_index) == expected


def test_no_nvidia_tool_means_no_gpu(monkeypatch):
    monkeypatch.setattr(torch_build.shutil, "which", lambda _name: None)
    assert not torch_build.nvidia_gpu_found()


@pytest.mark.parametrize(
    ("codename", "glib"),
    [
        ("bookworm", "libglib2.0-0"),
        ("jammy", "libglib2.0-0"),
        ("trixie", "libglib2.0-0t64"),
        ("noble", "libglib2.0-0t64"),
        ("", "libglib2.0-0t64"),
    ],
)
def test_glib_has_its_64_bit_time_name_from_debian_13_and_ubuntu_24_04_on(codename, glib):
    packages = system_libraries.needed_packages(codename, tests=False)
    assert [package for package in packages if package.startswith("libglib")] == [glib]


def test_only_the_tests_need_a_virtual_display():
    assert "xvfb" not in system_libraries.needed_packages("bookworm", tests=False)
    assert {"xvfb", "xauth"} <= set(system_libraries.needed_packages("bookworm", tests=True))


def test_only_the_installers_need_what_makes_packages_and_bare_systems():
    assert "debootstrap" not in system_libraries.needed_packages("bookworm", tests=True)
    assert {"debootstrap", "lintian", "makeself"} <= set(
        system_libraries.needed_packages("bookworm", tests=True, installers=True)
    )


def test_a_derivative_is_known_by_the_ubuntu_release_underneath(monkeypatch):
    release = {"ID": "linuxmint", "VERSION_CODENAME": "wilma", "UBUNTU_CODENAME": "noble"}
    monkeypatch.setattr(system_libraries.platform, "freedesktop_os_release", lambda: release)
    assert system_libraries.release_codename() == "noble"


@pytest.fixture
def debian(monkeypatch):
    """Pretend to be on a Debian that lacks two libraries, and record what would be run."""
    commands = []

    def record(command, **_options):
        commands.append(command)
        return subprocess.CompletedProcess(command, 100, "E: no network", "")

    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_libraries, "missing_packages", lambda _packages: ["libegl1", "xvfb"])
    monkeypatch.setattr(subprocess, "run", record)
    return commands


def test_without_root_the_apt_command_is_printed_and_nothing_is_run(debian, monkeypatch, capsys):
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000, raising=False)
    system_libraries.ensure(tests=True)
    assert "sudo apt-get install --no-install-recommends libegl1 xvfb" in capsys.readouterr().out
    assert debian == []


def test_a_failing_apt_is_a_warning_and_no_refusal(debian, monkeypatch, capsys):
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 0, raising=False)
    system_libraries.ensure(tests=True)
    output = capsys.readouterr().out
    assert "Warning: apt-get install failed" in output
    assert "E: no network" in output
    assert [command[-1] for command in debian] == ["update", "xvfb"]
    assert "--no-install-recommends" in debian[1]
