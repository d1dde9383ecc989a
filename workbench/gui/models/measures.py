"""What a comparison of runs measures: each in words, and which of them is best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from workbench.events import Evaluated
from workbench.gui.models.run_wording import (
    NONE,
    bytes_words,
    duration_words,
    errors_words,
    perplexity,
    status_look,
    verdict_look,
)
from workbench.session.comparing import ComparedRun


class Better(Enum):
    """Which way a measure is better."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True)
class Measure:
    """One row of results.

    Attributes:
        name: What is measured.
        help: The same in a sentence.
        words: What a person reads of one run.
        number: What is compared; None where it is not known.
        better: Which way is better.
        is_of_text: Whether it says something of language models only.
    """

    name: str
    help: str
    words: Callable[[ComparedRun], str]
    number: Callable[[ComparedRun], float | None] = lambda _: None
    better: Better = Better.NEITHER
    is_of_text: bool = False


def measures_for(runs: Sequence[ComparedRun]) -> tuple[Measure, ...]:
    """Those that say something of these runs."""
    write = any(run.recipe.writes_text for run in runs)
    return tuple(measure for measure in MEASURES if write or not measure.is_of_text)


def best_of(measure: Measure, runs: Sequence[ComparedRun]) -> frozenset[int]:
    """The places of the best runs; none where there is nothing to tell them apart."""
    numbers = [measure.number(run) for run in runs]
    known = [number for number in numbers if number is not None]
    if measure.better is Better.NEITHER or len(known) < 2 or min(known) == max(known):
        return frozenset()
    best = min(known) if measure.better is Better.LOWER else max(known)
    return frozenset(place for place, number in enumerate(numbers) if number == best)


def _scored(words: Callable[[Evaluated], str | None]) -> Callable[[ComparedRun], str]:
    """Words about the student's last score; a dash before there is one."""

    def of(run: ComparedRun) -> str:
        return (words(run.score) if run.score is not None else None) or NONE

    return of


def _scores(number: Callable[[Evaluated], float | None]) -> Callable[[ComparedRun], float | None]:
    return lambda run: None if run.score is None else number(run.score)


def _perplexity(score: Evaluated) -> float | None:
    return None if score.counted == "examples" else perplexity(score.cross_entropy)


def perplexity_words(value: float | None) -> str | None:
    """A perplexity for people: "12.34", "1,234"."""
    return None if value is None else f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


MEASURES = (
    Measure(
        "Errors",
        "Held-out examples the student gets wrong; problems it answers wrongly, or tokens it does not find likeliest.",
        _scored(lambda score: errors_words(score.errors, score.examples, score.counted)),
        _scores(lambda score: score.errors / score.examples),
        Better.LOWER,
    ),
    Measure(
        "Agreement with the teacher",
        "Share of held-out examples, or of tokens, on which student and teacher say the same.",
        _scored(lambda score: None if score.agreement is None else f"{100 * score.agreement:.2f} %"),
        _scores(lambda score: score.agreement),
        Better.HIGHER,
    ),
    Measure(
        "KL to the teacher",
        "Mean KL divergence from the teacher's to the student's probabilities at T = 1.",
        _scored(lambda score: None if score.kl_to_teacher is None else f"{score.kl_to_teacher:.4f} nats"),
        _scores(lambda score: score.kl_to_teacher),
        Better.LOWER,
    ),
    Measure(
        "Cross-entropy",
        "Mean of −log p of the true label; in a text, of the next token.",
        _scored(lambda score: f"{score.cross_entropy:.4f} nats"),
        _scores(lambda score: score.cross_entropy),
        Better.LOWER,
    ),
    Measure(
        "Perplexity",
        "e to the cross-entropy a token: among how many equally likely ones the student would be as undecided.",
        _scored(lambda score: perplexity_words(_perplexity(score))),
        _scores(_perplexity),
        Better.LOWER,
        is_of_text=True,
    ),
    Measure(
        "Calibration error",
        "How far the student's confidence is from its accuracy, on average.",
        _scored(lambda score: f"{score.calibration_error:.4f}"),
        _scores(lambda score: score.calibration_error),
        Better.LOWER,
    ),
    Measure(
        "Teacher's errors",
        "Held-out examples the teacher gets wrong.",
        lambda run: errors_words(run.summary.teacher_errors, run.summary.examples, run.summary.counted),
    ),
    Measure(
        "Errors on hard labels",
        "Of the same student without a teacher, one number a seed.",
        lambda run: ", ".join(f"{count:,}" for count in run.summary.baseline_errors) or NONE,
    ),
    Measure(
        "Verdict",
        "Whether the teacher helped.",
        lambda run: verdict_look(run.summary.verdict).word if run.summary.verdict else NONE,
    ),
    Measure(
        "Steps",
        "Optimiser steps taken, of all.",
        lambda run: f"{run.summary.step:,} of {run.summary.total_steps:,}" if run.summary.total_steps else NONE,
    ),
    Measure(
        "Training time",
        "Without pauses.",
        lambda run: duration_words(run.summary.seconds),
        lambda run: run.summary.seconds or None,
        Better.LOWER,
    ),
    Measure(
        "Student's parameters",
        "Numbers the student is made of.",
        lambda run: NONE if run.parameters is None else f"{run.parameters:,}",
        lambda run: run.parameters,
        Better.LOWER,
    ),
    Measure(
        "Student on disk",
        "Size of the finished student's file.",
        lambda run: NONE if run.student_bytes is None else bytes_words(run.student_bytes),
        lambda run: run.student_bytes,
        Better.LOWER,
    ),
    Measure("Seed", "Of the student's weights and the order of examples.", lambda run: str(run.recipe.student.seed)),
    Measure("Device", "What it trained on.", lambda run: run.summary.device or NONE),
    Measure("Status", "Where the run is.", lambda run: status_look(run.summary.status).word),
)
