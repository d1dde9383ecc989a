"""One training among those that are drawn: how it looks, what is drawn of it, and what happened in it."""

import re
from dataclasses import dataclass, field

from workbench.events import ControlChanged, StageStarted
from workbench.gui.series import Pace
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_series import Mark
from workbench.session.history import History
from workbench.session.metric_log import MetricLog

_SIGNS = {"temperature": "T", "alpha": "α", "learning_rate": "learning rate"}
_FOLDER = re.compile(r"\d{4}-\d\d-\d\d_(?P<hour>\d\d)-(?P<minute>\d\d)-\d\d_(?P<name>.+)")


@dataclass
class Training:
    """One history, and how it is told from the others.

    Attributes:
        history: What it said.
        suffix: Added to the names of its series; empty for the run on the screen.
        colour: Of all its series; empty for the run on the screen.
        dash: Of its curves.
        series: What is drawn of it, and where.
        pace: Its speed.
    """

    history: History
    suffix: str = ""
    colour: str = ""
    dash: str = "solid"
    series: list[tuple[LivePlot, str]] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)
    _log: MetricLog | None = None

    def name(self, what: str) -> str:
        """Of a series."""
        if not self.suffix:
            return what or "student"
        return f"{self.suffix}, {what}" if what else self.suffix

    @property
    def label(self) -> str:
        """In tables."""
        return self.suffix or "distilled"

    @property
    def log(self) -> MetricLog:
        """Its numbers; another log, as after a resume, is measured anew."""
        if self._log is not self.history.log:
            self._log, self.pace = self.history.log, Pace()
        return self._log


def marks_of(history: History) -> list[Mark]:
    """Where stages began, if there are several, and where controls were turned: "T 4 → 8".

    A control that was turned again and again within a few steps is one mark.
    """
    stages = {event.stage: event for event in reversed(list(history.all(StageStarted)))}
    marks = [Mark(stage.step, stage.name or f"stage {stage.stage + 1}", is_stage=True) for stage in stages.values()]
    marks = sorted(marks, key=lambda mark: mark.x) if len(marks) > 1 else []
    turned: list[ControlChanged] = []
    last = history.log.column("step")
    close = max(float(last[-1]) / 200 if len(last) else 1.0, 2.0)
    for event in (event for event in history.all(ControlChanged) if event.name in _SIGNS):
        before = next((other for other in reversed(turned) if other.name == event.name), None)
        if before is not None and event.step - before.step <= close:
            turned.remove(before)
        old = event.old if before is None or before in turned else before.old
        turned.append(ControlChanged(step=event.step, name=event.name, old=old, new=event.new))
    return marks + [Mark(event.step, _words_of(event)) for event in turned]


def short_name(name: str) -> str:
    """A run folder's name without its date: "hinton-mnist, 08:10"."""
    match = _FOLDER.fullmatch(name)
    return f"{match['name']}, {match['hour']}:{match['minute']}" if match else name


def _words_of(event: ControlChanged) -> str:
    old, new = (f"{value:g} " if isinstance(value, (int, float)) else "" for value in (event.old, event.new))
    return f"{_SIGNS[event.name]} {old}→ {new.strip() or 'as in the recipe'}"
