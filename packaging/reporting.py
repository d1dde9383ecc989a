"""What the packaging scripts say while they work, and how they run other programs."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

INTERRUPTED = 130  # what shells expect after Ctrl+C


class Refusal(Exception):  # noqa: N818 - not a fault of the program
    """A reason to stop, written for the person at the keyboard."""


def say(sentence: str) -> None:
    """Print one line at once, also into a pipe, so that it stands before what a child prints."""
    print(sentence, flush=True)


@contextlib.contextmanager
def phase(label: str) -> Iterator[None]:
    """Announce a piece of work on one line and end that line with the time it took."""
    print(f"{label} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f" {time.monotonic() - start:.1f} s")


def run_quietly(
    command: Sequence[str | Path], what: str, environ: Mapping[str, str] | None = None, *, cwd: Path | None = None
) -> str:
    """Run a command in silence and return what it printed.

    Raises:
        Refusal: when it fails, with everything it printed.
    """
    result = subprocess.run(
        command,
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise Refusal(f"{what} failed (exit code {result.returncode}):\n{result.stdout.strip()}")
    return result.stdout


def run_through(
    command: Sequence[str | Path], cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[int, bool]:
    """Run a command that talks to the terminal itself.

    Ctrl+C reaches the command through the terminal; this process only waits until it has ended, so that
    its last words and its exit code are not lost.

    Returns:
        Its exit code, and whether Ctrl+C was pressed meanwhile.
    """
    interrupted = False
    with subprocess.Popen(command, cwd=cwd, env=environ) as child:
        while True:
            try:
                return child.wait(), interrupted
            except KeyboardInterrupt:
                interrupted = True


def guarded(main: Callable[[], int]) -> int:
    """Run a script's main function and turn refusals and Ctrl+C into a sentence and an exit code."""
    try:
        return main()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What is unfinished will be repaired at the next start.", file=sys.stderr)
        return INTERRUPTED
