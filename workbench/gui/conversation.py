"""Questions to the models of the run on the screen, and their answers; asked on the pump's beat, answered elsewhere."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.events import CheckpointSaved, Event, Exported, Finished
from workbench.session.answering import Answer, Answerer, Briefing
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.looking import HeldOutExamples, read_held_out

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

# An input, and how it is fitted: as `Answerer.ask` has it. None when there is nothing to ask.
Question: TypeAlias = tuple[NDArray[Any], bool | None] | None


class Conversation(QObject):
    """Opened when a panel is first seen; another run on the screen ends it.

    Signals:
        changed: Answer, briefing or examples are others.

    Attributes:
        briefing: Who can be asked.
        answer: The newest one; None when nothing is asked.
        examples: The held-out examples; None while they are unknown.
        trouble: Why they stay unknown, in words.
        temperature: Of the answers.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", question: Callable[[], Question], parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._question = workspace, question
        self.briefing = Briefing()
        self.answer: Answer | None = None
        self.examples: HeldOutExamples | None = None
        self.trouble = ""
        self.temperature = 1.0
        self._is_due = False
        # Answers up to this question are about something that is gone.
        self._number = self._stale_up_to = 0
        # Held by the signal too, so that the thread ends when the widget goes, however it goes.
        self._answerers: list[Answerer] = []
        self.destroyed.connect(partial(_close_all, self._answerers))
        workspace.pump.ticked.connect(self._beat)
        workspace.watched_changed.connect(self.close)
        workspace.runs_changed.connect(self._look_again)
        workspace.heard.connect(self._hear)

    @property
    def is_open(self) -> bool:
        """Whether models are loaded, or being loaded."""
        return bool(self._answerers)

    def open(self) -> None:
        """Load the models of the run on the screen, where that has not been done; returns at once."""
        watched = self._workspace.watched
        if watched is None or self._answerers:
            return
        self._answerers.append(Answerer(watched.folder))
        folder = watched.folder

        def read(_: Job[HeldOutExamples]) -> HeldOutExamples:
            return read_held_out(folder.recipe, folder.path)

        start = self._workspace.jobs.start
        start("Reading held-out examples", read, self._got_examples, self._got_none, topic="playground examples")
        self.ask()

    def close(self) -> None:
        """Let go of the models."""
        _close_all(self._answerers)
        self._workspace.jobs.cancel("playground examples")
        self.briefing, self.answer, self.examples, self.trouble = Briefing(), None, None, ""
        self._number = self._stale_up_to = 0
        self.changed.emit()

    def ask(self) -> None:
        """Ask what there is to ask, at the next beat: at most once a tick, however fast a hand moves."""
        self._is_due = True

    def _beat(self) -> None:
        if not self._answerers:
            return
        answerer = self._answerers[0]
        if self._is_due:
            self._is_due = False
            self._put(answerer)
        answer, briefing = answerer.poll(), answerer.briefing
        is_news = answer is not None and answer.number > self._stale_up_to
        if is_news:
            self.answer = answer
        if is_news or briefing is not self.briefing:
            self.briefing = briefing
            self.changed.emit()

    def _put(self, answerer: Answerer) -> None:
        question = self._question()
        if question is None:
            self.answer, self._stale_up_to = None, self._number
            self.changed.emit()
        else:
            inputs_X, like_mnist = question
            self._number = answerer.ask(inputs_X, temperature=self.temperature, like_mnist=like_mnist)

    def _look_again(self) -> None:
        for answerer in self._answerers:
            answerer.look_again()

    def _hear(self, _: History, event: Event) -> None:
        if isinstance(event, (CheckpointSaved, Exported, Finished)):
            self._look_again()

    def _got_examples(self, examples: HeldOutExamples) -> None:
        self.examples = examples
        self.changed.emit()

    def _got_none(self, error: WorkbenchError) -> None:
        self.trouble = error.title
        self.changed.emit()


def _close_all(answerers: list[Answerer]) -> None:
    while answerers:
        answerers.pop().close()
