"""What a training has said so far: filled live by whoever listens, or read back from its folder."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import WorkbenchError
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
        is_whole: Whether the log has every step that is on the disk; `read_steps` adds the others.
        damage: What of its folder cannot be read, a sentence each that names the file.
    """

    name: str
    path: Path
    is_baseline: bool = False
    log: MetricLog = field(default_factory=MetricLog)
    events: list[Event] = field(default_factory=list)
    has_ended: bool = field(default=False, init=False)
    is_whole: bool = field(default=True, init=False)
    damage: list[str] = field(default_factory=list, init=False)
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

    def read_steps(self, seconds: float = math.inf, keep_on: Callable[[str], None] = lambda _: None) -> None:
        """Add the steps that the disk has after the newest one in the log.

        Args:
            seconds: After so many the rest is left for another call.
            keep_on: Called between pieces with what is being read; what it raises ends the reading.
        """
        log, end = self.log, time.monotonic() + seconds
        after = float(log.column("step")[-1]) if len(log) else -math.inf
        self.is_whole = False
        with self._database() as database, closing(database.metric_pieces(after)) as pieces:
            for piece in pieces:
                log.extend(piece)
                keep_on(f"{len(log):,} steps")
                if time.monotonic() > end:
                    return
            self._note(database)
        self.is_whole = True

    def read_events(self) -> None:
        """Take in the events that the disk has."""
        with self._database() as database:
            for event in database.typed_events(newest=[kind.__name__ for kind in _NEWEST_ONLY]):
                self.hear(event)
            self._note(database)

    def _database(self) -> RunDatabase:
        return RunDatabase(self.path / "run.sqlite", read_only=True)

    def _note(self, database: RunDatabase) -> None:
        self.damage += [f"{database.path} is damaged. {problem}" for problem in database.damage]

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


def histories_of(folder: RunFolder, seconds: float = math.inf) -> list[History]:
    """A run and its companions as far as their folders can be read, the run itself first.

    Args:
        folder: The run.
        seconds: After so many the steps that were not read yet are left to `History.read_steps`.
    """
    facts, problems = _facts_of(folder)
    seed = facts.get("seed")
    histories = [_history("distilled" if seed is None else f"distilled, seed {seed}", folder, is_baseline=False)]
    histories[0].damage[:0] = problems
    for path in folder.companions():
        is_baseline = path.name.startswith("baseline")
        word, _, number = path.name.rpartition("-seed-")
        kind = "hard labels" if word == "baseline" else "distilled"
        companion = RunFolder(path, must_be_whole=False)
        histories.append(_history(f"{kind}, seed {number}", companion, is_baseline=is_baseline))
    verdict = facts.get("verdict")
    if verdict and (facts.get("plan") or {}).get("baseline"):
        step = int(facts.get("step", 0))
        histories[0].hear(Judged(step=step, word=verdict["word"], sentence=verdict["sentence"], record=verdict))
    end = time.monotonic() + seconds
    for history in histories:
        with _damage_noted(history):
            history.read_steps(end - time.monotonic())
    return histories


def _facts_of(folder: RunFolder) -> tuple[dict[str, Any], list[str]]:
    """The facts that can be read, with the seed of the recipe, and what is wrong with the others."""
    seed = {}
    with suppress(WorkbenchError):
        # Before a run was started its database knows none.
        seed = {"seed": folder.recipe.student.seed}
    try:
        facts = folder.facts()
    except WorkbenchError as error:
        return seed, [error.title]
    problems = [f"{folder.database_file} is damaged. {problem}" for problem in facts.damage.values()]
    return {**facts, **seed}, problems


def _history(name: str, folder: RunFolder, *, is_baseline: bool) -> History:
    history = History(name, folder.path, is_baseline)
    with _damage_noted(history):
        history.read_events()
    return history


@contextmanager
def _damage_noted(history: History) -> Iterator[None]:
    try:
        yield
    except WorkbenchError as error:
        if error.title not in history.damage:
            history.damage.append(error.title)
