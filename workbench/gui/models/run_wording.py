"""What a list of runs says to a person: status, times and errors in words."""

from dataclasses import dataclass
from datetime import datetime

from workbench.session.library import RunSummary

NONE = "–"


@dataclass(frozen=True)
class StatusLook:
    """A status in a word, with one of our icons in a colour of the theme."""

    word: str
    icon: str
    colour: str


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
    "interrupted": StatusLook("Interrupted", "warning", "warning"),
}
_VERDICTS = {
    "BEATS": StatusLook("Beats", "ok", "good"),
    "DOES NOT BEAT": StatusLook("Does not beat", "error", "bad"),
    "INCONCLUSIVE": StatusLook("Inconclusive", "warning", "warning"),
}


def status_look(status: str) -> StatusLook:
    """How a status of a run is shown."""
    return _LOOKS.get(status, StatusLook(status, "info", "muted"))


def verdict_look(word: str) -> StatusLook:
    """How the word of a verdict is shown."""
    return _VERDICTS.get(word, StatusLook(word, "info", "muted"))


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


def errors_words(errors: int | None, examples: int | None) -> str:
    """Errors with their share: "47 (2.35 %)"."""
    if errors is None:
        return NONE
    return f"{errors:,} ({100 * errors / examples:.2f} %)" if examples else f"{errors:,}"


def errors_sentence(errors: int | None, examples: int | None) -> str:
    """The same in full: "47 errors on 2,000 held-out examples (2.35 %)"; "" where there are none yet."""
    if errors is None or not examples:
        return ""
    word = "error" if errors == 1 else "errors"
    return f"{errors:,} {word} on {examples:,} held-out examples ({100 * errors / examples:.2f} %)"


def share_words(errors: int | None, examples: int | None) -> str:
    """The same for a narrow place: "47 of 2,000 (2.35 %)"."""
    return f"{errors:,} of {examples:,} ({100 * errors / examples:.2f} %)" if errors is not None and examples else NONE


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
