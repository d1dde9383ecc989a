"""What the program does to a computer, seen by strace: python tests/faults/trace.py [--install]

Traces the start of the window, a run of each task and an export, each with a home folder of its own and without
DISTILLATION_WORKBENCH_HOME; with --install first packaging/start.py in a fresh clone. Prints, as Markdown tables:
which addresses each connected to and which names it looked up, where it wrote and what of that it left, and what it
read outside of its own files.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    # Not the folder of this file, whose names are also those of other modules.
    sys.path[:1] = [str(_ROOT / "tests"), str(_ROOT)]

_CALLS = (
    "execve,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,symlink,symlinkat,link,linkat,"
    "connect,bind,sendto,sendmmsg"
)
_CALL = re.compile(r"^\d+ +(\w+)\((.*)")
_PATH = re.compile(r'(?:^|[ >])"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")
_INTERNET = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')
_UNIX = re.compile(r'sun_path=@?"([^"]+)"')
_QUESTION = re.compile(r'iov_base="[^"]*?(?:\\0){6}((?:\\(?:[0-7]{1,3}|[abfnrtv])[a-z0-9_-]+)+)\\0\\0')
_LABEL = re.compile(r"\\(?:[0-7]{1,3}|[abfnrtv])([a-z0-9_-]+)")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
_WINDOW = """
import workbench.app as app

def build(*arguments, **settings):
    window = made(*arguments, **settings)
    window.ready.connect(window.leave)
    return window

made, app.build = app.build, build
app.main([])
"""


@dataclass
class Traced:
    """What one phase did."""

    name: str
    addresses: Counter[str] = field(default_factory=Counter)
    looked_up: set[str] = field(default_factory=set)
    written: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    left: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Places:
    """Folders whose names differ from computer to computer, and what they are called in the table."""

    names: tuple[tuple[str, str], ...]

    def short(self, path: str) -> str:
        """A path by where it lies; file names and random parts of temporary names are left out."""
        for folder, name in self.names:
            if path == folder or path.startswith(f"{folder}/"):
                rest = path[len(folder) :].strip("/").split("/")
                return "/".join([name, *rest[: 3 if name == "~" else 0]])
        parts = path.strip("/").split("/")
        if parts[0] == "tmp":
            return "/tmp/" + re.sub(r"[a-z0-9_]{8,}$|\d{3,}", "…", parts[1] if len(parts) > 1 else "")  # noqa: S108
        return "/" + "/".join(parts[:2])


def trace(name: str, command: list[str], home: Path, places: Places, work: Path) -> Traced:
    """Run a command under strace; it must succeed, or end as its name says."""
    log = work / "strace.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "DISTILLATION_"))}
    environment |= {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}
    before = set(Path(tempfile.gettempdir()).iterdir())
    words = ["strace", "-f", "-qq", "-y", "--seccomp-bpf", "-s", "400", "-e", f"trace={_CALLS}", "-o", str(log)]
    done = subprocess.run([*words, *command], cwd=work, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name} ended with {done.returncode}: {done.stderr[-600:]}", file=sys.stderr)
    traced = Traced(name)
    with log.open(errors="replace") as lines:
        read(lines, traced, places)
    traced.left = {places.short(str(path)) for path in set(Path(tempfile.gettempdir()).iterdir()) - before}
    traced.left |= {places.short(str(path)) for path in home.rglob("*") if path.is_file()}
    traced.left &= set(traced.written)
    return traced


def read(lines: Iterable[str], traced: Traced, places: Places) -> None:
    """Note what is in the lines of strace."""
    for line in lines:
        found = _CALL.match(line)
        if not found:
            continue
        call, rest = found.groups()
        if call in ("sendto", "sendmmsg"):
            traced.looked_up |= {".".join(_LABEL.findall(name)) for name in _QUESTION.findall(rest)}
        elif call in ("connect", "bind"):
            _note_address(call, rest, traced)
        elif " = -1 " not in rest:
            _note_file(call, rest, traced, places)


def _note_address(call: str, rest: str, traced: Traced) -> None:
    if internet := _INTERNET.search(rest):
        traced.addresses[f"{internet[2]} port {internet[1]}{' (listens)' if call == 'bind' else ''}"] += 1
    elif unix := _UNIX.search(rest):
        traced.addresses[f"socket {unix[1]}"] += 1


def _note_file(call: str, rest: str, traced: Traced, places: Places) -> None:
    paths = _PATH.findall(rest)
    if call == "execve":
        traced.read[f"runs {Path(paths[0]).name}"] += 1
        return
    if not paths:
        return
    path = paths[-1] if call.startswith(("rename", "symlink", "link")) else paths[0]
    folder = _FOLDER.match(rest)
    path = os.path.normpath(os.path.join(folder[1] if folder else "", path))  # noqa: PTH118 - may not exist any more
    if path.startswith(("/proc", "/dev")):
        path = re.sub(r"\d+", "N", path)
    is_write = not call.startswith("open") or bool(_WRITES.search(rest))
    (traced.written if is_write else traced.read)[places.short(path)] += 1


def phases(work: Path, *, install: bool) -> list[Traced]:
    """Every phase in order, with one home."""
    home = work / "home"
    home.mkdir()
    if install:
        places = _places(home, work, work / "clone")
        subprocess.run(["git", "clone", "-q", str(_ROOT), str(work / "clone")], check=True)  # noqa: S607
        # An option that the program refuses: installed is everything, and nothing is trained.
        start = ["python3", str(work / "clone" / "packaging" / "start.py"), "--headless", "--no-such-option"]
        return [trace("install", start, home, places, work), *_of_the_program(work, home)]
    return _of_the_program(work, home)


def _of_the_program(work: Path, home: Path) -> list[Traced]:
    from faults.trials import Workshop

    places = _places(home, work, _ROOT)
    program = [sys.executable, "-m", "workbench"]
    found = [trace("window", [sys.executable, "-c", _WINDOW], home, places, work)]
    with Workshop(work / "workshop").written() as workshop:
        for task in workshop.tasks:
            if task.exports:
                command = [*program, "run", str(task.recipe), "--device", "cpu"]
                found.append(trace(f"run, {task.name}", command, home, places, work))
        run = max(home.rglob("run.sqlite"), key=lambda path: path.stat().st_mtime).parent
        command = [*program, "export", str(run), "--onnx", str(work / "exported")]
        found.append(trace("export", command, home, places, work))
    return found


def _places(home: Path, work: Path, program: Path) -> Places:
    own = {str(program): "the program's folder", sys.prefix: "the program's folder", sys.base_prefix: "Python's folder"}
    pairs = [(str(home), "~"), *own.items(), (str(work), "named by the person"), (str(_ROOT), "the program's folder")]
    return Places(tuple(pairs))


def report(found: list[Traced]) -> None:
    """Print the tables."""
    print("| phase | names looked up | addresses |\n|---|---|---|")
    for each in found:
        addresses = ", ".join(f"{address} ({count})" for address, count in sorted(each.addresses.items()))
        print(f"| {each.name} | {', '.join(sorted(each.looked_up)) or 'none'} | {addresses or 'none'} |")
    for title, chosen in (("written", "written"), ("read", "read")):
        print(f"\n| phase | {title} (operations){'; † is left' if title == 'written' else ''} |\n|---|---|")
        for each in found:
            counts: Counter[str] = getattr(each, chosen)
            words = [f"{place}{' †' if place in each.left else ''} ({count})" for place, count in counts.most_common()]
            print(f"| {each.name} | {', '.join(words) or 'nothing'} |")


def main() -> None:
    """Trace, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="also trace an installation, which takes minutes")
    options = parser.parse_args()
    if shutil.which("strace") is None:
        sys.exit("strace is missing: apt install strace")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with tempfile.TemporaryDirectory(prefix="trace-") as work:
        report(phases(Path(work), install=options.install))


if __name__ == "__main__":
    main()
