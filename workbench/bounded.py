"""A function in a child process with limits of time and memory, for what a file of a stranger might never end."""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import psutil

from workbench.errors import WorkbenchError

# How often memory is looked at: in this time a process can fill some tens of megabytes.
_INTERVAL = 0.02
# Starting Python and importing libraries, on a slow disk.
_LONGEST_START = 120.0
# Address space that a process reserves and never fills, such as the stacks of its threads.
_RESERVED = 2 * 2**30


class LimitError(Exception):
    """The child was ended.

    Attributes:
        reason: In words, after the name of what was done: "took more than 8 s".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def bounded(
    function: Callable[..., Any],
    *arguments: Any,
    seconds: float,
    memory: int,
    prepare: Callable[[], object] = int,
    cancelled: Callable[[], object] = int,
) -> Any:
    """What a function gives, asked in a child process that is ended at its limits.

    It works in a packaged program too, where `workbench.frozen.settle` turns the child into one.

    Args:
        function: Of a module; what it gives is passed on as JSON. Its module should import little.
        arguments: Anything that can be pickled.
        seconds: Most time; starting the process and `prepare` are not counted.
        memory: Most bytes beyond what is held after `prepare`.
        prepare: Imports what the function needs.
        cancelled: Called every few milliseconds; what it raises ends the child.

    Raises:
        LimitError: A limit was reached, or the child ended without an answer.
        WorkbenchError: The function raised it.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(theirs, memory, prepare, function, arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        _wait(ours, child.pid, _LONGEST_START, sys.maxsize, cancelled)
        _received(ours, child)
        _wait(ours, child.pid, seconds, memory, cancelled)
        kind, told = _received(ours, child)
    finally:
        ours.close()
        child.kill()
        child.join()
    if kind == "refused":
        raise WorkbenchError(*told)
    if kind == "failed":
        raise LimitError(told)
    return told


def _wait(pipe: Connection, pid: int | None, seconds: float, memory: int, cancelled: Callable[[], object]) -> None:
    """Until there is an answer. Raises LimitError at a limit."""
    end = time.monotonic() + seconds
    held = _resident(pid)
    while not pipe.poll(_INTERVAL):
        cancelled()
        if time.monotonic() > end:
            raise LimitError(f"took more than {seconds:,.0f} s")
        if _resident(pid) - held > memory:
            raise LimitError(f"took more than {memory / 2**20:,.0f} MiB of memory")


def _resident(pid: int | None) -> int:
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _received(pipe: Connection, child: Any) -> tuple[str, Any]:
    try:
        # JSON and no pickle: a child that a file took over must not take over this process.
        kind, told = json.loads(pipe.recv_bytes())
    except (EOFError, OSError):
        child.join(1)
        raise LimitError(f"ended the process that did it (exit code {child.exitcode})") from None
    return kind, told


def _serve(
    pipe: Connection,
    memory: int,
    prepare: Callable[[], object],
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    """The child: ready, then the answer."""
    # Libraries print what they think of a broken file; the parent has the words.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    prepare()
    _limit_memory(memory)
    _answer(pipe, "ready", None)
    try:
        _answer(pipe, "done", function(*arguments))
    except WorkbenchError as error:
        _answer(pipe, "refused", (error.title, error.hint, error.details))
    except MemoryError:
        _answer(pipe, "failed", f"took more than {memory / 2**20:,.0f} MiB of memory")


def _answer(pipe: Connection, kind: str, told: Any) -> None:
    pipe.send_bytes(json.dumps([kind, told]).encode())


def _limit_memory(memory: int) -> None:
    """One allocation beyond all limits fails at once; smaller ones are seen by the parent. Only Linux keeps to it."""
    if sys.platform == "linux":
        import resource

        most = psutil.Process().memory_info().vms + memory + _RESERVED
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
