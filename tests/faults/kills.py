"""Does a run that is killed in any phase, and resumed, end as one left alone: python tests/faults/kills.py

Kills (SIGKILL) runs of a classifier and of a language model with an endpoint, in every phase, some of them with two
processes that resume the same run at once. Prints a table, and exits with 1 where a student, a journal, a verdict or a
file differs, something was done twice, or two processes held a run at the same time.
"""

import argparse
import json
import math
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    # Not the folder of this file, whose names are also those of other modules.
    sys.path[:1] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from faults.layer import NO_FAULT, Action, Fault, load_layer, operations, unavailable, unload_library
from faults.phases import PHASES, phases_of
from faults.processes import Child
from faults.trials import Place, Task, Workshop, result_of

_KILLS_OF_A_RUN = 5
_LONGEST_DELAY = 0.05
_MOST_STARTS = 40


_ACTIONS = (Action.KILL_BEFORE, Action.KILL_AFTER, Action.KILL_AFTER_HALF, Action.STOP)


@dataclass(frozen=True)
class Kill:
    """One kill: in which phase, at which of its operations, how, and whether two processes resume before it."""

    phase: int
    at: int
    action: Action
    by_two: bool

    @property
    def fault(self) -> Fault:
        """What the layer is told; `STOP` stands for a kill a moment later."""
        phase = PHASES[self.phase]
        return Fault(self.action, phase.match, self.at, counted=phase.counted)


@dataclass
class Tally:
    """What came of it."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_two: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    runs: int = 0
    asked: int = 0


def planned(workshop: Workshop, kills: int, by_two: int, chance: random.Random) -> dict[Task, deque[Kill]]:
    """Kills of every phase of every task by turns; those in export phases are fewer, since they take longest."""
    turns = [
        (task, place)
        for task in workshop.tasks
        for place in phases_of(task)
        for _ in range(1 if task.exports and PHASES[place].name != "export" else 3)
    ]
    chance.shuffle(turns)
    chosen = [turns[number % len(turns)] for number in range(kills)]
    twice = set(chance.sample(range(kills), by_two))
    plan: dict[Task, deque[Kill]] = {task: deque() for task in workshop.tasks}
    for number, (task, place) in enumerate(chosen):
        count = max(workshop.count(task, PHASES[place].match, PHASES[place].counted), 1)
        is_first = PHASES[place].match == "/runs/.new-"
        # A run that is resumed does less than one that begins: early operations are hit more often than late ones.
        at = int(math.exp(chance.uniform(0, math.log(count + 1))))
        kill = Kill(place, min(at, count), chance.choice(_ACTIONS), number in twice and not is_first)
        plan[task].append(kill)
    return plan


def parts(kills: deque[Kill]) -> Iterator[list[Kill]]:
    """Kills of one run after the other, in the order of their phases, so that each can still come."""
    while kills:
        some = [kills.popleft() for _ in range(min(_KILLS_OF_A_RUN, len(kills)))]
        yield sorted(some, key=lambda kill: kill.phase)


class KilledRun:
    """A run that is killed and resumed until it is done."""

    def __init__(self, workshop: Workshop, place: Place, chance: random.Random) -> None:
        self.place = place
        self.violations: list[str] = []
        self._workshop, self._chance = workshop, chance
        self._answered: list[tuple[int, set[str]]] = []
        self._first_request = self._requests_until_now()
        self._starts = 0

    def kill(self, kill: Kill) -> bool:
        """Start or resume the run and kill it; whether the kill came."""
        by_two = kill.by_two and self.place.run is not None
        children = self._started(kill.fault, 2 if by_two else 1)
        if kill.action is Action.STOP:
            for child in children:
                if child.wait_until_stopped():
                    child.send(signal.SIGCONT)
                    time.sleep(self._chance.uniform(0, _LONGEST_DELAY))
                    child.send(signal.SIGKILL)
        codes = [child.wait() for child in children]
        self._check(children)
        self._answered.append((self._requests_until_now(), self._written_answers()))
        return -signal.SIGKILL in codes

    def finish(self) -> None:
        """Resume it once more, to its end, and compare it with the run that was left alone."""
        (child,) = self._started(NO_FAULT, 1)
        child.wait()
        self._check([child])
        self._compare()

    def _started(self, fault: Fault, count: int) -> list[Child]:
        self._starts += 1
        if count == 1:
            return [self.place.start(fault, name=f"output-{self._starts}")]
        read, write = os.pipe()
        names = [f"output-{self._starts}-{number}" for number in range(count)]
        children = [self.place.start(fault, name=name, gate=read) for name in names]
        os.write(write, b"x" * count)
        os.close(read)
        os.close(write)
        return children

    def _check(self, children: list[Child]) -> None:
        for child in children:
            refused = child.code == 2 and "being run right now" in child.text
            if child.code not in (0, -signal.SIGKILL) and not (refused and len(children) > 1):
                self.violations.append(f"ended with {child.code}: {_last_words(child.text)}")
        if len(children) == 2 and (trial := self._held_by_both(children)):
            self.violations.append(f"two processes trained {trial} at the same time")

    def _held_by_both(self, children: list[Child]) -> str:
        """The trial that both prepared while both lived; empty for none."""
        prepared: dict[str, list[tuple[float, float]]] = {}
        ends = {child.pid: child.ended for child in children}
        for each in operations(self.place.log):
            found = re.match(r'print \{"trial": "([^"]*)", "event": "Prepared"', each.words)
            if each.process in ends and found:
                prepared.setdefault(found[1], []).append((each.seconds, ends[each.process]))
        both = (spans for spans in prepared.items() if len(spans[1]) == 2)
        return next((trial for trial, spans in both if max(spans)[0] < min(end for _, end in spans)), "")

    def _requests_until_now(self) -> int:
        return len(self._requests())

    def _requests(self) -> list[str]:
        file = self._workshop.requests
        return file.read_text().splitlines() if file.exists() else []

    def _written_answers(self) -> set[str]:
        """Prompts whose answers the endpoint gave and the program has written down."""
        written: set[str] = set()
        for file in self.place.home.rglob("*.jsonl"):
            for line in file.read_text(errors="replace").splitlines():
                try:
                    _, _, _, response = json.loads(line)
                except ValueError:
                    continue
                written.add(str(response["text"]).partition("=")[0])
        return written

    def _compare(self) -> None:
        if self.place.run is None:
            self.violations.append("there is no run")
            return
        name = self.place.task.name
        self.violations += self._workshop.results[name].differences(result_of(self.place))
        requests = self._requests()
        for moment, answered in self._answered:
            again = answered & set(requests[moment:])
            if again:
                self.violations.append(f"asked again for what was written down: {sorted(again)}")


def _last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if '"Refused"' in line or '"Failed"' in line] or text.splitlines()
    return lines[-1][:400] if lines else "nothing printed"


def run_all(workshop: Workshop, kills: int, by_two: int, seed: int, keep: Path | None) -> Tally:
    """Kill, resume and compare until all kills have come."""
    chance, tally = random.Random(seed), Tally()
    plan = planned(workshop, kills, by_two, chance)
    for task, waiting in plan.items():
        number = 0
        while waiting:
            for part in parts(waiting):
                number += 1
                place = workshop.place(task, f"{task.name}-{number}")
                run = KilledRun(workshop, place, chance)
                for kill in part:
                    if len(run._answered) and place.run is not None and _is_done(place):
                        waiting.append(kill)
                    elif run.kill(kill):
                        key = (PHASES[kill.phase].name, task.name)
                        tally.kills[key] += 1
                        tally.by_two[key] += kill.by_two
                    else:
                        # It was done before it came to that; another run will.
                        waiting.append(Kill(kill.phase, max(kill.at // 2, 1), kill.action, kill.by_two))
                run.finish()
                tally.runs += 1
                tally.violations += [f"{place.folder.name}: {words}" for words in run.violations]
                _show(tally, kills, part, run)
                if run.violations and keep is not None:
                    place.keep(keep)
                assert number < _MOST_STARTS * kills, "some phase is never reached"
    tally.asked = len(run._requests())
    return tally


def _is_done(place: Place) -> bool:
    return (place.run is not None) and (place.run / "verdict.json").exists()


def _show(tally: Tally, kills: int, part: list[Kill], run: KilledRun) -> None:
    where = ", ".join(f"{PHASES[kill.phase].name} {kill.at}{' (two)' if kill.by_two else ''}" for kill in part)
    print(f"{tally.kills.total():4} of {kills}  {run.place.folder.name}: {where}", flush=True)
    for words in run.violations:
        print(f"      VIOLATION: {words}", flush=True)


def report(tally: Tally, tasks: list[Task]) -> None:
    """The table, in Markdown."""
    names = [task.name for task in tasks]
    print(f"\n| killed while | {' | '.join(names)} | by two |\n|---|{'---|' * (len(names) + 1)}")
    for phase in PHASES:
        counts = [tally.kills[phase.name, name] for name in names]
        twice = sum(tally.by_two[phase.name, name] for name in names)
        print(f"| {phase.name} | {' | '.join(str(count or '') for count in counts)} | {twice or ''} |")
    sums = [sum(count for (_, name), count in tally.kills.items() if name == own) for own in names]
    print(f"| **all {tally.kills.total()}** | {' | '.join(map(str, sums))} | {tally.by_two.total()} |")
    print(f"\n{tally.runs} runs, {tally.asked} requests to the endpoint, {len(tally.violations)} violations")
    kinds = Counter(re.sub(r"\d+", "N", words.partition(": ")[2])[:160] for words in tally.violations)
    for words, count in kinds.most_common():
        print(f"{count:4} × {words}")


def main() -> None:
    """Read the options, kill, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--by-two", type=int, help="how many of them with two processes; a fifth by default")
    parser.add_argument("--task", default="", help="only tasks whose names contain this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder that takes the runs with violations")
    options = parser.parse_args()
    if reason := unavailable():
        sys.exit(reason)
    load_layer()
    by_two = options.kills // 5 if options.by_two is None else options.by_two
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    began = time.monotonic()
    try:
        with Workshop(folder, options.task).open() as workshop:
            tally = run_all(workshop, options.kills, by_two, options.seed, options.keep)
            report(tally, workshop.tasks)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unload_library()
    print(f"{time.monotonic() - began:,.0f} s")
    sys.exit(bool(tally.violations))


if __name__ == "__main__":
    main()
