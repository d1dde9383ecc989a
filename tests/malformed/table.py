"""The malformed corpus as a table: what became of each family, and what is not as expected.

Run by hand:  python tests/malformed/table.py [--family WORDS] [--slowest 10] [--messages FILE]
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from malformed.case import ACCEPTED, REFUSED, WARNED, Case, Outcome
from malformed.corpus import FAMILIES
from malformed.pool import Worker

_PROCESSES = 2


def run_all(families: Iterable[str]) -> list[tuple[str, Case, Outcome]]:
    """Every case of these families, in two processes."""
    every = [(name, case) for name in families for case in FAMILIES[name]]

    def share(start: int) -> list[tuple[str, Case, Outcome]]:
        with Worker() as worker:
            return [(name, case, worker.run(name, case)) for name, case in every[start::_PROCESSES]]

    with ThreadPoolExecutor(_PROCESSES) as threads:
        return [found for part in threads.map(share, range(_PROCESSES)) for found in part]


def main() -> None:
    """Print problems, the slowest cases and the table; exit with 1 where something is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="", help="only families whose name holds this")
    parser.add_argument("--slowest", type=int, default=5, help="how many of the slowest and hungriest cases to name")
    parser.add_argument("--messages", type=Path, help="file that every message is written to, to be read by a person")
    given = parser.parse_args()
    start = time.perf_counter()
    found = run_all([name for name in FAMILIES if given.family.lower() in name.lower()])
    if given.messages:
        rows = [f"| {family} | {case.name} | {' '.join(outcome.message.split())} |" for family, case, outcome in found]
        given.messages.write_text("\n".join(rows), encoding="utf-8")
    wrong = [(family, case, problem) for family, case, outcome in found for problem in outcome.problems(case)]
    for family, case, problem in wrong:
        print(f"{family}: {case.name}: {' '.join(problem.split())}")
    for family, case, outcome in sorted(found, key=lambda row: -row[2].seconds)[: given.slowest]:
        print(f"{outcome.seconds:6.2f} s  {family}: {case.name}")
    for family, case, outcome in sorted(found, key=lambda row: -row[2].extra_bytes)[: given.slowest]:
        print(f"{outcome.extra_bytes / 2**20:6,.0f} MiB  {family}: {case.name}")
    counts = Counter((family, outcome.result) for family, _, outcome in found)
    results = (REFUSED, WARNED, ACCEPTED)
    print(f"\n| family | {' | '.join(results)} | not as expected |\n|---|---|---|---|---|")
    for family in dict.fromkeys(family for family, _, _ in found):
        numbers = [counts[family, result] for result in results]
        bad = len({case.name for other, case, _ in wrong if other == family})
        print(f"| {family} | {' | '.join(map(str, numbers))} | {bad} |")
    sums = [sum(outcome.result == result for _, _, outcome in found) for result in results]
    bad = len({(family, case.name) for family, case, _ in wrong})
    print(f"| **all {len(found)}** | {' | '.join(map(str, sums))} | {bad} |")
    print(f"\n{time.perf_counter() - start:.0f} s in {_PROCESSES} processes")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
