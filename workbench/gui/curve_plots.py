"""The plots of a run: loss, what held-out data says, learning rate, throughput; filled from what was said of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtWidgets import QWidget

from workbench.events import Evaluated, StageStarted
from workbench.gui.curve_training import Training, marks_of, short_name
from workbench.gui.models.run_wording import counted_words, perplexity
from workbench.gui.series import Numbers
from workbench.gui.theme import Theme
from workbench.gui.watched_run import WatchedRun
from workbench.gui.widgets.live_plot import LivePlot
from workbench.gui.widgets.plot_axes import per_second, percent, rate
from workbench.gui.widgets.plot_series import Kind, Series
from workbench.gui.widgets.plot_span import PlotSpan
from workbench.session.history import History

# Looks of earlier runs, in turn: told apart by colour and by dash.
_OVERLAYS = (("good", "dash"), ("mark", "long"), ("warning", "dot"), ("accent", "dash-dot"), ("text", "dash"))


@dataclass(frozen=True)
class _Look:
    """How a series of the run on the screen looks; others keep its kind."""

    kind: Kind
    words: str
    colour: str = "student"
    dash: str = "solid"
    smooths: bool = False


_TOTAL = _Look(Kind.CURVE, "The training loss: α · soft + (1 − α) · hard.", smooths=True)
_SOFT = _Look(Kind.CURVE, "How far the student is from the teacher's soft targets.", "teacher", "long", smooths=True)
_HARD = _Look(Kind.CURVE, "Cross-entropy with the batch's hard labels, at T = 1.", "hard", "dash", smooths=True)
_RATE = _Look(Kind.CURVE, "The learning rate of each step.")
_PACE = _Look(Kind.CURVE, "Steps a second, over the last second of training.", smooths=True)
_HELD_OUT = _Look(Kind.POINTS, "Cross-entropy with the hard labels of held-out data, at T = 1.", "good")
_AGREEMENT = _Look(Kind.POINTS, "Share of held-out data where student and teacher make the same first choice.")
_PERPLEXITY = _Look(Kind.POINTS, "e to the cross-entropy a token of held-out text.")
_DIVERGENCE = _Look(Kind.POINTS, "KL(teacher ‖ student) a token of held-out text, at T = 1.")
_ERRORS = {
    "examples": _Look(Kind.POINTS, "Held-out examples whose label is not the student's first choice."),
    "problems": _Look(Kind.POINTS, "Held-out problems that the student answers wrongly in writing."),
    "tokens": _Look(Kind.POINTS, "Held-out tokens that are not the student's first choice."),
}


class CurvePlots:
    """Plots that share their x axis and crosshair.

    Attributes:
        span: What they share.
        loss: Training loss by term, and the cross-entropy on held-out data.
        error: Errors on held-out data.
        agreement: Same top-1 as the teacher on held-out data.
        perplexity: On held-out text, of a language model.
        divergence: From the teacher a held-out token, of a language model.
        rate: The learning rate.
        pace: Steps a second.
        writes_text: Whether the run on the screen trains a language model.
        trainings: Whose curves are drawn; the run's own first.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.span = PlotSpan(parent)
        self.loss = LivePlot(theme, "Loss", unit="nats", span=self.span)
        self.error = LivePlot(theme, "Error", unit="% of held-out examples", number=percent, span=self.span)
        self.agreement = LivePlot(
            theme, "Agreement", unit="% with the teacher's answer", number=percent, span=self.span
        )
        self.perplexity = LivePlot(theme, "Perplexity", unit="a token of held-out text", span=self.span)
        self.divergence = LivePlot(theme, "KL to the teacher", unit="nats a token of held-out text", span=self.span)
        self.rate = LivePlot(theme, "Learning rate", number=rate, span=self.span)
        self.pace = LivePlot(theme, "Throughput", unit="steps/s", number=per_second, span=self.span)
        self.pace.state.from_zero = True
        self.trainings: list[Training] = []
        self.writes_text = False
        self._run: WatchedRun | None = None
        self._told: tuple[object, ...] = ()

    @property
    def all(self) -> tuple[LivePlot, ...]:
        """Every plot, in the order they are shown."""
        return self.loss, self.perplexity, self.divergence, self.error, self.agreement, self.rate, self.pace

    @property
    def held_out(self) -> tuple[LivePlot, ...]:
        """What held-out data says of the run on the screen."""
        text = (self.perplexity, self.divergence) if self.writes_text else ()
        return *text, self.error, self.agreement

    @property
    def fitting(self) -> tuple[LivePlot, ...]:
        """All that say something of the run on the screen."""
        return self.loss, *self.held_out, self.rate, self.pace

    def fill(self, run: WatchedRun, overlays: Sequence[History], shown: Iterable[LivePlot]) -> None:
        """Give the plots everything that has been said, and draw those that are shown.

        Args:
            run: The run on the screen.
            overlays: Earlier runs.
            shown: The plots that can be seen.
        """
        self._choose(run, overlays)
        prepared = run.prepared
        self.span.end = float(prepared.total_steps) if prepared else None
        self.span.grows = run.run is not None
        for training in self.trainings:
            self._give_steps(training)
        self._tell_events(run)
        for plot in shown:
            plot.redraw()

    def empty(self) -> None:
        """Show no run."""
        self._run, self._told, self.trainings = None, (), []
        for plot in self.all:
            plot.clear()

    # -- whose curves

    def _choose(self, run: WatchedRun, overlays: Sequence[History]) -> None:
        others = [history for history in run.histories[1:] if history is not run.baseline]
        wanted = [run.own, *([run.baseline] if run.baseline else []), *others, *overlays]
        known = [training.history for training in self.trainings]
        if run is self._run and [id(history) for history in known] == [id(history) for history in wanted]:
            return
        if run is not self._run:
            self.empty()
            self._run, self.writes_text = run, run.writes_text
            asked = "of tokens with the teacher's first choice" if self.writes_text else "with the teacher's answer"
            self.agreement.state.unit = f"% {asked}"
            self.span.fit()
        old = {id(training.history): training for training in self.trainings}
        gone = [training for training in self.trainings if all(training.history is not other for other in wanted)]
        for training in gone:
            self._remove(training)
        self.trainings = []
        for history in wanted:
            self.trainings.append(old.get(id(history)) or self._training(history, run))
        self._told = ()

    def _training(self, history: History, run: WatchedRun) -> Training:
        if history is run.own:
            return Training(history)
        if history is run.baseline:
            return Training(history, "baseline", "baseline")
        taken = [(training.colour, training.dash) for training in self.trainings]
        colour, dash = min(_OVERLAYS, key=taken.count)
        names = {training.suffix for training in self.trainings}
        short = short_name(history.name)
        return Training(history, history.name if short in names else short, colour, dash)

    def _remove(self, training: Training) -> None:
        for plot, name in training.series:
            if name in plot.state.series:
                plot.remove(name)

    # -- what is rare

    def _tell_events(self, run: WatchedRun) -> None:
        counts = tuple((id(one.history), len(one.history.events)) for one in self.trainings)
        stage, prepared = run.stage, run.prepared
        told = (counts, stage, prepared)
        if told == self._told:
            return
        self._told = told
        marks = marks_of(run.own)
        for plot in self.all:
            plot.set_marks(marks)
        if prepared is not None:
            choices = len(prepared.classes) or round(math.exp(prepared.uniform_loss))
            name = f"ln {choices:,} = {prepared.uniform_loss:.3f}, uniform guessing"
            if name not in self.loss.state.series:
                self.loss.level(name, "muted", prepared.uniform_loss, dash="dot", is_reference=True)
        score = run.teacher_score
        if score is not None:
            self._level(self.loss, "teacher, held-out", score.cross_entropy)
            self._level(self.error, "teacher", 100 * score.errors / max(score.examples, 1))
            if self.writes_text:
                self._level(self.perplexity, "teacher", perplexity(score.cross_entropy))
        self._say_what_is_missing(run)
        for training in self.trainings:
            self._give_evaluations(training)

    def _level(self, plot: LivePlot, name: str, value: float) -> None:
        if name not in plot.state.series:
            plot.level(name, "teacher", value, dash="dash", words="The teacher, on held-out data.")
        plot.state.series[name].value = value

    def _say_what_is_missing(self, run: WatchedRun) -> None:
        goes_on = run.run is not None
        every = run.recipe.monitoring.evaluate_every if run.recipe is not None else 1
        words = f"The first evaluation comes after {every:g} epoch{'' if every == 1 else 's'}."
        for plot in (self.error, self.agreement, self.perplexity, self.divergence):
            plot.state.empty_text = words if goes_on else "Nothing was evaluated."
        if run.recipe is not None and not run.recipe.teachers:
            self.agreement.state.empty_text = "There is no teacher to agree with."
            self.divergence.state.empty_text = "There is no teacher to differ from."
        for plot in (self.loss, self.rate, self.pace):
            plot.state.empty_text = "Preparing…" if goes_on else "Nothing was logged."

    def _give_evaluations(self, training: Training) -> None:
        scores = [score for score in training.history.all(Evaluated) if score.subject == "student"]
        steps = np.array([score.step for score in scores], np.float64)
        losses = np.array([score.cross_entropy for score in scores], np.float64)
        errors = np.array([100 * score.errors / max(score.examples, 1) for score in scores], np.float64)
        agreed = np.array([math.nan if score.agreement is None else 100 * score.agreement for score in scores])
        self._give(self.loss, training, _HELD_OUT, training.name("held-out"), (steps, losses))
        name = training.name("")
        counted = scores[-1].counted if scores else "examples"
        if not training.suffix:
            self.error.state.unit = f"% of {counted_words(counted).of}"
        self._give(self.error, training, _ERRORS.get(counted, _ERRORS["examples"]), name, (steps, errors))
        if np.isfinite(agreed).any():
            self._give(self.agreement, training, _AGREEMENT, name, (steps, agreed))
        if self.writes_text:
            self._give_text_scores(training, scores, steps)

    def _give_text_scores(self, training: Training, scores: Sequence[Evaluated], steps: Numbers) -> None:
        name = training.name("")
        perplexities = np.array([perplexity(score.cross_entropy) for score in scores], np.float64)
        self._give(self.perplexity, training, _PERPLEXITY, name, (steps, perplexities))
        far = np.array([math.nan if score.kl_to_teacher is None else score.kl_to_teacher for score in scores])
        if np.isfinite(far).any():
            self._give(self.divergence, training, _DIVERGENCE, name, (steps, far))

    # -- what grows

    def _give_steps(self, training: Training) -> None:
        log = training.log
        # The count first: another thread goes on writing.
        steps = log.column("step")
        columns = {
            name: log.column(name)[: len(steps)] for name in ("total", "soft", "hard", "learning_rate", "seconds")
        }
        self._give(self.loss, training, _TOTAL, training.suffix or "total", (steps, columns["total"]))
        self._give(self.rate, training, _RATE, training.suffix or "learning rate", (steps, columns["learning_rate"]))
        rates = training.pace.grow(steps, columns["seconds"])
        self._give(self.pace, training, _PACE, training.suffix or "steps/s", (steps, rates))
        stage = training.history.latest(StageStarted)
        if not training.suffix and stage is not None and stage.soft_term:
            name = f"soft: {stage.soft_term.removesuffix(', nats')}"
            self._forget_other_soft_terms(name)
            self._give(self.loss, training, _SOFT, name, (steps, columns["soft"]))
            self._give(self.loss, training, _HARD, "hard", (steps, columns["hard"]))

    def _forget_other_soft_terms(self, name: str) -> None:
        for other in [other for other in self.loss.state.series if other.startswith("soft: ") and other != name]:
            self.loss.remove(other)

    def _give(
        self, plot: LivePlot, training: Training, look: _Look, name: str, values: tuple[Numbers, Numbers]
    ) -> None:
        """Values for a series, which is added where it is new."""
        if name not in plot.state.series:
            if not len(values[0]):
                return
            other = bool(training.suffix)
            colour, dash = (training.colour, training.dash) if other else (look.colour, look.dash)
            series = Series(name, look.kind, colour, dash, look.words, smooths=look.smooths, behind=other)
            training.series.append((plot, name))
            plot.add(series)
        plot.set(name, *values)
