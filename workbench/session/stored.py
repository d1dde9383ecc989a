"""What a run's database holds, checked where it is read: the types and ranges of facts, journal and events."""

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypedDict, get_type_hints

from workbench.errors import WorkbenchError
from workbench.event_records import event_of, short, typed
from workbench.events import Event, Judged, Prepared

# Steps, counts of examples and the like: more than that no run has, and no progress bar takes.
_LARGEST_COUNT = 2**31 - 1
# As many as one run may be asked for.
_MOST_SEEDS = 1000
RESTORE = "Restore the file from a backup. What can be read is still shown, and the run can be deleted."
# Nats of uniform guessing: more would need e to the 100 classes.
_LARGEST_UNIFORM_LOSS = 100


class VerdictRecord(TypedDict):
    """Every number behind a verdict."""

    word: str
    sentence: str
    examples: int
    teacher_errors: int | None
    baseline_errors: list[int]
    distilled_errors: list[int]
    saved: float
    interval: list[float]
    p_value: float
    test: str


class Plan(TypedDict):
    """Which trainings were asked for."""

    baseline: bool
    seeds: int


class RunFacts(TypedDict, total=False):
    """The facts this program knows by name; others are kept as they are."""

    recipe: str
    created: str
    environment: dict[str, Any]
    status: str
    step: int
    total_steps: int
    student_errors: int | None
    teacher_errors: int | None
    examples: int | None
    counted: str
    seconds: float
    verdict: VerdictRecord | None
    tags: list[str]
    notes: str
    seed: int | None
    digest: str
    device: str
    content: str
    companions: int
    companions_done: bool
    plan: Plan | None
    exported_to: list[str]


_HINTS = get_type_hints(RunFacts)
_COUNTS = (
    *("step", "total_steps", "steps_per_epoch", "stage", "companions", "seeds", "texts"),
    *("errors", "student_errors", "teacher_errors", "examples"),
)


class Facts(dict[str, Any]):
    """Facts by name; asking for one whose value is damaged raises WorkbenchError, the others are there.

    Attributes:
        damage: By name, what is wrong with the facts that were left out.
    """

    def __init__(self, path: Path, rows: Iterable[tuple[Any, Any]]) -> None:
        super().__init__()
        self.damage: dict[str, str] = {}
        self._path = path
        for name, value in rows:
            try:
                self[name] = _fact(name, value)
            except ValueError as error:
                self.damage[name] = f"The fact {error}."

    def __missing__(self, name: str) -> Any:
        """Refuse what is damaged."""
        if name in self.damage:
            raise damaged(self._path, self.damage[name])
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a fact, or the default where there is none. Raises WorkbenchError where it is damaged."""
        return self[name] if name in self or name in self.damage else default


def damaged(path: Path, problem: str) -> WorkbenchError:
    """What is wrong with a run's database, in a sentence, as an error with its file."""
    return WorkbenchError(f"{path} is damaged. {problem}", RESTORE)


def journal_entry(step: Any, name: Any, value: Any) -> tuple[int, str, Any]:
    """One control change as the database has it. Raises ValueError."""
    place = f"{name!r} at step {step!r}" if isinstance(name, str) else "an entry"
    step = typed(step, int, f"the step of {place}")
    _refuse_impossible(step, "step")
    return step, typed(name, str, "a name"), typed(_json(value, place), float | tuple[int, ...] | None, place)


def stored_record(kind: Any, body: Any) -> dict[str, Any]:
    """One event as a plain dictionary, with its kind under "event". Raises ValueError."""
    place = f"an event of kind {short(kind)}"
    return {**typed(_json(body, place), dict[str, Any], place), "event": kind}


def stored_event(kind: Any, body: Any) -> Event:
    """One event as the database has it. Raises ValueError."""
    event = event_of(stored_record(kind, body))
    for name in event.__slots__:
        if name in _COUNTS and isinstance(count := getattr(event, name), int):
            _refuse_impossible(count, f"{kind}.{name}")
    if isinstance(event, Prepared):
        if event.steps_per_epoch < 1:
            raise ValueError("Prepared.steps_per_epoch is 0")
        if not 0 <= event.uniform_loss <= _LARGEST_UNIFORM_LOSS:
            raise ValueError(f"Prepared.uniform_loss is {event.uniform_loss:g}, which is not ln(classes)")
    if isinstance(event, Judged) and not _is_verdict(typed(event.record, VerdictRecord, "Judged.record")):
        raise ValueError(f"Judged.record has a value no run gives it: {short(event.record)}")
    return event


def _fact(name: Any, value: Any) -> Any:
    name = typed(name, str, "a name")
    return checked_fact(name, _json(value, f"“{name:.60}”"))


def checked_fact(name: str, value: Any) -> Any:
    """A fact of the type and in the range it must have, if this program knows it by name. Raises ValueError."""
    place = f"“{name:.60}”"
    found = typed(value, _HINTS.get(name, Any), place)
    for key, item in found.items() if isinstance(found, dict) and name in _HINTS else [(name, found)]:
        if key in _COUNTS and item is not None:
            _refuse_impossible(item, place)
    check = _CHECKS.get(name)
    if check is not None and found is not None and not check(found):
        raise ValueError(f"{place} has a value no run gives it: {short(found)}")
    return found


def _refuse_impossible(count: int, place: str) -> None:
    if not 0 <= count <= _LARGEST_COUNT:
        raise ValueError(f"{place} is {count}, which is not between 0 and {_LARGEST_COUNT}")


def _json(value: Any, place: str) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"{place} is {short(value)} where JSON text is expected")
    try:
        return json.loads(value)
    except RecursionError:
        raise ValueError(f"{place} is nested too deeply: {short(value)}") from None
    except ValueError:
        raise ValueError(f"{place} is not JSON: {short(value)}") from None


def _is_verdict(record: dict[str, Any]) -> bool:
    numbers = (record["saved"], record["p_value"], *record["interval"])
    errors = (*record["baseline_errors"], *record["distilled_errors"])
    return (
        record["word"] in ("BEATS", "DOES NOT BEAT", "INCONCLUSIVE")
        and len(record["interval"]) == 2
        and len(record["baseline_errors"]) == len(record["distilled_errors"])
        and all(map(math.isfinite, numbers))
        and all(0 <= count <= _LARGEST_COUNT for count in errors)
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "seconds": lambda seconds: 0 <= seconds < math.inf,
    "plan": lambda plan: 1 <= plan["seeds"] <= _MOST_SEEDS,
    "verdict": _is_verdict,
}
