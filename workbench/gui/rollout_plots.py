"""The plots of what the student writes itself: how the teacher likes it, its length, its repetitions."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from workbench.events import RolledOut
from workbench.gui.curve_training import marks_of, short_name
from workbench.gui.theme import Theme
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_axes import percent
from workbench.gui.widgets.plot_span import PlotSpan
from workbench.session.history import History

_OVERLAYS = (("good", "dash"), ("mark", "long"), ("warning", "dot"), ("accent", "dash-dot"), ("text", "dash"))
_LIKED = "Mean log-probability a token that the teacher gives the student's texts: higher is better, 0 the most."
_LENGTH = "Mean length of the student's texts."
_REPEATED = (
    "Share of four-token sequences that came before in the same text: high where the student goes round in circles."
)


class RolloutPlots:
    """Three plots over the steps of the run, which share their x axis and crosshair.

    Attributes:
        liked: The teacher's mean log-probability a token.
        length: Tokens a text.
        repeated: Repeated four-token sequences.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.span = PlotSpan(parent)
        self.liked = LivePlot(theme, "Teacher's log p", unit="nats a token", span=self.span)
        self.length = LivePlot(theme, "Length", unit="tokens a text", span=self.span)
        self.repeated = LivePlot(theme, "Repetition", unit="% of 4-token sequences", number=percent, span=self.span)
        self.length.state.from_zero = self.repeated.state.from_zero = True
        self._run: WatchedRun | None = None

    @property
    def all(self) -> tuple[LivePlot, ...]:
        """In the order they are shown."""
        return self.liked, self.length, self.repeated

    def fill(self, run: WatchedRun, overlays: Sequence[History]) -> None:
        """Give the plots everything that has been said, and draw them."""
        names = ["student"] + [short_name(history.name) for history in overlays]
        if run is not self._run or any(set(plot.state.series) - set(names) for plot in self.all):
            self._run = run
            for plot in self.all:
                plot.clear()
            self.span.fit()
        prepared = run.prepared
        self.span.end = float(prepared.total_steps) if prepared else None
        self.span.grows = run.run is not None
        for place, (name, history) in enumerate(zip(names, [run.own, *overlays], strict=True)):
            colour, dash = _OVERLAYS[(place - 1) % len(_OVERLAYS)] if place else ("student", "solid")
            self._give(name, history, colour, dash)
        marks = marks_of(run.own)
        words = "The student has not written anything yet." if run.run is not None else "The student wrote nothing."
        for plot in self.all:
            plot.set_marks(marks)
            plot.state.empty_text = words
            plot.redraw()

    def _give(self, name: str, history: History, colour: str, dash: str) -> None:
        said = list(history.all(RolledOut))
        if not said:
            return
        steps = np.array([each.step for each in said], np.float64)
        values = (
            (self.liked, _LIKED, [each.teacher_log_p for each in said]),
            (self.length, _LENGTH, [each.mean_length for each in said]),
            (self.repeated, _REPEATED, [100 * each.repeated for each in said]),
        )
        for plot, words, numbers in values:
            if name not in plot.state.series:
                plot.points(name, colour, dash=dash, words=words, behind=name != "student")
            plot.set(name, steps, np.array(numbers, np.float64))
