"""Programs that load our exports are installed once, apart, by hash, and their absence stops nothing."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from script_loading import consumers, reporting

NAMES = ["onnxruntime", "onnxruntime-genai", "node"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(consumers.NAMED, str(tmp_path / "consumers"))
    return tmp_path / "consumers"


@pytest.fixture
def commands(monkeypatch):
    """Takes the place of venv, pip and npm: each leaves a file, and what was called is noted."""
    called = []

    def pretend(command, what, _environ=None, *, cwd=None):
        called.append(list(map(str, command)))
        if what == "python -m venv":
            Path(command[-1]).mkdir()
        if what == "npm ci":
            (cwd / "node_modules").mkdir()
        return ""

    monkeypatch.setattr(consumers, "run_quietly", pretend)
    monkeypatch.setattr(consumers.shutil, "which", lambda name: f"/usr/bin/{name}")
    return called


def test_every_wheel_is_accepted_by_its_hashes_only():
    for name in ("onnxruntime.txt", "onnxruntime-genai.txt"):
        text = (consumers.PINS / name).read_text()
        pins = re.split(r"\n(?=\w)", text)[1:]
        assert len(pins) >= 5
        assert all(re.match(r"[\w-]+==[\w.]+ \\\n    --hash=sha256:[0-9a-f]{64}", pin) for pin in pins), name
        assert "http" not in text


def test_every_package_for_node_is_accepted_by_its_hash_and_bound_to_no_registry():
    lock = json.loads((consumers.PINS / "package-lock.json").read_text())
    asked = json.loads((consumers.PINS / "package.json").read_text())["dependencies"]
    root, packages = lock["packages"].pop(""), lock["packages"]
    assert root["dependencies"] == asked
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version in asked.items())
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, f"{name} is bound to one registry"


def test_what_is_missing_is_installed_whole_and_what_is_there_is_left_alone(folder, commands):
    python = Path(sys.executable)
    assert consumers.fetch(python) == ""
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert (folder / "node" / "node_modules").is_dir()
    pip = [command for command in commands if "pip" in command]
    assert len(pip) == 2
    for command in pip:
        assert {"--no-deps", "--require-hashes", "--only-binary"} <= set(command)
        # the environment itself has no pip, and is not the one that this runs in
        inside = command[command.index("--python") + 1]
        assert os.path.commonpath([inside, folder]) == str(folder)
    (npm,) = [command for command in commands if "ci" in command]
    assert "--ignore-scripts" in npm
    done = len(commands)
    assert consumers.fetch(python) == ""
    assert len(commands) == done


def test_other_pins_or_another_python_make_it_anew(folder, commands, monkeypatch):
    python = Path(sys.executable)
    assert consumers.fetch(python) == ""
    stamp = folder / "onnxruntime" / consumers.STAMP
    stamp.write_text("of yesterday\n")
    (folder / "onnxruntime" / "old").touch()
    commands.clear()
    assert consumers.fetch(python) == ""
    assert len(commands) == 2
    assert not (folder / "onnxruntime" / "old").exists()
    monkeypatch.setattr(consumers.platform, "python_version", lambda: "3.99.0")
    commands.clear()
    assert consumers.fetch(python) == ""
    assert [command for command in commands if "venv" in command]


def test_without_the_internet_it_says_why_and_what_to_do_and_leaves_nothing_half_done(folder, commands, monkeypatch):
    def offline(command, *_, **__):
        if "venv" in command:
            Path(command[-1]).mkdir()
            return ""
        raise reporting.Refusal("pip install failed (exit code 1):\nERROR: No matching distribution found")

    monkeypatch.setattr(consumers, "run_quietly", offline)
    reason = consumers.fetch(Path("python"))
    assert "3 of 3 programs that load our exports are missing" in reason
    assert "with access to PyPI and npm" in reason
    assert "onnxruntime-genai: ERROR: No matching distribution found" in reason
    assert not any(folder.iterdir())


def test_of_all_that_npm_says_the_line_with_the_reason_is_told(folder, commands, monkeypatch):
    def offline(command, what, *_, **__):
        if what == "python -m venv":
            Path(command[-1]).mkdir()
        if what == "npm ci":
            lines = (
                "npm error code ECONNREFUSED\nnpm error FetchError: request failed, reason: refused\nnpm error A log"
            )
            raise reporting.Refusal(f"npm ci failed (exit code 1):\n{lines}")

    monkeypatch.setattr(consumers, "run_quietly", offline)
    assert "node: npm error FetchError: request failed, reason: refused" in consumers.fetch(Path("python"))


def test_without_node_only_its_programs_are_missing(folder, commands, monkeypatch):
    monkeypatch.setattr(consumers.shutil, "which", lambda _name: None)
    reason = consumers.fetch(Path("python"))
    assert "1 of 3" in reason
    assert (
        "node: Node.js is missing; install it with npm (Debian and Ubuntu: sudo apt-get install nodejs npm)" in reason
    )
    assert sorted(path.name for path in folder.iterdir()) == ["onnxruntime", "onnxruntime-genai"]
