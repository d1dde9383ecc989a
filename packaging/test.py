"""Make the environment where it is missing, then run every check of the project."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import environment
import system_libraries
from reporting import guarded, run_through, say

# import-linter has no `python -m`, and its script's first line breaks when the environment is moved
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())"
PROCESSES = 2


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """Read this script's own options; everything else is for pytest."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="All other arguments are passed on to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--fast", action="store_true", help="leave out the tests that are marked slow")
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


def checks(python: Path, pytest: Sequence[str]) -> dict[str, list[str]]:
    """Name the checks in the order they run: the quick ones first, pytest and its summary last."""
    run = [str(python), "-m"]
    return {
        "ruff check": [*run, "ruff", "check"],
        "ruff format --check": [*run, "ruff", "format", "--check"],
        "mypy": [*run, "mypy"],
        "lint-imports": [str(python), "-c", LINT_IMPORTS],
        "pytest": [*run, "pytest", *pytest],
    }


def check_environ() -> dict[str, str]:
    """Keep Qt off the screen, and OpenMP's idle threads from spinning against the other test process."""
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}


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
    system_libraries.ensure(tests=True)
    return 1 if run_all(checks(env.python, pytest_arguments(passed_on, fast=options.fast))) else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
