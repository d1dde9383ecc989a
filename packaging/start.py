"""Make the environment where it is missing, then start Distillation Workbench."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import environment
import system_libraries
from reporting import guarded, run_through

APP = environment.ROOT / "workbench" / "app.py"
EXAMPLE = environment.ROOT / "resources" / "examples" / "hinton-mnist" / "student.toml"


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """Read this script's own options; everything else is for the program."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="All other arguments are passed on to the program.",
        allow_abbrev=False,  # an option of the program must not be taken for a short form of one of these
    )
    parser.add_argument("--headless", action="store_true", help="open no window, train in the terminal")
    parser.add_argument("--cuda", action="store_true", help="install the CUDA build of torch")
    parser.add_argument(
        "--venv",
        type=Path,
        default=environment.ROOT / ".venv",
        metavar="DIR",
        help="folder of the environment (default: .venv in the project)",
    )
    return parser.parse_known_args(arguments)


def wants_window(*, headless: bool) -> bool:
    """Tell whether to open the window: it exists, it was not declined, and there is a display for it."""
    if headless or not APP.is_file():
        return False
    if platform.system() in {"Windows", "Darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def program_command(python: Path, *, window: bool, passed_on: Sequence[str]) -> list[str]:
    """Say how the program is called; headless, it trains the example."""
    if window:
        return [str(python), "-m", "workbench.app", *passed_on]
    example = os.path.relpath(EXAMPLE) if Path.cwd() == environment.ROOT else str(EXAMPLE)
    return [str(python), "-m", "workbench", "run", example, *passed_on]


def hand_over(command: list[str]) -> int:
    """Run the program in place of this script, so that signals and exit codes are its own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - there is no shell to be wanted
    exit_code, _ = run_through(command)  # on Windows exec would give the prompt back at once
    return exit_code


def main() -> int:
    """Prepare, then hand over."""
    environment.check_python()
    options, passed_on = parse()
    env, installed = environment.prepare(options.venv, dev=False, cuda=options.cuda)
    window = wants_window(headless=options.headless)
    if not window and not options.headless:
        print("There is no display here, so the example is trained in the terminal (as with --headless).", flush=True)
    if installed or window:
        system_libraries.ensure(tests=False)
    return hand_over(program_command(env.python, window=window, passed_on=passed_on))


if __name__ == "__main__":
    sys.exit(guarded(main))
