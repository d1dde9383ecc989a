"""Warnings while a run trains, each found by one small check; a new one is a function and its word in a tuple.

The checks read numbers that are there anyway: the loss of each step, and what an evaluation measures. A cause is
reported once, and again only where it went away in between. All that is remembered is part of the run's progress, so
that a resumed run reports what an uninterrupted one reports.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from workbench.events import Evaluated, Finding, StepMetrics, Warned
from workbench.recipe import Stage
from workbench.wording import counted

# Loss: an average over about so many steps, against the first steps that saw so many examples.
_MEMORY = 10
_FIRST_EXAMPLES = 64
_ROSE, _FELL_BACK = 3.0, 1.5
# A short stage has had no time to learn anything.
_LEAST_STEPS = 100
_ONE_ANSWER, _VARIED = 0.98, 0.9
_UNMOVED = 1e-5
_NO_GRADIENT = 1e-8
# Below it the soft gradient, which is proportional to T there, is less than a hundredth of that at T = 1.
_LOWEST_TEMPERATURE = 0.01
_LESS_RATE = "Lower the learning rate (try a tenth) or set clip_norm"

# What is wrong, and what to do.
Found: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Score:
    """What of an evaluation is compared with later ones."""

    errors: int
    cross_entropy: float


@dataclass
class AlarmState:
    """What the checks remember of a stage.

    Attributes:
        standing: The sentences of what is wrong right now, by the name of the check.
        rows: Steps since the stage began or T or α changed.
        first: Mean loss of the first of them.
        recent: Moving average of the loss.
        initial: The student before it was trained.
        before: The student before this stage.
        latest: The student at its last evaluation.
        fewest: Its fewest errors in this stage.
    """

    standing: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    first: float = 0.0
    recent: float = 0.0
    initial: Score | None = None
    before: Score | None = None
    latest: Score | None = None
    fewest: int | None = None

    @classmethod
    def of(cls, values: dict[str, object]) -> "AlarmState":
        """The state as `dataclasses.asdict` took it apart."""
        scores = {name: Score(**value) for name, value in values.items() if name in _SCORES and isinstance(value, dict)}
        return cls(**{**values, **scores})  # type: ignore[arg-type]


_SCORES = ("initial", "before", "latest")


@dataclass(frozen=True)
class Judgement:
    """An evaluation of the student, and what belongs to it.

    Attributes:
        evaluated: What was measured.
        stage_step: Steps of the stage so far.
        steps: Steps of the stage in all.
        is_last: Whether the stage ends with it.
        loss: The loss of the last step.
        gradient: The norm of the gradient of the last step; None where it was not measured.
    """

    evaluated: Evaluated
    stage_step: int
    steps: int
    is_last: bool
    loss: float = math.nan
    gradient: float | None = None


class Alarms:
    """The checks over one run, with what they remember.

    Attributes:
        state: Kept with the run's progress.
    """

    def __init__(self, uniform_loss: float, classes: Sequence[str]) -> None:
        """Start with nothing seen.

        Args:
            uniform_loss: The loss of uniform guessing, in nats.
            classes: Names in label order; empty for a vocabulary.
        """
        self.state = AlarmState()
        self.uniform_loss, self.classes = uniform_loss, classes
        self.first_rows = 1

    def begin_stage(self, stage: Stage, stage_step: int) -> None:
        """Forget the stage before, unless this one is merely gone on with."""
        examples = stage.inputs.batch_size * stage.optimisation.accumulate
        self.first_rows = max(math.ceil(_FIRST_EXAMPLES / examples), 1)
        if stage_step == 0:
            before = self.state
            self.state = AlarmState(initial=before.initial, before=before.latest, latest=before.latest)

    def after_teacher(self, evaluated: Evaluated) -> Iterator[Warned]:
        """What the teacher's own score means."""
        for finding in teacher_findings(evaluated, self.uniform_loss):
            yield Warned(step=evaluated.step, title=finding.title, hint=finding.fix)

    def after_first_evaluation(self, evaluated: Evaluated) -> None:
        """Remember the student as it was before it was trained."""
        self.state.initial = self.state.latest = _score(evaluated)

    def after_control(self, step: int, temperature: float | None) -> Iterator[Warned]:
        """T or α changed: the loss has another scale from here on."""
        self.state.rows = 0
        self.state.standing.pop(rising_loss.__name__, None)
        yield from self._report(low_temperature.__name__, step, low_temperature(temperature))

    def after_steps(self, rows: Iterable[StepMetrics]) -> Iterator[Warned]:
        """Every step's loss."""
        for row in rows:
            self._remember_loss(row.total)
            for check in STEP_CHECKS:
                found = check(self, row)
                # At every step: where all is well there is nothing to look up.
                if found is not None or self.state.standing:
                    yield from self._report(check.__name__, row.step, found)

    def after_evaluation(self, judged: Judgement) -> Iterator[Warned]:
        """A score of the student."""
        state, evaluated = self.state, judged.evaluated
        for check in EVALUATION_CHECKS:
            yield from self._report(check.__name__, evaluated.step, check(self, judged))
        state.latest = _score(evaluated)
        state.fewest = evaluated.errors if state.fewest is None else min(state.fewest, evaluated.errors)

    def _remember_loss(self, loss: float) -> None:
        state = self.state
        state.rows += 1
        if state.rows <= self.first_rows:
            state.first += (loss - state.first) / state.rows if state.rows > 1 else loss - state.first
            state.recent = state.first
        else:
            state.recent += (loss - state.recent) / _MEMORY

    def _report(self, cause: str, step: int, found: Found | None) -> Iterator[Warned]:
        standing = self.state.standing
        if found is None:
            standing.pop(cause, None)
        elif cause not in standing:
            standing[cause] = found[0]
            yield Warned(step=step, title=found[0], hint=found[1])


# -- the checks


def rising_loss(alarms: Alarms, row: StepMetrics) -> Found | None:
    """The loss is several times what the stage began with, and not merely because that was next to nothing."""
    state = alarms.state
    factor = _FELL_BACK if state.standing and rising_loss.__name__ in state.standing else _ROSE
    if state.recent <= factor * max(state.first, alarms.uniform_loss):
        return None
    title = (
        f"The loss rose from {state.first:.3g} to {row.total:.3g} at step {row.step:,} "
        f"(learning rate {row.learning_rate:.3g})."
    )
    return title, f"Training diverges. {_LESS_RATE}, then train again."


def low_temperature(temperature: float | None) -> Found | None:
    """T is so low that the soft term has next to no gradient."""
    if temperature is None or temperature >= _LOWEST_TEMPERATURE:
        return None
    title = (
        f"At T = {temperature:.3g} the soft term has next to no gradient: it is proportional to T when T is this low."
    )
    return title, "Use a T between 0.5 and 50; 1 to 20 is usual."


def temperature_findings(stages: Sequence[Stage]) -> tuple[Finding, ...]:
    """The stages whose T is as low, known before anything is loaded."""
    found = [
        (number, low_temperature(getattr(stage.objective, "temperature", None))) for number, stage in enumerate(stages)
    ]
    return tuple(
        Finding(level="warning", title=f"Stage {number}: {warning[0]}", fix=warning[1])
        for number, warning in found
        if warning is not None
    )


def bad_gradient(_: Alarms, judged: Judgement) -> Found | None:
    """The gradient is 0 or infinite, although there is something to be learnt."""
    norm, step = judged.gradient, judged.evaluated.step
    if norm is None or (math.isfinite(norm) and (norm > _NO_GRADIENT or not judged.loss > _NO_GRADIENT)):
        return None
    if math.isfinite(norm):
        title = (
            f"The gradient of step {step:,} is {norm:.2g} and the loss {judged.loss:.3g}: the student learns nothing."
        )
        return (
            title,
            "Check the temperature and the learning rate; a network whose units all put out 0 must start anew.",
        )
    return f"The gradient of step {step:,} has the norm {norm}.", f"{_LESS_RATE}, then train again."


def unmoved_student(alarms: Alarms, judged: Judgement) -> Found | None:
    """The student scores exactly as before the stage."""
    before, evaluated = alarms.state.before, judged.evaluated
    if before is None or judged.stage_step < max(_LEAST_STEPS, judged.steps / 10):
        return None
    moved = abs(evaluated.cross_entropy - before.cross_entropy)
    if evaluated.errors != before.errors or moved > _UNMOVED * before.cross_entropy:
        return None
    title = (
        f"After {judged.stage_step:,} steps of this stage the student is as it was before: held-out cross-entropy "
        f"{evaluated.cross_entropy:.4f}, {_errors(evaluated)}."
    )
    return (
        title,
        "The updates are too small to change anything: raise the learning rate; if T is below 0.1, raise it too.",
    )


def worse_student(alarms: Alarms, judged: Judgement) -> Found | None:
    """The student makes clearly more errors than before it was trained; while it trains, much worse ones as well."""
    initial, evaluated = alarms.state.initial, judged.evaluated
    if initial is None:
        return None
    # Three standard deviations of the difference of two counts.
    clearly_more = evaluated.errors - initial.errors > 3 * math.sqrt(evaluated.errors + initial.errors)
    much_worse = evaluated.cross_entropy > 1.5 * initial.cross_entropy
    if not clearly_more or not (judged.is_last or much_worse):
        return None
    title = (
        f"The student is worse than before it was trained: {_errors(evaluated)}, {initial.errors:,} before; "
        f"cross-entropy {evaluated.cross_entropy:.3g}, {initial.cross_entropy:.3g} before."
    )
    return title, f"{_LESS_RATE}. If it goes on, see whether teacher, tokenizer and classes belong to this data."


def one_answer(alarms: Alarms, judged: Judgement) -> Found | None:
    """The student gives nearly always the same answer, after it knew better or with its stage over."""
    evaluated, fewest = judged.evaluated, alarms.state.fewest
    majority, share = evaluated.majority_errors, evaluated.top_share
    if majority is None or share is None or evaluated.top_answer is None:
        return None
    is_over = judged.is_last and judged.steps >= _LEAST_STEPS
    knew_better = fewest is not None and fewest < 0.8 * majority
    labels_vary = evaluated.examples - majority < _VARIED * evaluated.examples
    if share < _ONE_ANSWER or not labels_vary or not (is_over or knew_better):
        return None
    answer = alarms.classes[evaluated.top_answer] if alarms.classes else f"token {evaluated.top_answer:,}"
    title = f"The student answers “{answer}” to {share:.1%} of the held-out {evaluated.counted}: {_errors(evaluated)}."
    return title, f"It has collapsed to one answer. {_LESS_RATE}, then train again; if it stays, check the teacher."


def nothing_learnt(alarms: Alarms, judged: Judgement) -> Found | None:
    """The stage is over, and the student is no better than the most frequent label."""
    evaluated, majority = judged.evaluated, judged.evaluated.majority_errors
    is_over = judged.is_last and judged.steps >= _LEAST_STEPS
    if not is_over or majority is None or evaluated.errors < majority or one_answer.__name__ in alarms.state.standing:
        return None
    title = (
        f"The student has {_errors(evaluated)} after {judged.steps:,} steps; always giving the most frequent label "
        f"makes {majority:,}."
    )
    return title, "It has learnt nothing that counts. Check the teacher, the labels, T and the learning rate."


STEP_CHECKS: tuple[Callable[[Alarms, StepMetrics], Found | None], ...] = (rising_loss,)
EVALUATION_CHECKS: tuple[Callable[[Alarms, Judgement], Found | None], ...] = (
    bad_gradient,
    unmoved_student,
    worse_student,
    one_answer,
    nothing_learnt,
)


def teacher_findings(evaluated: Evaluated, uniform_loss: float) -> Iterator[Finding]:
    """Whether a teacher that scored this has anything to teach.

    It has not where it is no better than the most frequent label, or hardly better than it and no better in nats than
    uniform guessing.
    """
    majority = evaluated.majority_errors
    no_better_in_nats = evaluated.cross_entropy >= uniform_loss * (1 - 1e-6)
    if majority is None:
        at_chance = no_better_in_nats
    else:
        at_chance = evaluated.errors >= majority or (no_better_in_nats and evaluated.errors >= 0.8 * majority)
    if not at_chance:
        return
    title = (
        f"The teacher is no better than chance on the held-out {evaluated.counted}: {_errors(evaluated)}, "
        f"cross-entropy {evaluated.cross_entropy:.3g} nats"
    )
    if majority is not None:
        title += f"; always giving the most frequent label makes {majority:,}"
    fix = (
        "Use a trained teacher. If it is one, see whether its classes are in the order of the data, and whether inputs "
        "are normalised as it learnt them."
    )
    yield Finding(level="warning", title=f"{title}; uniform guessing {uniform_loss:.3g} nats.", fix=fix)


def _score(evaluated: Evaluated) -> Score:
    return Score(evaluated.errors, evaluated.cross_entropy)


def _errors(evaluated: Evaluated) -> str:
    return f"{counted(evaluated.errors, 'error')} of {evaluated.examples:,}"
