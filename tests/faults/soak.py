"""Does the window grow over an hour: python tests/faults/soak.py training|opening [--minutes 60]

`training` trains the hinton-mnist example at full speed with every panel open; `opening` opens 500 runs one after the
other, again and again, beside a list of all of them. Prints the slope per hour after a warm-up, with its 95 %
interval, of memory, threads, open files, Python objects and Qt objects, from the means of 20 blocks of time. Uses the
display there is, or none (QT_QPA_PLATFORM=offscreen).
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if not any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    # Not the folder of this file, whose names are also those of other modules.
    sys.path[:1] = [str(_ROOT / "tests"), str(_ROOT)]

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from faults.samples import Samples
from faults.trials import write_classifier_run
from workbench.app import build
from workbench.gui.main_window import MainWindow

_EXAMPLE = _ROOT / "resources" / "examples" / "hinton-mnist" / "student.toml"
_SETTLING_MS = 3000
# Seconds until a run that was asked for counts as not shown.
_PATIENCE = 10.0


def soak(begin: Callable[[MainWindow], Callable[[], dict[str, float]]], minutes: float) -> Samples:
    """Open the window, let something go on in it, and measure.

    Args:
        begin: Starts what goes on; what it returns gives further numbers.
        minutes: For so long.
    """
    application = QApplication(["distillation-workbench"])
    window = build(application, offers_tour=False)
    window.resize(1600, 1000)
    samples, timer = Samples(), QTimer()
    end: list[float] = []

    def start() -> None:
        window.show_docks()
        extra = begin(window)
        end.append(time.monotonic() + 60 * minutes)

        def tick() -> None:
            samples.take(extra())
            if time.monotonic() > end[0]:
                timer.stop()
                window.workspace.stop()
                window.leave()
                application.quit()

        timer.timeout.connect(tick)
        timer.start(int(min(10.0, 60 * minutes / 100) * 1000))

    window.ready.connect(lambda: QTimer.singleShot(_SETTLING_MS, start))
    window.show()
    application.exec()
    return samples


def begin_training(window: MainWindow) -> Callable[[], dict[str, float]]:
    """A run without an end in sight."""
    workspace = window.workspace
    text = _EXAMPLE.read_text(encoding="utf-8")
    workspace.document.open_text(text, _EXAMPLE.parent)
    workspace.document.set(("stages", 0, "optimisation", "steps"), 10_000_000)
    QTimer.singleShot(2000, workspace.train)

    def numbers() -> dict[str, float]:
        rows = workspace.watched.rows if workspace.watched is not None else 0
        # Each step is kept, as eight floats: that grows.
        return {"steps": float(rows), "of the memory: steps, MiB": rows * 8 * 8 / 2**20}

    return numbers


def begin_opening(window: MainWindow) -> Callable[[], dict[str, float]]:
    """Every run of the folder put on the screen, one after the other."""
    workspace = window.workspace
    runs = sorted(path for path in workspace.runs_folder.iterdir() if path.is_dir())
    opened, since, missed = [0], [time.monotonic()], [0]
    timer = QTimer(window)

    def open_next() -> None:
        shown = workspace.watched is not None and workspace.watched.path == runs[opened[0] % len(runs)]
        if not shown and time.monotonic() - since[0] < _PATIENCE:
            return
        missed[0] += not shown
        opened[0] += 1
        since[0] = time.monotonic()
        workspace.watch(runs[opened[0] % len(runs)])

    workspace.runs_changed.emit()
    workspace.watch(runs[0])
    # Painted first, as it is for a person.
    timer.timeout.connect(open_next)
    timer.start(50)
    return lambda: {"runs opened": float(opened[0]), "runs that were not shown": float(missed[0])}


def put_runs(home: Path, count: int) -> None:
    """A finished run, so many times."""
    first = write_classifier_run(home.parent / "inputs", home / "runs")
    for number in range(1, count):
        shutil.copytree(first, first.with_name(f"{first.name}-{number}"))


def report(samples: Samples) -> None:
    """The table, in Markdown."""
    print(f"\n{len(samples.seconds)} samples in {(samples.seconds[-1] - samples.seconds[0]) / 60:.1f} minutes")
    print("| | first | last | mean after the warm-up | slope an hour | 95 % interval |\n|---|---|---|---|---|---|")
    for name, values in samples.values.items():
        mean, slope, half = samples.slope(name)
        ends = f"{slope - half:+,.1f} to {slope + half:+,.1f}"
        print(f"| {name} | {values[0]:,.0f} | {values[-1]:,.0f} | {mean:,.1f} | {slope:+,.1f} | {ends} |")


def main() -> None:
    """Read the options, soak, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("training", "opening"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--runs", type=int, default=500, help="how many runs there are to be opened")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["DISTILLATION_WORKBENCH_HOME"] = str(home)
        if options.what == "opening":
            put_runs(home, options.runs)
        begin = begin_training if options.what == "training" else begin_opening
        report(soak(begin, options.minutes))


if __name__ == "__main__":
    main()
