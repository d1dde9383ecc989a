"""What a list of runs says to a person: status, times and errors in words."""

import math
from dataclasses import dataclass
from datetime import datetime

from workbench.session.library import RunSummary

NONE = "–"
# The natural logarithm of the largest float, nearly.
_TOO_LARGE = 700


@dataclass(frozen=True)
class StatusLook:
    """A status in a word, with one of our icons in a colour of the theme; a verdict also as part of a sentence."""

    word: str
    icon: str
    colour: str
    sentence: str = ""


_LOOKS = {
    "new": StatusLook("Not started", "clock", "muted"),
    "preparing": StatusLook("Preparing…", "clock", "accent"),
    "running": StatusLook("Training", "train", "accent"),
    "baseline": StatusLook("Baseline…", "train", "accent"),
    "paused": StatusLook("Paused", "pause", "accent"),
    "stopping": StatusLook("Stopping…", "stop", "accent"),
    "complete": StatusLook("Complete", "ok", "good"),
    "early stop": StatusLook("Early stop", "ok", "good"),
    "stopped": StatusLook("Stopped", "stop", "muted"),
    "failed": StatusLook("Failed", "error", "bad"),
    "damaged": StatusLook("Damaged", "error", "bad"),
    "interrupted": StatusLook("Interrupted", "warning", "warning"),
}
_VERDICTS = {
    "BEATS": StatusLook("Beats", "ok", "good", "beats the baseline"),
    "DOES NOT BEAT": StatusLook("Does not beat", "error", "bad", "does not beat the baseline"),
    "INCONCLUSIVE": StatusLook("Inconclusive", "warning", "warning", "inconclusive beside the baseline"),
}


def status_look(status: str) -> StatusLook:
    """How a status of a run is shown."""
    return _LOOKS.get(status, StatusLook(status, "info", "muted"))


def verdict_look(word: str) -> StatusLook:
    """How the word of a verdict is shown."""
    return _VERDICTS.get(word, StatusLook(word, "info", "muted", word.lower()))


def started_words(created: str, now: datetime) -> str:
    """When a run was made: "today 14:03", "yesterday 09:10", "3 Oct 14:03", "3 Oct 2025"."""
    try:
        then = datetime.fromisoformat(created).astimezone(now.tzinfo)
    except ValueError:
        return NONE
    days = (now.date() - then.date()).days
    if days == 0:
        return f"today {then:%H:%M}"
    if days == 1:
        return f"yesterday {then:%H:%M}"
    day = f"{then.day} {_MONTHS[then.month - 1]}"
    return f"{day} {then:%H:%M}" if then.year == now.year else f"{day} {then.year}"


def duration_words(seconds: float) -> str:
    """A training time: "4.2 s", "31 s", "3 min 05 s", "2 h 10 min"."""
    if seconds <= 0:
        return NONE
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@dataclass(frozen=True)
class Counted:
    """What errors are counted of, in words.

    Attributes:
        one: A single error.
        many: Several of them.
        of: What was asked, such as "held-out examples".
        joined: Between both in a sentence.
        is_example: Whether it goes without saying.
    """

    one: str
    many: str
    of: str
    joined: str
    is_example: bool = False


_COUNTED = {
    "examples": Counted("error", "errors", "held-out examples", "on", is_example=True),
    "problems": Counted("wrong answer", "wrong answers", "held-out problems", "to"),
    "tokens": Counted("wrong token", "wrong tokens", "held-out tokens", "of"),
}


def counted_words(counted: str) -> Counted:
    """The words for "examples", "problems" or "tokens"."""
    return _COUNTED.get(counted, _COUNTED["examples"])


def errors_words(errors: int | None, examples: int | None, counted: str = "examples") -> str:
    """Errors with their share: "47 (2.35 %)", "47 wrong answers (15.67 %)"."""
    if errors is None:
        return NONE
    words = counted_words(counted)
    count = f"{errors:,}" if words.is_example else _counted(errors, words)
    return f"{count} ({100 * errors / examples:.2f} %)" if examples else count


def errors_sentence(errors: int | None, examples: int | None, counted: str = "examples") -> str:
    """The same in full: "47 errors on 2,000 held-out examples (2.35 %)"; "" where there are none yet."""
    if errors is None or not examples:
        return ""
    words = counted_words(counted)
    return f"{_counted(errors, words)} {words.joined} {examples:,} {words.of} ({100 * errors / examples:.2f} %)"


def errors_of(errors: int, examples: int, counted: str = "examples") -> str:
    """The same in passing: "47 errors of 2,000", "60 wrong answers of 300"."""
    return f"{_counted(errors, counted_words(counted))} of {examples:,}"


def share_words(errors: int | None, examples: int | None, counted: str = "examples") -> str:
    """The same for a narrow place: "47 of 2,000 (2.35 %)", "60 of 300 problems (20.00 %)"."""
    if errors is None or not examples:
        return NONE
    words = counted_words(counted)
    of = "" if words.is_example else f" {words.of.removeprefix('held-out ')}"
    return f"{errors:,} of {examples:,}{of} ({100 * errors / examples:.2f} %)"


def perplexity(cross_entropy: float) -> float:
    """E to a cross-entropy in nats; infinite where that is too large for a number."""
    return math.exp(cross_entropy) if cross_entropy < _TOO_LARGE else math.inf


def _counted(errors: int, words: Counted) -> str:
    return f"{errors:,} {words.one if errors == 1 else words.many}"


def progress_share(run: RunSummary) -> float:
    """How far a run is, from 0 to 1."""
    if run.status in ("complete", "early stop"):
        return 1.0
    return min(run.step / run.total_steps, 1.0) if run.total_steps else 0.0


def bytes_words(count: int) -> str:
    """A size on disk: "812 kB", "5.09 MB"."""
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


# Not strftime's: its months are in the language of the system, and the window is not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
