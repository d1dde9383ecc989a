"""What a training has said so far: filled live by whoever listens, or read back from its folder."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from workbench.events import Event, Judged, Prepared, Probed, event_of
from workbench.session.metric_log import MetricLog
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

_Kind = TypeVar("_Kind")


@dataclass
class History:
    """One training: its numbers and its rare events, in order.

    Attributes:
        name: Such as "distilled, seed 0".
        path: Its run folder.
        is_baseline: Whether it learns from hard labels.
        log: Its metrics by step.
        events: Everything but steps; of looks at the watched examples only the newest is kept in memory.
    """

    name: str
    path: Path
    is_baseline: bool = False
    log: MetricLog = field(default_factory=MetricLog)
    events: list[Event] = field(default_factory=list)
    _probed: int | None = field(default=None, repr=False, compare=False)

    def hear(self, event: Event) -> None:
        """Add one event; what a resumed run says again takes the place of what it said before."""
        if isinstance(event, Prepared):
            # A resumed run repeats what it had said after its checkpoint.
            self.events = [other for other in self.events if other.step <= event.step]
            self._probed = next((n for n, other in enumerate(self.events) if isinstance(other, Probed)), None)
        if isinstance(event, Probed) and self._probed is not None:
            self.events[self._probed] = event
            return
        if isinstance(event, Probed):
            self._probed = len(self.events)
        self.events.append(event)

    def all(self, kind: type[_Kind]) -> Iterator[_Kind]:
        """Every event of a kind, oldest first."""
        return (event for event in self.events if isinstance(event, kind))

    def latest(self, kind: type[_Kind]) -> _Kind | None:
        """The newest event of a kind, None where there is none."""
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)


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
        for record in database.events():
            history.hear(event_of(record))
    return history
