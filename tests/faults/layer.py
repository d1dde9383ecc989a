"""The layer that makes file operations fail, stop or kill: layer.c, compiled here and loaded with LD_PRELOAD."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

_LOADED = "FAULT_LAYER"


class Counted(IntFlag):
    """Which operations count."""

    READS = 1
    CHANGES = 2
    PRINTS = 4


_KINDS = {"print": Counted.PRINTS, "read": Counted.READS, "open-to-read": Counted.READS}


class Action(IntEnum):
    """What happens at the operation that was chosen; `HALF` means half of what was to be written."""

    NOTHING = 0
    FAIL = 1
    SHORT_WRITE = 2
    STOP = 3
    KILL_BEFORE = 4
    KILL_AFTER = 5
    KILL_AFTER_HALF = 6


@dataclass(frozen=True)
class Fault:
    """What happens, and where.

    Attributes:
        action: What happens.
        match: Only operations whose line, such as "write /folder/file" or "print …", contains this.
        at: From this one of them on, counted from 1.
        times: So often; 0 means from then on, and to all files.
        code: The errno, for `FAIL`.
        counted: Which operations count.
    """

    action: Action = Action.NOTHING
    match: str = ""
    at: int = 1
    times: int = 1
    code: int = 0
    counted: Counted = Counted.CHANGES


NO_FAULT = Fault()


@dataclass(frozen=True)
class Operation:
    """A line of the log: who did what and when, in seconds of the monotonic clock, and its number if it counted."""

    process: int
    seconds: float
    number: int
    words: str

    @property
    def kind(self) -> Counted:
        """Which kind it is."""
        return _KINDS.get(self.words.partition(" ")[0], Counted.CHANGES)


def unavailable() -> str:
    """Why the layer cannot be used here; empty where it can."""
    if not sys.platform.startswith("linux"):
        return "The layer between a program and its files is made for Linux (LD_PRELOAD)."
    return "" if shutil.which("gcc") else "gcc is missing, which compiles tests/faults/layer.c: apt install gcc"


def load_layer() -> None:
    """Start this Python anew with the layer, unless it is there already; what is forked later has it too."""
    if _LOADED in os.environ:
        return
    library = Path(tempfile.mkdtemp(prefix="fault-layer-")) / "layer.so"
    source = Path(__file__).with_name("layer.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)  # noqa: S607
    added = {_LOADED: str(library), "LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    os.execve(sys.executable, sys.orig_argv, os.environ | added)  # noqa: S606 - the same program once more


def unload_library() -> None:
    """Remove the compiled library; processes that have it keep it."""
    shutil.rmtree(Path(os.environ[_LOADED]).parent, ignore_errors=True)


def arm(folder: Path, fault: Fault, log: Path) -> None:
    """From now on, in this process: log what happens under a folder, and let the fault happen."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    function = ctypes.CDLL(None).layer_arm
    function.argtypes = [ctypes.c_char_p] * 2 + [ctypes.c_int] * 3 + [ctypes.c_long] * 2 + [ctypes.c_int]
    function(
        os.fsencode(folder),
        fault.match.encode(),
        fault.action,
        fault.code,
        fault.counted,
        fault.at,
        fault.times,
        descriptor,
    )


def operations(log: Path) -> Iterator[Operation]:
    """What was logged, in order."""
    if not log.exists():
        return
    for line in log.read_text(errors="replace").splitlines():
        process, seconds, number, words = line.split(" ", 3)
        yield Operation(int(process), float(seconds), int(number), words)
