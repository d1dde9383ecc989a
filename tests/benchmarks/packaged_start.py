"""How long until the window of a built program is on the screen: python tests/benchmarks/packaged_start.py PROGRAM

Lets the program try itself with its window and prints its seconds since the process began: warm, and as root also
cold, with nothing of the disk in memory. Uses the display there is, or Xvfb.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_BOUNDS_S = {"cold": 5.0, "warm": 1.5}
_DROP_CACHES = Path("/proc/sys/vm/drop_caches")


def main() -> int:
    """Start, print a table, and fail where a bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, help="dist/…/distillation-workbench, or the installed command")
    parser.add_argument("--starts", type=int, default=5, help="how often for each row (default: 5)")
    options = parser.parse_args()
    program = str(shutil.which(options.program) or options.program.absolute())
    rows: dict[str, list[dict[str, float]]] = {}
    if os.access(_DROP_CACHES, os.W_OK):
        rows["cold"] = [started(program, cold=True) for _ in range(options.starts)]
    else:
        print("no cold starts: emptying the system's memory of the disk needs root, on Linux")
    started(program, cold=False)
    rows["warm"] = [started(program, cold=False) for _ in range(options.starts)]
    return table(rows)


def started(program: str, *, cold: bool) -> dict[str, float]:
    """Start once; seconds from the start of the process to what the self-test saw of its window."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "DISTILLATION_WORKBENCH_HOME": home}
        screen = []
        if not any(name in environment for name in ("DISPLAY", "WAYLAND_DISPLAY")):
            environment["QT_QPA_PLATFORM"] = "xcb"
            screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        if cold:
            os.sync()
            _DROP_CACHES.write_text("3")
        began = time.monotonic()
        done = subprocess.run(
            [*screen, program, "--selftest", "--window"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        seconds = time.monotonic() - began
    if done.returncode != 0:
        sys.exit(f"the self-test failed:\n{done.stdout}\n{done.stderr}")
    parts = {part["name"]: part for part in json.loads(done.stdout)["parts"]}
    return {**parts["window"]["facts"]["seconds_from_start"], "whole self-test": seconds}


def table(rows: dict[str, list[dict[str, float]]]) -> int:
    """Print medians and the worst; 1 when the first paint came too late."""
    late = 0
    print(f"{'seconds since the process began':34} {'median':>7} {'worst':>7}")
    for kind, starts in rows.items():
        for name in starts[0]:
            values = [start[name] for start in starts]
            bound = _BOUNDS_S[kind] if name == "painted" else None
            late |= bound is not None and statistics.median(values) > bound
            words = f"  bound {bound:.1f}" if bound else ""
            print(f"{f'{kind}: {name}':34} {statistics.median(values):7.2f} {max(values):7.2f}{words}")
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
