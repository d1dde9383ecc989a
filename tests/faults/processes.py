"""The program's command line in processes forked from one that has imported it, each with a fault of its own.

Starting Python with torch takes seconds; a fork takes milliseconds. Nothing may have been computed before: the
threads of OpenMP do not survive a fork, so the process that forks only imports.
"""

import atexit
import contextlib
import importlib
import logging
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faults.layer import Fault, arm


@dataclass
class Child:
    """A forked process; `code` as subprocess has it: negative for a signal."""

    pid: int
    output: Path
    code: int | None = None
    ended: float = 0.0

    def wait(self) -> int:
        """Wait for its end. Ends this program where it only stops, which nobody asked for."""
        while self.code is None:
            self.look(os.WUNTRACED)
        return self.code

    def wait_until_stopped(self) -> bool:
        """Wait until the layer stops it, and tell whether it did; else it is over."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        self._over(status)
        return False

    def look(self, flags: int = os.WNOHANG) -> bool:
        """Whether it is over."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, flags)
            if pid and not os.WIFSTOPPED(status):
                self._over(status)
        return self.code is not None

    def send(self, number: int) -> None:
        """Send a signal, unless it is over."""
        if not self.look():
            os.kill(self.pid, number)

    @property
    def text(self) -> str:
        """What it printed."""
        return self.output.read_text(errors="replace")

    def _over(self, status: int) -> None:
        self.code, self.ended = os.waitstatus_to_exitcode(status), time.monotonic()


def forked(work: Callable[[], object], output: Path) -> Child:
    """A process that does one thing and ends; what it prints goes to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Child(pid, output)
    code = 1
    try:
        # A group of its own: where a process of a group stands still, the end of its shell would end them all.
        os.setpgid(0, 0)
        # Temporary folders of the process that forked are not this one's to remove.
        weakref.finalize._registry.clear()  # type: ignore[attr-defined]
        target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, 1)
        os.dup2(target, 2)
        try:
            work()
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        except BaseException:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        with contextlib.suppress(OSError):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code)


def program(
    words: Sequence[str],
    home: Path,
    output: Path,
    watched: Path,
    *,
    fault: Fault,
    log: Path,
    gate: int | None = None,
    modules: Path | None = None,
) -> Child:
    """The command line with its own home and folder for temporary files.

    Args:
        words: Its arguments.
        home: Its home.
        output: Takes what it prints.
        watched: The fault happens to files below this folder.
        fault: What happens.
        log: Takes what it does to files.
        gate: A pipe: a byte from it lets the process begin.
        modules: Takes the names of all modules that it has imported in the end.
    """

    def work() -> None:
        temporary = home.parent / "tmp"
        temporary.mkdir(exist_ok=True)
        os.environ |= {"DISTILLATION_WORKBENCH_HOME": str(home), "TMPDIR": str(temporary)}
        os.environ.pop("LD_PRELOAD", None)
        sys.argv = ["distillation-workbench", *words]
        from workbench.__main__ import main

        if gate is not None:
            os.read(gate, 1)
        arm(watched, fault, log)
        try:
            main()
        finally:
            if modules is not None:
                modules.write_text("\n".join(list(sys.modules)))

    return forked(work, output)


def import_what_it_imports(list_of_modules: Path) -> None:
    """Import what another process had imported in the end, so that no later one has to."""
    for name in list_of_modules.read_text().split():
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    # Some module sets up logging, which the program keeps it from.
    logging.getLogger().handlers.clear()
    logging.getLogger().setLevel(logging.WARNING)


def kill(child: Child) -> bool:
    """SIGKILL, and whether it came in time."""
    child.send(signal.SIGKILL)
    return child.wait() == -signal.SIGKILL
