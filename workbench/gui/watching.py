"""The watched examples of the run on the screen: their pictures, what is said of them, and picking others."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.events import Event, Prepared, Probed, Surveyed
from workbench.gui.lens import Seen, names_for, seen_of
from workbench.gui.watched_run import WatchedRun
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.looking import HeldOutExamples, answers_on, read_held_out
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_Answers = tuple[Probed, Probed | None]


class Watching(QObject):
    """What panels that show single examples share.

    Signals:
        changed: There are newer numbers, other examples, or pictures.

    Attributes:
        examples: The held-out examples of the run; None before they are read.
        trouble: Why they cannot be read, in words.
        waiting: What is still to come after others were picked, in words.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._name = workspace, name
        self.examples: HeldOutExamples | None = None
        self.trouble = ""
        self.waiting = ""
        self._answers: _Answers | None = None
        self._picked: tuple[int, ...] | None = None
        self._read_for: WatchedRun | None = None
        self._drawn_from: tuple[Probed, Probed | None] | None = None
        self._seen: list[Seen] = []
        workspace.watched_changed.connect(self._begin_anew)
        workspace.heard.connect(self._hear)
        workspace.status_changed.connect(self._follow_status)

    # -- what there is

    def seen(self) -> list[Seen]:
        """The newest look at the watched examples; the same list until there is a newer one."""
        run = self._workspace.watched
        own = run.own.latest(Probed) if run else None
        baseline = run.baseline.latest(Probed) if run and run.baseline else None
        if self._answers is not None:
            own, baseline = self._answers
        if own is None:
            self._seen = []
        elif self._drawn_from is None or own is not self._drawn_from[0] or baseline is not self._drawn_from[1]:
            self._seen = seen_of(own, baseline)
        self._drawn_from = None if own is None else (own, baseline)
        return self._seen

    @property
    def surveyed(self) -> Surveyed | None:
        """The newest look at whole classes."""
        run = self._workspace.watched
        return run.own.latest(Surveyed) if run else None

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in label order, numbers before they are known."""
        run, seen = self._workspace.watched, self._seen
        known = run.classes if run else ()
        return names_for(known, len(seen[0].at_1["student"]) if seen else len(known))

    @property
    def is_live(self) -> bool:
        """Whether the run's own student is learning, so that the run itself can look at other examples."""
        run = self._workspace.watched
        return run is not None and run is self._workspace.active and run.is_learning

    # -- what can be asked for

    def prepare(self) -> None:
        """Read the pictures of the run on the screen, unless that was done; whoever draws calls it."""
        run = self._workspace.watched
        if run is None or run is self._read_for or run.writes_text:
            # A language model's texts are no examples of classes; the Text panel shows them.
            return
        self._read_for = run
        folder = run.folder

        def work(_: Job[HeldOutExamples]) -> HeldOutExamples:
            return read_held_out(folder.recipe, folder.path)

        def done(examples: HeldOutExamples) -> None:
            self.examples, self.trouble = examples, ""
            self.changed.emit()

        def failed(error: WorkbenchError) -> None:
            self.trouble = error.title
            self.changed.emit()

        self._workspace.jobs.start("Reading the held-out examples", work, done, failed, topic=f"held-out {self._name}")

    def pick(self, examples: tuple[int, ...] | None) -> None:
        """Watch other examples; None watches those of the recipe again."""
        run = self._workspace.watched
        if run is None:
            return
        if self.is_live:
            self._answers = None
            self._picked = examples
            self._workspace.turn(probe=examples)
            paused = self._workspace.status is RunStatus.PAUSED
            every = run.probe_every
            self.waiting = "Shown when the run goes on." if paused else f"Shown at the next look, every {every} steps."
            self.changed.emit()
        elif examples is None:
            self._answers, self.waiting = None, ""
            self.changed.emit()
        else:
            self._ask(run, examples)

    def _ask(self, run: WatchedRun, examples: tuple[int, ...]) -> None:
        newest = run.own.latest(Probed)
        temperature = newest.temperature if newest else None
        folder, baseline = run.folder, run.baseline.path if run.baseline else None

        def work(job: Job[_Answers]) -> _Answers:
            job.say("Asking teacher and student")
            own = answers_on(folder, examples, temperature)
            return own, _answers_of(baseline, examples, own.temperature)

        def done(answers: _Answers) -> None:
            self._answers, self.waiting = answers, ""
            self.changed.emit()

        def failed(error: WorkbenchError) -> None:
            self.waiting = ""
            self.changed.emit()
            self._workspace.failed.emit(error)

        self.waiting = "Asking teacher and student…"
        self.changed.emit()
        self._workspace.jobs.start("Asking teacher and student", work, done, failed, topic=f"answers {self._name}")

    # -- what happens meanwhile

    def _begin_anew(self) -> None:
        self._answers, self.waiting = None, ""
        self.examples, self.trouble, self._read_for = None, "", None
        for topic in ("held-out", "answers"):
            self._workspace.jobs.cancel(f"{topic} {self._name}")
        self.changed.emit()

    def _hear(self, history: History, event: Event) -> None:
        run = self._workspace.watched
        if isinstance(event, Probed) and run is not None and history is run.own:
            self._answers = None
            # A look that was on its way when others were picked is not the one that is waited for.
            if self._picked is None or event.examples == self._picked:
                self.waiting, self._picked = "", None
        if isinstance(event, (Probed, Surveyed, Prepared)):
            self.changed.emit()

    def _follow_status(self, _status: object) -> None:
        self.changed.emit()


def _answers_of(path: Path | None, examples: tuple[int, ...], temperature: float) -> Probed | None:
    """The baseline's answers, None where it has no student yet."""
    if path is None:
        return None
    try:
        return answers_on(RunFolder(path), examples, temperature)
    except WorkbenchError:
        return None
