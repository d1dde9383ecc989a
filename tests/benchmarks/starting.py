"""How long until the window is on the screen, and until a run can begin: python tests/benchmarks/starting.py

Starts the program some times in fresh processes and prints seconds since each process began. The first start of all
reads the disk; the others show a warm one. Uses the display there is, or none (QT_QPA_PLATFORM=offscreen).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_STARTS = 7
_CHILD = """
import os, sys, time
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
import json
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.app import build

began = float(os.environ["BEGAN"])
seen = {}
application = QApplication(["distillation-workbench"])
window = build(application)
window.painted.connect(lambda: seen.setdefault("first paint", time.time() - began))
window.docks.furnished.connect(lambda: seen.setdefault("all panels", time.time() - began))

def ready():
    seen["ready to train"] = time.time() - began
    print(json.dumps(seen), flush=True)
    window.leave()
    application.quit()

window.ready.connect(ready)
window.show()
application.exec()
"""


def main() -> None:
    """Start, and print a table."""
    import time

    rows = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(_STARTS):
            environment = {**os.environ, "DISTILLATION_WORKBENCH_HOME": home, "BEGAN": repr(time.time())}
            if not any(name in environment for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
                environment["QT_QPA_PLATFORM"] = "offscreen"
            child = subprocess.run(
                [sys.executable, "-c", _CHILD],
                env=environment,
                cwd=Path(__file__).parents[2],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            rows.append(json.loads(child.stdout.splitlines()[-1]))
    print(f"{'seconds since the process began':34} {'first':>7} {'median':>7} {'worst':>7}  (after the first)")
    for name, bound in (("first paint", 1.0), ("all panels", None), ("ready to train", 4.0)):
        first, *warm = [row[name] for row in rows]
        words = f"  bound {bound:.1f}" if bound else ""
        print(f"{name:34} {first:7.2f} {statistics.median(warm):7.2f} {max(warm):7.2f}{words}")


if __name__ == "__main__":
    main()
