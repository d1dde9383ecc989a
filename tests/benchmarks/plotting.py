"""How long a redraw of many logged points takes: new values given, outlines made, everything painted.

Run by hand:  python tests/benchmarks/plotting.py [--points 10000 100000 1000000] [--size 1200x600] [--times 100]

A plot as in the window's curves panel (total, soft and hard term, held-out points, levels, marks) is painted by Qt's
raster engine without a screen. Each round takes in ten more steps and repaints all of it at once; nothing is left to a
later turn of the event loop. Zooming, moving and the crosshair are timed the same way.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from PySide6.QtWidgets import QApplication

from workbench.gui.theme import Theme, load_fonts
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_series import Mark

_ALLOWED_MS = 16.0
_NEW_A_ROUND = 10


class Bench:
    """A plot of so many points that grows, and the time its redraws take."""

    def __init__(self, theme: Theme, points: int, size: tuple[int, int], times: int) -> None:
        random = np.random.default_rng(0)
        self.times = times
        self.steps = np.arange(1.0, points + 20 * times * _NEW_A_ROUND)
        falling = 0.2 + 3 * np.exp(-8 * self.steps / points)
        self.values = {
            name: falling * scale * (1 + 0.15 * random.standard_normal(len(self.steps)))
            for name, scale in (("total", 1.0), ("soft", 0.8), ("hard", 0.5))
        }
        self.count = points
        self.plot = LivePlot(theme, "Loss", unit="nats")
        for name, colour, dash in (
            ("total", "student", "solid"),
            ("soft", "teacher", "long"),
            ("hard", "hard", "dash"),
        ):
            self.plot.curve(name, colour, dash=dash, smooths=True)
        self.plot.points("held-out", "good")
        self.plot.level("ln 10 = 2.303, uniform guessing", "muted", 2.303, dash="dot", is_reference=True)
        self.plot.set("held-out", np.linspace(1, points, 15), np.linspace(1, 0.3, 15))
        self.plot.set_marks([Mark(points / 3, "T 4 → 8"), Mark(points / 2, "α 0.9 → 0.5")])
        self.plot.span.grows = True
        self.plot.resize(*size)
        self.plot.show()
        QApplication.processEvents()
        self.grow()

    def grow(self) -> None:
        """Ten more steps, drawn."""
        self.count += _NEW_A_ROUND
        for name, values in self.values.items():
            self.plot.set(name, self.steps[: self.count], values[: self.count])
        self.plot.redraw()
        self.plot.viewport().repaint()

    def measure(self, what: str, act: Callable[[int], None]) -> float:
        """Print and return the milliseconds of an act, its repaint included."""
        act(0)
        milliseconds = []
        for round_ in range(self.times):
            start = time.perf_counter()
            act(round_)
            milliseconds.append(1000 * (time.perf_counter() - start))
        median = statistics.median(milliseconds)
        worst = float(np.percentile(milliseconds, 99))
        print(f"  {what:34} {median:7.2f} ms  {worst:7.2f} ms")
        return median

    def move(self, low: float, high: float) -> None:
        """See another part, drawn."""
        self.plot.span.set(low, high)
        self.plot.viewport().repaint()

    def point(self, x: float) -> None:
        """Put the crosshair there, drawn."""
        self.plot.span.crosshair = x
        self.plot.viewport().repaint()

    def run(self) -> float:
        """All measurements; the slowest median."""
        plot, points, times = self.plot, self.count, self.times
        print(f"{points:,} points a curve, three curves{'median':>26}{'p99':>12}")
        medians = [self.measure("grow and redraw", lambda _: self.grow())]
        plot.smoothing = 50
        medians.append(self.measure("… smoothed over 50", lambda _: self.grow()))
        plot.log_y = True
        medians.append(self.measure("… and logarithmic", lambda _: self.grow()))
        plot.span.set(0.4 * points, 0.41 * points)
        medians.append(self.measure("… and zoomed in to a hundredth", lambda _: self.grow()))
        plot.log_y, plot.smoothing = False, 1
        share = 0.5 * points / times
        medians.append(
            self.measure("moving half of it along", lambda n: self.move(n * share, 0.5 * points + n * share))
        )
        factor = 0.001 ** (1 / times)
        half = 0.5 * points
        zoom = [half * factor**n for n in range(times)]
        medians.append(self.measure("zooming in a thousandfold", lambda n: self.move(half - zoom[n], half + zoom[n])))
        plot.fit()
        medians.append(self.measure("moving the crosshair", lambda n: self.point((n + 0.5) * points / times)))
        return max(medians)


def main() -> int:
    """Measure; 1 where a median is above what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--size", default="1200x600", help="of the plot, in pixels")
    parser.add_argument("--times", type=int, default=100, help="rounds of each measurement")
    arguments = parser.parse_args()
    application = QApplication([])
    load_fonts()
    theme = Theme("light")
    theme.apply()
    width, height = (int(part) for part in arguments.size.split("x"))
    slowest = 0.0
    for points in arguments.points:
        bench = Bench(theme, points, (width, height), arguments.times)
        slowest = max(slowest, bench.run())
        bench.plot.deleteLater()
        application.processEvents()
    verdict = "within" if slowest <= _ALLOWED_MS else "ABOVE"
    print(f"slowest median {slowest:.2f} ms: {verdict} the {_ALLOWED_MS:g} ms of one frame")
    return int(slowest > _ALLOWED_MS)


if __name__ == "__main__":
    raise SystemExit(main())
