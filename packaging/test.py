"""Make the environment where it is missing, then run every check of the project."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import build
import consumers
import environment
import real_checkpoints
import system_libraries
from reporting import guarded, run_through, say

# import-linter has no `python -m`, and its script's first line breaks when the environment is moved
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())"
PROCESSES = 2
ON_SCREEN = "pytest on a screen"
BUILD, INSTALLED = "build.py", "pytest on installers"
# not where releases are built: what is packed fast is larger
DIST = environment.ROOT / "build" / "dist"
# where tests/installers finds what was built
DIST_NAMED = "DISTILLATION_WORKBENCH_DIST"
# a screen of its own: these tests move the mouse, which may not be that of whoever sits there
XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """Read this script's own options; everything else is for pytest."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="All other arguments are passed on to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="leave out the tests that are marked slow")
    parser.add_argument(
        "--installers",
        action="store_true",
        help="also build the packages for Linux, and try them in bare systems (root, and 15 minutes more)",
    )
    parser.add_argument(
        "--venv",
        type=Path,
        default=environment.ROOT / ".venv",
        metavar="DIR",
        help="folder of the environment (default: .venv in the project)",
    )
    return parser.parse_known_args(arguments)


def pytest_arguments(passed_on: Sequence[str], *, fast: bool) -> list[str]:
    """Complete what was asked of pytest; what comes later on its command line wins."""
    return ["-n", str(PROCESSES), *(["-m", "not slow"] if fast else []), *passed_on]


def why_no_screen(passed_on: Sequence[str], *, fast: bool) -> str:
    """Say why the tests that drive the window on a screen are left out, and what lets them run; empty if they run."""
    if fast:
        return "--fast asks for the short tests only"
    if passed_on:
        return "the arguments for pytest ask for other tests"
    if platform.system() != "Linux":
        return "they need a virtual X server; run them on Linux, or under WSL"
    if shutil.which(XVFB[0]) is None:
        return "xvfb-run is missing; install Xvfb (Debian and Ubuntu: sudo apt-get install xvfb xauth)"
    return ""


def checks(python: Path, pytest: Sequence[str], *, on_screen: bool) -> dict[str, list[str]]:
    """Name the checks in the order they run: the quick ones first, pytest and its summaries last."""
    run = [str(python), "-m"]
    commands = {
        "ruff check": [*run, "ruff", "check"],
        "ruff format --check": [*run, "ruff", "format", "--check"],
        "mypy": [*run, "mypy"],
        "lint-imports": [str(python), "-c", LINT_IMPORTS],
        "pytest": [*run, "pytest", *pytest],
    }
    if on_screen:
        # one process: there is one mouse
        commands[ON_SCREEN] = [*XVFB, "env", "QT_QPA_PLATFORM=xcb", *run, "pytest", "tests/gui/on_screen"]
    return commands


def why_no_installers(*, asked_for: bool) -> str:
    """Say why nothing that people install is built and tried; empty if it is."""
    if not asked_for:
        return "nobody asked for it"
    return build.reasons()["deb"]


def installer_checks(python: Path) -> dict[str, list[str]]:
    """Name the checks of what people install: build it, then try it where nothing else is."""
    targets = [name for name in ("deb", "rpm", "run") if not build.reasons()[name]]
    return {
        BUILD: [
            sys.executable,
            str(environment.ROOT / "packaging" / "build.py"),
            "--fast",
            "--out",
            str(DIST),
            *targets,
        ],
        # a file at a time: its tests share a bare system; lintian alone may take minutes
        INSTALLED: [
            *("env", f"{DIST_NAMED}={DIST}", str(python), "-m", "pytest", "--timeout=900"),
            *("-n", str(PROCESSES), "--dist", "loadfile"),
            *("--durations=0", "--durations-min=5", "tests/installers"),
        ],
    }


def check_environ() -> dict[str, str]:
    """Keep Qt off the screen, and OpenMP's idle threads from spinning against the other test process."""
    named = {module.NAMED: str(module.folder_of_all()) for module in (real_checkpoints, consumers)}
    return {**os.environ, **named, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}


def fetched(python: Path) -> dict[str, str]:
    """Fetch what only some tests need; for each that is missing, why."""
    reasons = {"real checkpoints": real_checkpoints.fetch(python), "other programs": consumers.fetch(python)}
    return {what: reason for what, reason in reasons.items() if reason}


def run_all(commands: dict[str, list[str]]) -> list[str]:
    """Run every check, also after one has failed, and return the names of those that failed."""
    lines, failed = [], []
    for name, command in commands.items():
        say(f"\n== {name}")
        start = time.monotonic()
        exit_code, interrupted = run_through(command, environment.ROOT, check_environ())
        if interrupted:
            raise KeyboardInterrupt
        seconds = time.monotonic() - start
        say(f"== {name} took {seconds:.1f} s")
        verdict = "passed" if exit_code == 0 else f"FAILED, exit code {exit_code}"
        lines.append(f"   {name:<20} {seconds:6.1f} s  {verdict}")
        if exit_code != 0:
            failed.append(name)
    say("\n== Summary")
    say("\n".join(lines))
    return failed


def main() -> int:
    """Prepare, check, and fail if any check failed."""
    environment.check_python()
    options, passed_on = parse()
    env, _ = environment.prepare(options.venv, dev=True, cuda=False)
    system_libraries.ensure(tests=True, installers=options.installers)
    # whatever is missing only leaves out tests: without the internet everything else is still to be checked
    missing = {} if options.fast else fetched(env.python)
    why_not = why_no_screen(passed_on, fast=options.fast)
    arguments = pytest_arguments(passed_on, fast=options.fast)
    commands = checks(env.python, arguments, on_screen=not why_not)
    no_installers = why_no_installers(asked_for=options.installers)
    if not no_installers:
        commands |= installer_checks(env.python)
    failed = run_all(commands)
    if why_not:
        say(f"   {ON_SCREEN:<20} left out: {why_not}")
    if options.installers and no_installers:
        say(f"   {INSTALLED:<20} left out: {no_installers}")
    for what, reason in missing.items():
        say(f"   {what:<20} {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
