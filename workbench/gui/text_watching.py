"""The watched text of the run on the screen: the newest look at it or an earlier one, and picking another text."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.events import Event, Prepared, TextProbed
from workbench.gui.watched_run import WatchedRun
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.run import RunStatus
from workbench.session.text_looks import text_look, text_steps
from workbench.wording import counted

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

# What was heard is written every few seconds only; these are at hand until then.
_KEPT = 24
_Looks: TypeAlias = tuple[TextProbed | None, TextProbed | None]


class TextWatching(QObject):
    """What is shown of a text, and of what came before it.

    Signals:
        changed: There is another look, or others can be chosen.

    Attributes:
        look: What is shown; None before the first look.
        before: The look before it, to tell what changed; None where there is none.
        steps: After which steps there are looks, oldest first.
        waiting: What is still to come after a text was picked, in words.
        picked: The held-out text that was picked and not yet seen; None when none is waited for.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.look: TextProbed | None = None
        self.before: TextProbed | None = None
        self.steps: list[int] = []
        self.waiting = ""
        self.picked: int | None = None
        # The step that was asked for; None follows the newest.
        self._step: int | None = None
        self._recent: dict[int, TextProbed] = {}
        self._read_for: WatchedRun | None = None
        workspace.watched_changed.connect(self._begin_anew)
        workspace.heard.connect(self._hear)
        workspace.status_changed.connect(self._follow_status)

    @property
    def follows(self) -> bool:
        """Whether the newest look is shown, and each newer one."""
        return self._step is None

    @property
    def place(self) -> int:
        """Where the look that was asked for stands among all; -1 where there are none."""
        return len(self.steps) - 1 if self._step is None else self.steps.index(self._step)

    @property
    def can_pick(self) -> bool:
        """Whether the run's own student is learning, so that it can be asked about another text."""
        run = self._workspace.watched
        return run is not None and run is self._workspace.active and run.is_learning

    def prepare(self) -> None:
        """Find out which looks there are, unless that was done; whoever draws calls it."""
        run = self._workspace.watched
        if run is None or run is self._read_for:
            return
        self._read_for = run
        newest, path = run.own.latest(TextProbed), run.path
        if newest is not None:
            self._remember(newest)
            self.look = newest

        def done(steps: list[int]) -> None:
            # What was heard meanwhile may not be written yet.
            self.steps = sorted({*steps, *self._recent})
            self._show()

        self._workspace.jobs.start("Reading earlier looks", lambda _: text_steps(path), done, topic="text steps")

    def go_to(self, place: int) -> None:
        """Show the look at this place among all; the last one follows the newest."""
        if 0 <= place < len(self.steps):
            self._step = None if place == len(self.steps) - 1 else self.steps[place]
            self._show()

    def pick(self, text: int) -> None:
        """Watch another held-out text from the next look on."""
        run = self._workspace.watched
        if run is None or not self.can_pick or (self.look is not None and self.picked is None and self._is_seen(text)):
            return
        self.picked, self._step = text, None
        self._workspace.turn(probe=(text,))
        paused = self._workspace.status is RunStatus.PAUSED
        every = run.probe_every
        self.waiting = (
            "Shown when the run goes on." if paused else f"Shown at the next look, every {counted(every, 'step')}."
        )
        self._show()

    # -- what happens meanwhile

    def _is_seen(self, text: int) -> bool:
        newest = self._recent.get(self.steps[-1]) if self.steps else self.look
        return newest is not None and newest.example == text

    def _begin_anew(self) -> None:
        self.look = self.before = self.picked = self._step = self._read_for = None
        self.steps, self._recent, self.waiting = [], {}, ""
        for topic in ("text steps", "text look"):
            self._workspace.jobs.cancel(topic)
        self.changed.emit()

    def _hear(self, history: History, event: Event) -> None:
        run = self._workspace.watched
        if run is None or history is not run.own:
            return
        if isinstance(event, Prepared):
            # A resumed run says again what it had said after its checkpoint.
            self.steps = [step for step in self.steps if step <= event.step]
            self._recent = {step: look for step, look in self._recent.items() if step <= event.step}
            self._step = None
            self._show()
        elif isinstance(event, TextProbed):
            self._remember(event)
            if self.picked is None or event.example == self.picked:
                self.waiting, self.picked = "", None
            self._show()

    def _remember(self, look: TextProbed) -> None:
        self._recent[look.step] = look
        while len(self._recent) > _KEPT:
            del self._recent[next(iter(self._recent))]
        if not self.steps or look.step > self.steps[-1]:
            self.steps.append(look.step)

    def _follow_status(self, _status: object) -> None:
        self.changed.emit()

    def _show(self) -> None:
        """Show what was asked for, from memory where it is there and else from the disk."""
        run, place = self._workspace.watched, self.place
        if run is None or place < 0:
            self.changed.emit()
            return
        wanted = self.steps[max(place - 1, 0) : place + 1]
        if wanted[-1] in self._recent:
            self.look = self._recent[wanted[-1]]
            self.before = self._recent.get(wanted[0]) if len(wanted) > 1 else None
        if all(step in self._recent for step in wanted):
            self._workspace.jobs.cancel("text look")
        else:
            self._read(run.path, wanted)
        self.changed.emit()

    def _read(self, path: Path, wanted: list[int]) -> None:
        known = dict(self._recent)

        def work(_: Job[_Looks]) -> _Looks:
            looks = [known.get(step) or text_look(path, step) for step in wanted]
            return looks[-1], looks[0] if len(looks) > 1 else None

        def done(looks: _Looks) -> None:
            if looks[0] is not None:
                self.look, self.before = looks
            self.changed.emit()

        def failed(error: WorkbenchError) -> None:
            self._workspace.failed.emit(error)

        self._workspace.jobs.start("Reading an earlier look", work, done, failed, topic="text look")
