"""start.py and test.py hand over to the program and to the checks."""

import sys
from pathlib import Path

import pytest
from script_loading import check_script, reporting, start


def test_start_passes_on_what_it_does_not_know_itself():
    options, passed_on = start.parse(["--headless", "--steps", "20", "--cud", "x.toml"])
    assert options.headless
    assert not options.cuda
    assert passed_on == ["--steps", "20", "--cud", "x.toml"]


def test_headless_start_trains_the_example_with_what_was_passed_on():
    command = start.program_command(Path("python"), window=False, passed_on=["--steps", "20"])
    assert command[:4] == ["python", "-m", "workbench", "run"]
    assert Path(command[4]).resolve() == start.EXAMPLE
    assert command[5:] == ["--steps", "20"]


def test_headless_start_wants_no_window(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "APP", tmp_path / "app.py")
    monkeypatch.setenv("DISPLAY", ":0")
    assert not start.wants_window(headless=False)  # there is none yet
    start.APP.touch()
    assert start.wants_window(headless=False)
    assert not start.wants_window(headless=True)


def test_pytest_comes_last_with_the_arguments_that_were_passed_on():
    options, passed_on = check_script.parse(["--fast", "tests/recipe", "-k", "toml"])
    commands = check_script.checks(Path("python"), check_script.pytest_arguments(passed_on, fast=options.fast))
    assert list(commands)[-1] == "pytest"
    assert commands["pytest"][2:] == [
        *["pytest", "-n", "2", "-m", "not slow"],
        *["tests/recipe", "-k", "toml"],
    ]


def test_every_check_runs_and_the_failed_ones_are_named(capfd):
    failed = check_script.run_all(
        {
            "first": [sys.executable, "-c", "raise SystemExit(3)"],
            "second": [sys.executable, "-c", "print('1 passed in 0.01s')"],
        }
    )
    output = capfd.readouterr().out
    assert failed == ["first"]
    assert "\n1 passed in 0.01s\n" in output
    assert "FAILED, exit code 3" in output


def test_a_refusal_becomes_a_sentence_and_an_exit_code(capsys):
    def refuse():
        raise reporting.Refusal("This cannot be.")

    def interrupt():
        raise KeyboardInterrupt

    assert reporting.guarded(refuse) == 1
    assert reporting.guarded(interrupt) == reporting.INTERRUPTED
    assert capsys.readouterr().err.startswith("This cannot be.\nInterrupted.")


def test_a_command_that_fails_shows_what_it_printed():
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(2)"]
    with pytest.raises(reporting.Refusal, match=r"(?s)pip install failed \(exit code 2\).*the reason"):
        reporting.run_quietly(command, "pip install")


def test_the_marker_that_fast_leaves_out_is_registered(pytestconfig):
    names = [line.split(":")[0] for line in pytestconfig.getini("markers")]
    assert "slow" in names, "add it to `markers` in pyproject.toml, or pytest refuses `-m 'not slow'`"
