"""What a bad disk does to a run: python tests/faults/disk.py [--sites 2] [--only WORDS] [--no-mounts]

Lets file operations fail in every phase of runs of a classifier and of a language model: through a layer between the
program and the C library, and, for root, on small file systems that are really full, out of inodes, or made read-only
by the kernel; and removes or changes files while the run goes on. Each time the program must go on or end with an
explanation and an exit code, an earlier run must stay as it is, and once the fault is gone, the run resumed must end
as one that was left alone. Prints phase × fault as a Markdown table, and exits with 1 where that is not so.
"""

import argparse
import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

if __name__ == "__main__":
    # Not the folder of this file, whose names are also those of other modules.
    sys.path[:1] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from faults.layer import Action, Counted, Fault, load_layer, operations, unavailable, unload_library
from faults.phases import PHASES, Phase, phases_of
from faults.trials import EARLIER, Place, Task, Workshop, result_of, tree_of

_IN_NAMESPACE = "FAULTS_IN_NAMESPACE"
_ASIDE = ".aside-"


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: In the table.
        fault: What the layer does, without its place.
        act: What is done to the files while the run stands still; None for what the layer does alone.
        mount: The file system on which the run lies; None for the usual one.
        counted: To which operations it happens.
    """

    name: str
    fault: Fault
    act: Callable[[Place], None] | None = None
    mount: Callable[[Place], AbstractContextManager[None]] | None = None
    counted: Counted = Counted.CHANGES


def _failing(name: str, code: int, times: int = 0, counted: Counted = Counted.CHANGES) -> Kind:
    return Kind(name, Fault(Action.FAIL, code=code, times=times), counted=counted)


def _fill(place: Place) -> None:
    with (place.state / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1024))


def _use_up_inodes(place: Place) -> None:
    (place.state / "many").mkdir()
    with suppress(OSError):
        for number in range(1_000_000):
            (place.state / "many" / str(number)).touch()


def _break_ext4(place: Place) -> None:
    device = subprocess.run(
        ["findmnt", "-n", "-o", "SOURCE", str(place.state)],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    Path(f"/sys/fs/ext4/{Path(device.stdout.strip()).name}/trigger_fs_error").write_text("1")


@contextmanager
def _tmpfs(place: Place) -> Iterator[None]:
    place.state.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", "size=24m,nr_inodes=2000", "tmpfs", place.state)
    try:
        yield
    finally:
        _run("umount", "-l", place.state)


@contextmanager
def _ext4(place: Place) -> Iterator[None]:
    image = place.folder / "image"
    with image.open("wb") as file:
        file.truncate(48 * 2**20)
    _run("mkfs.ext4", "-q", image)
    place.state.mkdir(parents=True)
    _mount_ext4(place)
    try:
        yield
    finally:
        _run("umount", "-l", place.state)


def _mount_ext4(place: Place) -> None:
    _run("mount", "-o", "loop,errors=remount-ro", place.folder / "image", place.state)


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def _repair_ext4(place: Place) -> None:
    _run("umount", place.state)
    subprocess.run(["e2fsck", "-fp", str(place.folder / "image")], check=False, capture_output=True)  # noqa: S607
    _mount_ext4(place)


# While the run stands still: done, and undone before it is resumed.


def _aside(path: Path) -> None:
    if path.exists():
        path.rename(path.with_name(f"{_ASIDE}{path.name}"))


def _back(aside: Path) -> None:
    path = aside.with_name(aside.name.removeprefix(_ASIDE))
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    aside.rename(path)


def _input(place: Place, *names: str) -> Path:
    return next(path for path in map(place.task.inputs.joinpath, names) if path.exists())


def _data(place: Place) -> Path:
    return _input(place, "data.npz", "sums.jsonl")


def _teacher(place: Place) -> Path:
    return _input(place, "teacher.safetensors", "teacher/model.safetensors")


def _cut(path: Path) -> None:
    shutil.copy2(path, path.with_name(f"{_ASIDE}{path.name}"))
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path) -> None:
    shutil.copy2(path, path.with_name(f"{_ASIDE}{path.name}"))
    path.write_bytes(bytes(path.stat().st_size))


def _done_to(name: str, of: Callable[[Place], Path], does: Callable[[Path], None]) -> Kind:
    return Kind(name, Fault(Action.STOP), act=lambda place: does(of(place)))


def _run_folder(place: Place) -> Path:
    return place.run or place.runs / "none"


_LAYERED = (
    _failing("disk full", errno.ENOSPC),
    _failing("quota used up", errno.EDQUOT),
    _failing("read-only", errno.EROFS),
    _failing("one I/O error", errno.EIO, 1),
    _failing("I/O errors", errno.EIO),
    _failing("I/O errors in reading", errno.EIO, counted=Counted.READS),
    Kind("short writes", Fault(Action.SHORT_WRITE, times=0)),
)
_MOUNTED = (
    Kind("tmpfs really full", Fault(Action.STOP), _fill, _tmpfs),
    Kind("tmpfs without inodes", Fault(Action.STOP), _use_up_inodes, _tmpfs),
    Kind("ext4 made read-only", Fault(Action.STOP), _break_ext4, _ext4),
)
_FILES = (
    _done_to("data removed", _data, _aside),
    _done_to("data cut short", _data, _cut),
    _done_to("data overwritten", _data, _overwrite),
    _done_to("teacher removed", _teacher, _aside),
    _done_to("teacher cut short", _teacher, _cut),
    _done_to("run folder removed", _run_folder, _aside),
    _done_to("checkpoints removed", lambda place: _run_folder(place) / "checkpoints", _aside),
    _done_to("cache removed", lambda place: place.home / "cache", _aside),
)


@dataclass
class Outcome:
    """What became of one run: "explained", "went on" or "not reached", and what is wrong."""

    word: str
    title: str = ""
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A fault and where it happens: at which operation of which phase of which task."""

    task: Task
    kind: Kind
    phase: Phase
    at: int

    @property
    def fault(self) -> Fault:
        """What the layer is told."""
        return replace(self.kind.fault, match=self.phase.match, at=self.at, counted=counted_in(self.kind, self.phase))


class Trial:
    """One run with one fault."""

    def __init__(self, workshop: Workshop, site: Site, place: Place) -> None:
        self.place = place
        self._workshop, self._site, self._kind = workshop, site, site.kind

    def outcome(self) -> Outcome:
        """Let it happen, take it away, resume and compare."""
        with self._kind.mount(self.place) if self._kind.mount else nullcontext():
            return self._outcome()

    def _outcome(self) -> Outcome:
        earlier = self.place.runs / EARLIER
        shutil.copytree(self._workshop.finished_run(self.place.task), earlier)
        before = tree_of(earlier)
        child = self.place.start(self._site.fault)
        if self._kind.act is not None:
            if not child.wait_until_stopped():
                return Outcome("not reached")
            self._kind.act(self.place)
            child.send(signal.SIGCONT)
        found = _judged(child.wait(), child.text)
        if not any(each.number >= self._site.at for each in operations(self.place.log)):
            return Outcome("not reached")
        self._take_away()
        if tree_of(earlier) != before:
            found.violations.append("an earlier run was changed")
        found.violations += self._resumed()
        return found

    def _take_away(self) -> None:
        if self._kind.act is _break_ext4:
            _repair_ext4(self.place)
        (self.place.state / "ballast").unlink(missing_ok=True)
        shutil.rmtree(self.place.state / "many", ignore_errors=True)
        for aside in sorted(self.place.world.rglob(f"{_ASIDE}*")):
            _back(aside)

    def _resumed(self) -> list[str]:
        again = self.place.start(name="resumed")
        if again.wait():
            return [f"resuming ended with {again.code}: {explanation(again.text) or again.text[-300:]}"]
        differences = self._workshop.results[self.place.task.name].differences(result_of(self.place))
        # What could not be kept for other runs is no part of this one.
        return [each for each in differences if not re.match(r"home/cache/\S* (is missing|has other bytes)", each)]


def explanation(text: str) -> str:
    """How a run ended, in its own words; empty where it has none."""
    for line in reversed(text.splitlines()):
        with suppress(ValueError):
            record = json.loads(line)
            if record.get("event") in ("Failed", "Refused"):
                return str(record["title"])
    return ""


def _judged(code: int, text: str) -> Outcome:
    title = explanation(text)
    if code == 0:
        return Outcome("went on")
    outcome = Outcome("explained", title)
    if code < 0:
        outcome.violations.append(f"ended by signal {signal.Signals(-code).name}")
    elif not title:
        outcome.violations.append(f"no explanation: {' / '.join(text.splitlines()[-1:])[-300:]}")
    elif "error of the program" in title:
        outcome.violations.append(f"taken for an error of the program: {title[:300]}")
    elif "Traceback" in text:
        outcome.violations.append("a traceback was printed")
    return outcome


def counted_in(kind: Kind, phase: Phase) -> Counted:
    """Which operations count: those the kind is about, or where the run is stopped, those of the phase."""
    return kind.counted if kind.act is None else phase.counted


def planned(workshop: Workshop, kinds: Sequence[Kind], sites: int, chance: random.Random) -> list[Site]:
    """Which faults, where: the first, the last and other operations of each phase of each task."""
    plan = []
    for task in workshop.tasks:
        phases = [PHASES[place] for place in phases_of(task)]
        for phase in phases:
            if task.exports and phase.name != "export":
                continue
            for kind in kinds:
                count = workshop.count(task, phase.match, counted_in(kind, phase))
                if count:
                    more = [chance.randint(1, count) for _ in range(max(sites - 2, 0))]
                    plan += [Site(task, kind, phase, at) for at in dict.fromkeys([1, count, *more][:sites])]
    return plan


def run_all(workshop: Workshop, plan: Sequence[Site], keep: Path | None) -> list[Outcome]:
    """Try one after the other."""
    found = []
    for number, site in enumerate(plan, 1):
        place = workshop.place(site.task, f"disk-{number}")
        outcome = Trial(workshop, site, place).outcome()
        found.append(outcome)
        where = f"{site.task.name}: {site.phase.name} {site.at}: {site.kind.name}"
        print(f"{number:4} of {len(plan)}  {where}: {outcome.word}  {outcome.title}", flush=True)
        for words in outcome.violations:
            print(f"      VIOLATION: {words}", flush=True)
        if outcome.violations and keep is not None:
            place.keep(keep)
    return found


def report(plan: Sequence[Site], found: Sequence[Outcome]) -> None:
    """The table, in Markdown."""
    kinds = list(dict.fromkeys(site.kind.name for site in plan))
    cells: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for site, outcome in zip(plan, found, strict=True):
        word = "**WRONG**" if outcome.violations else outcome.word
        cells[site.phase.name, site.kind.name][word] += 1
    print(f"\n| phase | {' | '.join(kinds)} |\n|---|{'---|' * len(kinds)}")
    for phase in PHASES:
        words = [", ".join(f"{word} {count}" for word, count in cells[phase.name, kind].items()) for kind in kinds]
        if any(words):
            print(f"| {phase.name} | {' | '.join(words)} |")
    bad = [outcome for outcome in found if outcome.violations]
    print(f"\n{len(found)} runs with a fault, {len(bad)} not as they must be")
    for words, count in Counter(re.sub(r"\d+", "N", each.violations[0])[:200] for each in bad).most_common():
        print(f"{count:4} × {words}")


def enter_namespace() -> bool:
    """Start this Python anew with mounts of its own; whether it has them."""
    if _IN_NAMESPACE in os.environ:
        return True
    unshare = shutil.which("unshare")
    if os.geteuid() or not unshare or subprocess.run([unshare, "-m", "true"], check=False).returncode:
        return False
    words = [unshare, "-m", sys.executable, *sys.orig_argv[1:]]
    return os.execve(unshare, words, os.environ | {_IN_NAMESPACE: "1"})  # noqa: S606 - the same program once more


def main() -> None:
    """Read the options, let it happen, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=2, help="operations of each phase at which a fault begins")
    parser.add_argument("--only", default="", help="only where fault, phase or task have this in their names")
    parser.add_argument("--no-mounts", action="store_true", help="no file systems of its own")
    parser.add_argument("--task", default="", help="only tasks whose names contain this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=0, help="at most so many, chosen by chance; 0 takes all")
    parser.add_argument("--keep", type=Path, help="a folder that takes the runs that are not as they must be")
    options = parser.parse_args()
    if reason := unavailable():
        sys.exit(reason)
    mounts = not options.no_mounts and enter_namespace()
    if not (mounts or options.no_mounts):
        print("No file systems of its own: that takes root and unshare.")
    load_layer()
    folder, chance = Path(tempfile.mkdtemp(prefix="disk-")), random.Random(options.seed)
    began = time.monotonic()
    try:
        with Workshop(folder, options.task).open() as workshop:
            kinds = [*_LAYERED, *(_MOUNTED if mounts else ()), *_FILES]
            plan = [
                site
                for site in planned(workshop, kinds, options.sites, chance)
                if options.only in f"{site.kind.name} {site.phase.name} {site.task.name}"
            ]
            if 0 < options.most < len(plan):
                plan = [plan[place] for place in sorted(chance.sample(range(len(plan)), options.most))]
            found = run_all(workshop, plan, options.keep)
        report(plan, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unload_library()
    print(f"{time.monotonic() - began:,.0f} s")
    sys.exit(any(outcome.violations for outcome in found))


if __name__ == "__main__":
    main()
