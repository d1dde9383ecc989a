"""How long the list of 500 runs takes, and a run of a million steps to open: python tests/benchmarks/run_list.py

Makes the runs in a temporary folder, then measures in fresh processes: the list without an index, with one, and the
command `runs`; and the window with the curves on the screen while it opens the long run. Prints seconds of the clock
and of the processor, the load of the machine, and how late the window's 10 ms timer came while the run was opened.
Uses the display there is, or none (QT_QPA_PLATFORM=offscreen).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_RUNS, _STEPS = 500, 1_000_000
_EXAMPLE = Path(__file__).parents[2] / "resources/examples/hinton-mnist/student.toml"
_LISTING = """
import json, os, sys, time
from pathlib import Path
from workbench.session.library import list_runs
began, used = time.perf_counter(), time.process_time()
found = list_runs(Path(sys.argv[1]))
print(json.dumps({"seconds": time.perf_counter() - began, "processor": time.process_time() - used, "runs": len(found)}))
"""
_COMMAND = """
import contextlib, io, json, sys, time
began, used = time.perf_counter(), time.process_time()
from workbench.cli.commands import app
with contextlib.redirect_stdout(io.StringIO()):
    app(["runs", "--runs-dir", sys.argv[1]], standalone_mode=False)
print(json.dumps({"seconds": time.perf_counter() - began, "processor": time.process_time() - used}))
"""
_WINDOW = """
import json, os, sys, time
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from workbench.app import build
path = Path(sys.argv[1])
application = QApplication(["distillation-workbench"])
window = build(application)
window.resize(1600, 1000)
workspace = window.workspace
ticks, times = [], {}
timer = QTimer()
timer.setTimerType(Qt.TimerType.PreciseTimer)
timer.setInterval(10)
timer.timeout.connect(lambda: ticks.append((time.perf_counter(), time.thread_time())))

def begin():
    window.show_docks("curves")
    QTimer.singleShot(1500, open_run)

def open_run():
    timer.start()
    times["began"], times["used"] = time.perf_counter(), time.process_time()
    workspace.watch(path, shown)

def shown():
    times["shown"] = time.perf_counter()

def look():
    run = workspace.watched
    if run is None or "read" in times or run.rows < int(sys.argv[2]):
        return
    times["read"], times["processor"] = time.perf_counter(), time.process_time()
    QTimer.singleShot(1500, end)

def end():
    timer.stop()
    late = [max(now[0] - before[0] - 0.010, 0.0) for before, now in zip(ticks, ticks[1:])]
    busy = [now[1] - before[1] for before, now in zip(ticks, ticks[1:])]
    print(json.dumps({
        "shown": times["shown"] - times["began"], "read": times["read"] - times["began"],
        "processor": times["processor"] - times["used"], "late": late, "busy": busy,
    }))
    sys.stdout.flush()
    window.leave()
    application.quit()

workspace.pump.ticked.connect(look)
window.ready.connect(begin)
window.show()
application.exec()
"""


def _make(folder: Path) -> Path:
    """So many runs of 800 steps beside each other, and a long one elsewhere."""
    from workbench.events import Evaluated, Finished, Prepared
    from workbench.recipe import absolute_recipe
    from workbench.session.run_database import RunDatabase
    from workbench.session.run_folder import RunFolder

    def made(path: Path, steps: int) -> Path:
        run = RunFolder.create(path, absolute_recipe(_EXAMPLE), recipe="hinton-mnist")
        with RunDatabase(run.database_file) as database:
            database.know(status="complete", step=steps, total_steps=steps, examples=2000, student_errors=47)
            database.know(teacher_errors=41, seconds=float(steps), seed=1, tags=["sweep"], notes="as in the paper")
            values = (
                (n, 0, n / 63, 2.3 / n**0.3, 1.9 / n**0.3, 0.4 + 1e-9 * n, 0.05, n / 300) for n in range(1, steps + 1)
            )
            database.add_metrics(values)
            database.add_event(
                Prepared(
                    step=0,
                    total_steps=steps,
                    steps_per_epoch=63,
                    device="cpu",
                    classes=tuple("0123456789"),
                    uniform_loss=2.3,
                    teacher_parameters=1_000_000,
                    student_parameters=500_000,
                ),
                *(_score(Evaluated, step) for step in range(0, steps + 1, max(steps // 500, 63))),
                Finished(step=steps, reason="complete"),
            )
        return path

    first = made(folder / "runs" / "run-000", 800)
    for number in range(1, _RUNS):
        shutil.copytree(first, folder / "runs" / f"run-{number:03d}")
    long = made(folder / "long", _STEPS)
    then = time.time() - 60
    for path in folder.rglob("run.sqlite*"):
        os.utime(path, (then, then))
    return long


def _score(kind: Any, step: int) -> Any:
    return kind(step=step, subject="student", errors=47, examples=2000, cross_entropy=0.1, calibration_error=0.01)


def _child(code: str, *arguments: str, home: str) -> dict[str, Any]:
    environment = {**os.environ, "DISTILLATION_WORKBENCH_HOME": home, "OMP_WAIT_POLICY": "PASSIVE"}
    if not any(name in environment for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-c", code, *arguments]
    child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    result: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return {**result, "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0}


def main() -> None:
    """Make, measure and print."""
    with tempfile.TemporaryDirectory() as home:
        long = _make(Path(home))
        runs = str(Path(home) / "runs")
        measured = [
            (f"list of {_RUNS} runs, no index", _child(_LISTING, runs, home=home)),
            (f"list of {_RUNS} runs, with an index", _child(_LISTING, runs, home=home)),
            ("command `runs`, with its imports", _child(_COMMAND, runs, home=home)),
        ]
        for name, result in measured:
            print(
                f"{name}: {result['seconds']:.2f} s, processor {result['processor']:.2f} s, load {result['load']:.1f}"
            )
        for number in range(1, 4):
            result = _child(_WINDOW, str(long), str(_STEPS), home=home)
            late = sorted(1000 * value for value in result["late"])
            busy = 1000 * max(result["busy"])
            print(
                f"opening {_STEPS:,} steps, {number}: on the screen after {result['shown']:.2f} s, read after "
                f"{result['read']:.2f} s, processor {result['processor']:.2f} s, load {result['load']:.1f}; "
                f"ticks late: p99 {late[int(0.99 * len(late))]:.0f} ms, worst {late[-1]:.0f} ms (bound ≤ 100), "
                f"at most {busy:.0f} ms of them computing in the window's thread"
            )


if __name__ == "__main__":
    main()
