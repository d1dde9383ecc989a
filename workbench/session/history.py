"""What a training has said so far: filled live by whoever listens, or read back from its folder."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from workbench.event_records import event_of
from workbench.events import Event, Failed, Finished, Judged, Prepared, Probed, Surveyed, TextProbed
from workbench.session.metric_log import MetricLog
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

_Kind = TypeVar("_Kind")
# Frequent and large, and nobody looks at an old one: a long run must not fill the memory with them.
_NEWEST_ONLY: tuple[type[Event], ...] = (Probed, TextProbed, Surveyed)


@dataclass
class History:
    """One training: its numbers and its rare events, in order.

    Attributes:
        name: Such as "distilled, seed 0".
        path: Its run folder.
        is_baseline: Whether it learns from hard labels.
        log: Its metrics by step.
        events: Everything but steps; of looks at examples, texts and classes only the newest is kept in memory.
        has_ended: Whether the training said last that it is over, in whatever way.
    """

    name: str
    path: Path
    is_baseline: bool = False
    log: MetricLog = field(default_factory=MetricLog)
    events: list[Event] = field(default_factory=list)
    has_ended: bool = field(default=False, init=False)
    # The same events by kind: panels ask at every tick, and a long run has said a lot.
    _kinds: dict[type, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _places: dict[type, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take in what is known already."""
        self._take_in(self.events)

    def hear(self, event: Event) -> None:
        """Add one event; what a resumed run says again takes the place of what it said before."""
        if isinstance(event, Prepared):
            # A resumed run repeats what it had said after its checkpoint.
            self._take_in([other for other in self.events if other.step <= event.step])
        self._add(event)

    def all(self, kind: type[_Kind]) -> Iterator[_Kind]:
        """Every event of a kind, oldest first."""
        return iter(self._kinds.get(kind, ()))

    def latest(self, kind: type[_Kind]) -> _Kind | None:
        """The newest event of a kind, None where there is none."""
        of_kind: list[_Kind] = self._kinds.get(kind, [])
        return of_kind[-1] if of_kind else None

    def _take_in(self, events: list[Event]) -> None:
        self.events, self._kinds, self._places = [], {}, {}
        for event in events:
            self._add(event)

    def _add(self, event: Event) -> None:
        of_kind = self._kinds.setdefault(type(event), [])
        if of_kind and isinstance(event, _NEWEST_ONLY):
            self.events[self._places[type(event)]] = of_kind[0] = event
        else:
            self._places[type(event)] = len(self.events)
            self.events.append(event)
            of_kind.append(event)
        if isinstance(event, (Prepared, Finished, Failed)):
            self.has_ended = not isinstance(event, Prepared)


def histories_of(folder: RunFolder) -> list[History]:
    """A run and its companions as their folders have them, the run itself first.

    Raises:
        WorkbenchError: A database cannot be read.
    """
    plan = folder.facts().get("plan") or {}
    seed = folder.recipe.student.seed
    histories = [_history(f"distilled, seed {seed}", folder, is_baseline=False)]
    for path in folder.companions():
        is_baseline = path.name.startswith("baseline")
        word, _, number = path.name.rpartition("-seed-")
        kind = "hard labels" if word == "baseline" else "distilled"
        histories.append(_history(f"{kind}, seed {number}", RunFolder(path), is_baseline=is_baseline))
    verdict = folder.facts().get("verdict")
    if verdict and plan.get("baseline"):
        step = int(folder.facts().get("step", 0))
        histories[0].hear(Judged(step=step, word=verdict["word"], sentence=verdict["sentence"], record=verdict))
    return histories


def _history(name: str, folder: RunFolder, *, is_baseline: bool) -> History:
    history = History(name, folder.path, is_baseline)
    with RunDatabase(folder.database_file, read_only=True) as database:
        history.log.extend(database.metrics())
        for record in database.events(newest=[kind.__name__ for kind in _NEWEST_ONLY]):
            history.hear(event_of(record))
    return history
