"""What a process takes of the computer, measured again and again, and whether that grows."""

import gc
import sys
import time
from dataclasses import dataclass, field

import numpy as np
import psutil

_BLOCKS = 20
_WARM_UP = 0.2
# Of Student's t with _BLOCKS - 2 degrees of freedom.
_QUANTILE = 2.101


@dataclass
class Samples:
    """What was measured, and when."""

    seconds: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def take(self, extra: dict[str, float]) -> None:
        """Measure now."""
        import shiboken6
        from PySide6.QtWidgets import QApplication

        process = psutil.Process()
        now = {
            "memory (RSS), MiB": process.memory_info().rss / 2**20,
            "threads": process.num_threads(),
            "open files": process.num_handles() if sys.platform == "win32" else process.num_fds(),
            "Python objects": len(gc.get_objects()),
            "Qt objects": len(shiboken6.getAllValidWrappers()),
            "widgets": len(QApplication.allWidgets()),
        }
        self.seconds.append(time.monotonic())
        for name, value in (now | extra).items():
            self.values.setdefault(name, []).append(float(value))

    def slope(self, name: str) -> tuple[float, float, float]:
        """Mean, slope an hour and half of its 95 % interval, after the warm-up."""
        hours = (np.array(self.seconds) - self.seconds[0]) / 3600
        kept = hours >= _WARM_UP * hours[-1]
        blocks = min(_BLOCKS, int(kept.sum()))
        x = np.array([part.mean() for part in np.array_split(hours[kept], blocks)])
        y = np.array([part.mean() for part in np.array_split(np.array(self.values[name])[kept], blocks)])
        if blocks < 4:
            return float(y.mean()), float("nan"), float("nan")
        (slope, start), spread = np.polyfit(x, y, 1), ((x - x.mean()) ** 2).sum()
        rest = y - (slope * x + start)
        error = np.sqrt((rest**2).sum() / (blocks - 2) / spread)
        return float(y.mean()), float(slope), float(_QUANTILE * error)
