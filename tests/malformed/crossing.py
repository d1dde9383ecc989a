"""Every malformed file in every role: no traceback, no hang, nothing run; whether it is refused is not judged.

Run by hand, all of it:  python tests/malformed/crossing.py [--family WORDS] [--role WORDS] [--words FILE]
"""

import argparse
import os
import queue
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from malformed.case import Case, Outcome
from malformed.corpus import FAMILIES
from malformed.pool import Worker
from malformed.roles import ROLES

_PROCESSES = 2
Trial = tuple[str, Case, str]


def trials(family: str = "", role: str = "") -> Iterator[Trial]:
    """Every case of the families in every role whose names hold these words."""
    for name, cases in FAMILIES.items():
        for case in cases:
            if family.lower() in name.lower() and (os.name == "posix" or not case.posix):
                yield from ((name, case, each) for each in ROLES if role.lower() in each)


def sample(count: int, seed: int = 0) -> list[Trial]:
    """Some of all, the same for the same seed."""
    return random.Random(seed).sample(list(trials()), count)  # noqa: S311


def run_all(chosen: Sequence[Trial]) -> Iterator[tuple[Trial, Outcome]]:
    """Each trial, in two processes; in no order."""
    done: queue.Queue[tuple[Trial, Outcome] | None] = queue.Queue()

    def share(start: int) -> None:
        try:
            with Worker() as worker:
                for each in chosen[start::_PROCESSES]:
                    done.put((each, worker.run(*each)))
        finally:
            done.put(None)

    with ThreadPoolExecutor(_PROCESSES) as threads:
        shares = [threads.submit(share, start) for start in range(_PROCESSES)]
        ended = 0
        while ended < _PROCESSES:
            found = done.get()
            if found is None:
                ended += 1
            else:
                yield found
        for each in shares:
            each.result()


def main() -> None:
    """Print what no file may do, and how often what came out; exit with 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="", help="only families whose name holds this")
    parser.add_argument("--role", default="", help="only roles whose name holds this")
    parser.add_argument("--words", type=Path, help="file that all messages are written to")
    parser.add_argument("--sample", type=int, default=0, help="only so many of them, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same")
    given = parser.parse_args()
    start, counts, wrong = time.perf_counter(), Counter[tuple[str, str]](), 0
    lines = []
    chosen = list(trials(given.family, given.role))
    if given.sample < len(chosen):
        chosen = random.Random(given.seed).sample(chosen, given.sample or len(chosen))  # noqa: S311
    for (family, case, role), outcome in run_all(chosen):
        counts[role, outcome.result] += 1
        lines.append(f"{family}: {case.name} {role}: {outcome.result}: {outcome.message}")
        for problem in outcome.harm():
            wrong += 1
            print(f"{family}: {case.name} {role}: {' '.join(problem.split())}", flush=True)
    if given.words:
        given.words.write_text("\n".join(lines), encoding="utf-8")
    for (role, result), count in sorted(counts.items()):
        print(f"{count:6,}  {role}: {result}")
    print(f"{counts.total():6,} trials, {wrong} problems, {time.perf_counter() - start:.0f} s")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
