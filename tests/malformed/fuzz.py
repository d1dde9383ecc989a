"""The fuzz run: every parser of the program over broken inputs, for as long as it is given.

Run by hand:  python tests/malformed/fuzz.py --minutes 10 [--parser WORDS] [--seed 0] [--keep FOLDER]
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import faulthandler
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from malformed.fuzzing import FoundError, fuzz
from malformed.limits import limit_memory
from malformed.parsers import PARSERS

_EXAMPLES_A_TURN = 100


def main() -> None:
    """Let the parsers take turns until the time is up; exit with 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--parser", default="", help="only parsers whose name holds this")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same inputs")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where inputs that fail are kept")
    given = parser.parse_args()
    faulthandler.enable()
    limit_memory()
    warnings.simplefilter("ignore")
    chosen = [one for one in PARSERS if given.parser.lower() in one.name.lower()]
    end, turn = time.monotonic() + 60 * given.minutes, given.seed
    tried: Counter[str] = Counter()
    found: dict[str, str] = {}
    while time.monotonic() < end and chosen:
        for one in chosen:
            if time.monotonic() >= end:
                break
            try:
                tried[one.name] += fuzz(one, start=turn, examples=_EXAMPLES_A_TURN, keep=given.keep)
            except FoundError as error:
                if str(error)[:80] not in found:
                    found[str(error)[:80]] = str(error)
                    print(error, flush=True)
        turn += 1
    for name, count in tried.items():
        print(f"{count:8,}  {name}")
    print(f"{tried.total():8,} inputs, {len(found)} findings, seeds {given.seed} to {turn}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
