"""What is in the hands of whoever drives a run; light to import, for a window that paints before torch is there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.session.controls import LiveControls
from workbench.session.metric_log import MetricLog
from workbench.session.places import cache_folder


@dataclass
class Reins:
    """The device, the knobs and the brake of one run.

    Attributes:
        device: "auto", "cpu", "cuda" or "mps".
        cache_folder: Where teacher outputs are kept.
        controls: The knobs; None makes new ones that replay the run's own journal.
        should_stop: Asked at every step boundary; the run then keeps a checkpoint and ends.
        say: Hears what preparing is doing.
        log: Filled with the run's metrics.
        threads: Processor threads to train with; 0 lets PyTorch choose. The student's last bits may depend on it.
    """

    device: str = "auto"
    cache_folder: Path = field(default_factory=cache_folder)
    controls: LiveControls | None = None
    should_stop: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda _: None
    log: MetricLog = field(default_factory=MetricLog)
    threads: int = 0
