"""start.py and test.py hand over to the program and to the checks."""

import sys
from pathlib import Path

import pytest
from script_loading import ROOT, check_script, reporting, start


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
    arguments = check_script.pytest_arguments(passed_on, fast=options.fast)
    commands = check_script.checks(Path("python"), arguments, on_screen=False)
    assert list(commands)[-1] == "pytest"
    assert commands["pytest"][2:] == [
        *["pytest", "-n", "2", "-m", "not slow"],
        *["tests/recipe", "-k", "toml"],
    ]


def test_the_window_is_driven_on_a_screen_of_its_own_by_one_process():
    commands = check_script.checks(Path("python"), ["-n", "2"], on_screen=True)
    assert list(commands)[-1] == check_script.ON_SCREEN
    command = commands[check_script.ON_SCREEN]
    assert command[0] == "xvfb-run"
    assert command[-6:] == ["env", "QT_QPA_PLATFORM=xcb", "python", "-m", "pytest", "tests/gui/on_screen"]
    assert (ROOT / command[-1]).is_dir()


@pytest.mark.parametrize(
    ("system", "xvfb", "arguments", "words"),
    [
        ("Linux", "/usr/bin/xvfb-run", [], ""),
        ("Linux", None, [], "apt-get install xvfb xauth"),
        ("Windows", None, [], "on Linux"),
        ("Darwin", "/opt/X11/bin/xvfb-run", [], "on Linux"),
        ("Linux", "/usr/bin/xvfb-run", ["tests/recipe"], "the arguments"),
        ("Linux", "/usr/bin/xvfb-run", ["--fast"], "--fast"),
    ],
)
def test_tests_on_a_screen_are_left_out_with_a_reason(monkeypatch, system, xvfb, arguments, words):
    monkeypatch.setattr(check_script.platform, "system", lambda: system)
    monkeypatch.setattr(check_script.shutil, "which", lambda _name: xvfb)
    options, passed_on = check_script.parse(arguments)
    reason = check_script.why_no_screen(passed_on, fast=options.fast)
    assert words in reason
    assert bool(reason) == bool(words)


def test_what_was_left_out_stands_in_the_summary(monkeypatch, capsys, tmp_path):
    env = check_script.environment.Environment(tmp_path)
    monkeypatch.setattr(check_script.environment, "prepare", lambda *_, **__: (env, None))
    monkeypatch.setattr(check_script.system_libraries, "ensure", lambda **_: None)
    monkeypatch.setattr(check_script, "run_all", lambda commands: ["mypy"] if "mypy" in commands else [])
    monkeypatch.setattr(sys, "argv", ["test.py", "--fast"])
    assert check_script.main() == 1
    assert "pytest on a screen   left out: --fast" in capsys.readouterr().out


@pytest.mark.parametrize("asked_for", [True, False])
def test_installers_are_built_before_they_are_tried_and_only_when_asked_for(monkeypatch, tmp_path, asked_for):
    env = check_script.environment.Environment(tmp_path)
    ran: list[str] = []
    monkeypatch.setattr(check_script.environment, "prepare", lambda *_, **__: (env, None))
    monkeypatch.setattr(check_script.system_libraries, "ensure", lambda **_: None)
    monkeypatch.setattr(check_script, "run_all", lambda commands: ran.extend(commands) or [])
    monkeypatch.setattr(check_script.build, "reasons", lambda: {"deb": "", "rpm": "", "run": ""})
    monkeypatch.setattr(sys, "argv", ["test.py", "--fast", *(["--installers"] if asked_for else [])])
    assert check_script.main() == 0
    assert ran[-2:] == ([check_script.BUILD, check_script.INSTALLED] if asked_for else ["lint-imports", "pytest"])


def test_where_no_package_can_be_built_the_reason_stands_in_the_summary(monkeypatch, capsys, tmp_path):
    env = check_script.environment.Environment(tmp_path)
    monkeypatch.setattr(check_script.environment, "prepare", lambda *_, **__: (env, None))
    monkeypatch.setattr(check_script.system_libraries, "ensure", lambda **_: None)
    monkeypatch.setattr(check_script, "run_all", lambda commands: [])
    monkeypatch.setattr(check_script.build, "reasons", lambda: {"deb": "dpkg-deb is missing"})
    monkeypatch.setattr(sys, "argv", ["test.py", "--fast", "--installers"])
    assert check_script.main() == 0
    assert "pytest on installers left out: dpkg-deb is missing" in capsys.readouterr().out


def test_only_packages_that_can_be_built_here_are_asked_of_build_py(monkeypatch, tmp_path):
    monkeypatch.setattr(check_script.build, "reasons", lambda: {"deb": "", "rpm": "", "run": "makeself is missing"})
    command = check_script.installer_checks(tmp_path)[check_script.BUILD]
    assert command[-2:] == ["deb", "rpm"]
    # Never over what was built to be released.
    assert command[command.index("--out") + 1] != str(check_script.environment.ROOT / "dist")


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


@pytest.mark.parametrize(("display", "arguments"), [("", []), ("", ["--headless"]), (":0", [])])
def test_start_says_so_when_it_falls_back_to_the_terminal(monkeypatch, capsys, tmp_path, display, arguments):
    called: list[list[str]] = []
    env = start.environment.Environment(tmp_path)
    monkeypatch.setattr(start.environment, "check_python", lambda: None)
    monkeypatch.setattr(start.environment, "prepare", lambda *_, **__: (env, False))
    monkeypatch.setattr(start.system_libraries, "ensure", lambda **_: None)
    monkeypatch.setattr(start, "hand_over", lambda command: called.append(command) or 7)
    monkeypatch.setattr(start.platform, "system", lambda: "Linux")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "argv", ["start.py", *arguments, "--set", "student.seed=3"])
    assert start.main() == 7
    (command,) = called
    opens_window = bool(display)
    assert ("workbench.app" in command) is opens_window
    assert command[-2:] == ["--set", "student.seed=3"]
    # Said only to whoever did not ask for it.
    fell_back = not opens_window and not arguments
    assert ("There is no display here" in capsys.readouterr().out) is fell_back
