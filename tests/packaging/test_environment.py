"""The environment is made once, repaired after an interruption and skipped when current."""

import ast
import importlib.util
import sys

import pytest
from script_loading import ROOT, SCRIPTS, environment, reporting, torch_build


@pytest.fixture
def env(tmp_path):
    """Lay out a project and an environment that was completely installed for it, CPU build of torch."""
    root = tmp_path / "project"
    (root / "packaging").mkdir(parents=True)
    for name in ("packaging/locked.txt", "packaging/locked-dev.txt", "pyproject.toml"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    made = environment.Environment(tmp_path / "venv", root)
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    version = ".".join(str(part) for part in sys.version_info[:3])
    (made.folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n", encoding="utf-8")
    made.program_stamp.write_text(made.program_fingerprint(cuda=False), encoding="utf-8")
    made.dev_stamp.write_text(made.dev_fingerprint(), encoding="utf-8")
    return made


def test_a_completed_environment_is_current(env):
    assert env.program_is_current(cuda=False)
    assert env.dev_is_current()


@pytest.mark.parametrize("name", ["packaging/locked.txt", "pyproject.toml"])
def test_the_program_is_stale_once_its_lock_or_project_file_changes(env, name):
    with (env.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not env.program_is_current(cuda=False)


def test_a_changed_dev_lock_makes_only_the_test_tools_stale(env):
    env.locked_dev.write_text("pytest==1.0\n", encoding="utf-8")
    assert env.program_is_current(cuda=False)
    assert not env.dev_is_current()


def test_another_python_makes_both_parts_stale(env, monkeypatch):
    monkeypatch.setattr(sys, "version", "3.99.0 (another one)")
    assert not env.program_is_current(cuda=False)
    assert not env.dev_is_current()


def test_asking_for_cuda_makes_a_cpu_environment_stale(env):
    assert not env.program_is_current(cuda=True)


def test_a_cuda_environment_serves_a_start_that_does_not_ask_for_cuda(env):
    env.program_stamp.write_text(env.program_fingerprint(cuda=True), encoding="utf-8")
    assert env.program_is_current(cuda=False)


def test_a_vanished_interpreter_makes_the_environment_stale(env):
    env.python.unlink()
    assert not env.program_is_current(cuda=False)
    assert environment._must_be_made(env)


def test_a_changed_lock_is_installed_over_the_existing_environment(env):
    env.program_stamp.write_text("fingerprint of an older lock", encoding="utf-8")
    assert not environment._must_be_made(env)


@pytest.mark.parametrize("stamp", ["program_stamp", "dev_stamp"])
def test_an_interrupted_installation_is_started_afresh(env, stamp):
    getattr(env, stamp).write_text(environment.UNFINISHED, encoding="utf-8")
    assert environment._must_be_made(env)


def test_an_environment_of_another_python_is_started_afresh(env):
    (env.folder / "pyvenv.cfg").write_text("version = 3.11.99\n", encoding="utf-8")
    assert environment._must_be_made(env)


def test_a_folder_that_the_script_did_not_make_is_left_alone(env):
    env.program_stamp.unlink()
    with pytest.raises(reporting.Refusal, match="left alone"):
        environment._must_be_made(env)


def test_a_folder_without_a_file_is_free_to_be_used(tmp_path):
    (tmp_path / "lib").mkdir()
    assert environment._must_be_made(environment.Environment(tmp_path))


def test_making_afresh_empties_the_folder_but_keeps_the_mark_that_it_is_ours(env, monkeypatch):
    left = []
    monkeypatch.setattr(environment, "run_quietly", lambda *_: left.extend(env.folder.iterdir()))
    environment._make(env)
    assert left == [env.program_stamp]
    assert env.program_stamp.read_text(encoding="utf-8") == environment.UNFINISHED


def test_the_program_counts_as_unfinished_while_pip_runs_and_after_pip_failed(env, monkeypatch):
    seen = []

    def failing_pip(*_arguments):
        seen.append(env.program_stamp.read_text(encoding="utf-8"))
        raise reporting.Refusal("no network")

    monkeypatch.setattr(torch_build, "cpu_index_answers", lambda: False)
    monkeypatch.setattr(environment, "_pip_install", failing_pip)
    with pytest.raises(reporting.Refusal):
        environment._install_program(env, cuda=False)
    assert seen == [environment.UNFINISHED]
    assert environment._must_be_made(env)


def test_torch_is_installed_before_the_libraries_and_the_program_last(env, monkeypatch):
    calls = []
    monkeypatch.setattr(torch_build, "cpu_index_answers", lambda: False)
    monkeypatch.setattr(environment, "_pip_install", lambda _env, *arguments: calls.append(arguments))
    environment._install_program(env, cuda=False)
    assert calls[0][0] == f"torch=={torch_build.pinned_version(env.locked)}"
    assert calls[0][-2:] == ("--constraint", env.locked)
    assert calls[1] == ("--no-deps", "-r", env.locked)
    assert calls[2][-2:] == ("--editable", env.root)
    assert env.program_is_current(cuda=False)


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 8, 0), (2, 7, 18)])
def test_a_python_older_than_3_11_is_refused_with_a_sentence(version):
    with pytest.raises(reporting.Refusal, match=r"Python 3\.11 or newer is needed; this is Python"):
        environment.check_python(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1)])
def test_python_3_11_and_later_are_accepted(version):
    environment.check_python(version)


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.name)
def test_an_old_python_can_read_the_script_far_enough_to_refuse(script):
    tree = ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 8))
    assert isinstance(tree.body[1], ast.ImportFrom)
    assert tree.body[1].module == "__future__"  # or it would stumble over `X | None`


def test_a_python_without_ensurepip_is_told_the_debian_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(reporting.Refusal, match="apt install python3-venv"):
        environment.check_venv()
