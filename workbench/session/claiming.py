"""One process at a time drives a run: an OS lock, held as long as it goes on, and a file that says who holds it.

The system releases the lock of a process that was killed. Lists read the file alone, so that a reader never keeps
anybody from starting.
"""

import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.writing import disk_error, write_atomically

_CLAIM, _LOCK = "running.json", "running.lock"
# What network drives and some mounted ones say where they know no locks.
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)
# So long may a process take from the lock to its name in the file, or to see who else wrote there.
_PATIENCE, _POLL = 2.0, 0.05


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run for this process.

    Raises:
        WorkbenchError: Another process holds it, or the folder cannot be written.
    """
    claim, me = folder / _CLAIM, psutil.Process()
    mine = {"pid": me.pid, "started": me.create_time(), "token": os.urandom(8).hex()}
    with ExitStack() as held:
        is_locked = _lock(folder, held)
        if (holder := holder_of(folder)) is not None:
            # Where there are no locks, or held by a version of this program that used none.
            raise _refusal(folder, holder)
        write_atomically(claim, json.dumps(mine).encode())
        if not is_locked:
            _refuse_second(folder, mine)
        try:
            yield
        finally:
            with suppress(OSError):
                claim.unlink(missing_ok=True)


def holder_of(folder: Path) -> int | None:
    """The process that holds a run and still lives; a process number used again does not count."""
    try:
        refuse_unless_plain(folder / _CLAIM)
        content = json.loads((folder / _CLAIM).read_bytes())
        pid, started = int(content["pid"]), float(content["started"])
        alive = abs(psutil.Process(pid).create_time() - started) < 1
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, WorkbenchError, psutil.Error):
        return None
    return pid if alive else None


def _lock(folder: Path, held: ExitStack) -> bool:
    """Take the lock; False where the file system has none. Raises WorkbenchError where another process has it."""
    from filelock import FileLock, Timeout

    # Not bound to a thread: a run may be closed by another one than began it.
    lock, deadline = FileLock(folder / _LOCK, timeout=0, thread_local=False), time.monotonic() + _PATIENCE
    while True:
        try:
            lock.acquire()
        except Timeout:
            holder = holder_of(folder)
            if holder is not None or time.monotonic() > deadline:
                raise _refusal(folder, holder) from None
            time.sleep(_POLL)
        except NotImplementedError:
            return False
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return False
            raise disk_error(folder / _LOCK, error.errno, error.strerror or str(error)) from error
        else:
            held.callback(lock.release)
            return True


def _refuse_second(folder: Path, mine: dict[str, object]) -> None:
    """Of processes that write their names at the same time, the last one holds the run. Raises WorkbenchError."""
    time.sleep(4 * _POLL)
    with suppress(OSError, ValueError):
        if json.loads((folder / _CLAIM).read_bytes()) == mine:
            return
    raise _refusal(folder, holder_of(folder))


def _refusal(folder: Path, holder: int | None) -> WorkbenchError:
    by = f"process {holder}" if holder is not None else "another process"
    return WorkbenchError(f"{folder.name} is being run right now, by {by}.", "Wait for it, or stop it there.")
