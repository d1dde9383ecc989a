"""A process that opens malformed files one after the other, and watches what that does to it.

Run as `python -m malformed.worker`: a line of JSON comes in for each case, and two go out: made, done.
"""

import faulthandler
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from malformed.case import ACCEPTED, REFUSED, WARNED, Case, Outcome
from malformed.limits import limit_memory, own_time, warm_up

if sys.platform != "win32":
    import resource

NOBODY = 65534
_SUSPECT = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "socket.connect",
    "socket.getaddrinfo",
)


class _Watch:
    """Hears of processes and connections while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.heard: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and event in _SUSPECT:
            self.heard.append(f"{event}{arguments!r}"[:300])

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        """Listen for as long as it lasts."""
        self.heard, self.is_on = [], True
        try:
            yield self.heard
        finally:
            self.is_on = False


def main() -> None:
    """Answer until the other side closes."""
    faulthandler.enable()
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    watch = _Watch()
    warm_up()
    limit_memory()
    _say(answers, {"ready": True})
    for line in sys.stdin:
        _answer(json.loads(line), answers, watch)


def _answer(asked: dict[str, str], answers: TextIO, watch: _Watch) -> None:
    from malformed.corpus import find

    case = find(asked["family"], asked["case"])
    if asked["role"]:
        case = replace(case, door=asked["role"])
    root = Path(asked["root"])
    folder = root / "case"
    folder.mkdir(parents=True)
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "note.txt").write_text("nobody may touch what lies here")
    # Whoever has no privileges may keep decoded data, too.
    (root / "cache").mkdir()
    (root / "cache").chmod(0o777)
    path = case.make(folder)
    _say(answers, {"made": True})
    _say(answers, asdict(_open(case, path, folder, watch)))


def _open(case: Case, path: Path, folder: Path, watch: _Watch) -> Outcome:
    before, held = _snapshot(folder.parent), _resident(reset=True)
    start, busy = time.perf_counter(), time.process_time()
    with watch.on() as heard, _privileges(case):
        result, message = _through_the_door(case, path, folder)
    seconds = own_time(time.perf_counter() - start, time.process_time() - busy)
    extra = _resident(peak=True) - held
    after = _snapshot(folder.parent)
    written = sorted(str(name) for name in after.keys() | before.keys() if after.get(name) != before.get(name))
    name = case.names or path.name
    return Outcome(
        result, message, name, seconds, extra, tuple(written), tuple(heard), _good_file(folder.parent / "good")
    )


def _through_the_door(case: Case, path: Path, folder: Path) -> tuple[str, str]:
    from malformed.doors import DOORS
    from malformed.roles import ROLES
    from workbench.errors import WorkbenchError

    try:
        told = (DOORS | ROLES)[case.door](case, path, folder)
    except WorkbenchError as error:
        return REFUSED, str(error)
    except Exception as error:
        return f"{type(error).__name__}", f"{error!s:.2000} at {_place_of(error)}"
    return (WARNED, "\n".join(told)) if told else (ACCEPTED, "")


def _place_of(error: BaseException) -> str:
    """Where in the program an error came through."""
    places, trace = [], error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        places.append(f"{Path(file).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-8:])


def _good_file(folder: Path) -> str:
    """What is wrong with opening a file that is whole; empty when nothing is."""
    from malformed.doors import use
    from malformed.good import own_checkpoint
    from workbench.engine import checkpoints

    try:
        folder.mkdir()
        (folder / "good.safetensors").write_bytes(own_checkpoint())
        use(checkpoints.load(folder / "good.safetensors"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ""


@contextmanager
def _privileges(case: Case) -> Iterator[None]:
    """Nobody's, for what a superuser would not notice."""
    drop = case.without_privileges and hasattr(os, "geteuid") and os.geteuid() == 0
    if drop:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if drop:
            os.seteuid(0)


def _snapshot(root: Path) -> dict[Path, tuple[int, ...]]:
    """What lies in the case's folders, in the person's own folder and among temporary files; caches may change."""
    found = {}
    for top in (root, Path.home(), Path(tempfile.gettempdir())):
        for folder, folders, files in os.walk(top):
            if Path(folder) == root and "cache" in folders:
                folders.remove("cache")
            for name in (*folders, *files):
                status = (Path(folder) / name).lstat()
                # The time of a folder changes with what lies in it, which is listed itself.
                times = () if (Path(folder) / name).is_dir() else (status.st_mtime_ns, status.st_ctime_ns)
                found[Path(folder) / name] = (status.st_mode, status.st_size if times else 0, *times)
    return found


def _resident(*, reset: bool = False, peak: bool = False) -> int:
    """Bytes in memory, now or at most since the last reset."""
    status = Path("/proc/self/status")
    if sys.platform == "win32":
        return 0
    if not status.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    word = "VmHWM:" if peak else "VmRSS:"
    line = next(line for line in status.read_text().splitlines() if line.startswith(word))
    return int(line.split()[1]) * 1024


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
