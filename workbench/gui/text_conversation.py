"""A conversation with the language models of the run on the screen: asked here, answered on a thread of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.events import CheckpointSaved, Event, Exported, Finished
from workbench.recipe.data import Conversations
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.run import RunStatus
from workbench.session.starters import Starter, read_starters
from workbench.session.text_writers import Manner, Message
from workbench.session.writing_answers import DONE, FAILED, Briefing, Said, TextAnswerer

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_TOPIC = "playground starters"
# Preparing too: the teacher may be writing.
_BUSY = (RunStatus.PREPARING, RunStatus.RUNNING)


@dataclass
class Round:
    """One question, and what was answered to it.

    Attributes:
        question: What a person said.
        answers: By seat.
        manner: How they are written.
    """

    question: str
    answers: dict[str, Said] = field(default_factory=dict)
    manner: Manner = field(default_factory=Manner)


class TextConversation(QObject):
    """Opened when the chat is first seen; another run on the screen ends it.

    Signals:
        changed: Briefing, answers or starters are others.

    Attributes:
        briefing: Who can be asked.
        rounds: Questions and answers so far, oldest first.
        starters: Prompts of the data.
        trouble: Why there are none, in words.
        system: The instruction before every conversation; at first the recipe's.
        opening: What was said before the first question, as the data has it.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.briefing = Briefing()
        self.rounds: list[Round] = []
        self.starters: tuple[Starter, ...] = ()
        self.trouble = ""
        self.system = ""
        self.opening: tuple[Message, ...] = ()
        # Held by the signal too, so that the thread ends when the widget goes, however it goes.
        self._answerers: list[TextAnswerer] = []
        self.destroyed.connect(partial(_close_all, self._answerers))
        workspace.pump.ticked.connect(self._beat)
        workspace.watched_changed.connect(self.close)
        workspace.runs_changed.connect(self._look_again)
        workspace.heard.connect(self._hear)
        workspace.consenting.agreed.connect(self._ask_again)

    @property
    def is_open(self) -> bool:
        """Whether there is somebody to ask, or somebody is being looked for."""
        return bool(self._answerers)

    @property
    def is_writing(self) -> bool:
        """Whether somebody has not ended yet."""
        return bool(self.rounds) and any(said.phase != DONE for said in self.rounds[-1].answers.values())

    def open(self) -> None:
        """Look for the models of the run on the screen, where that has not been done; returns at once."""
        watched = self._workspace.watched
        if watched is None or self._answerers:
            return
        self._answerers.append(TextAnswerer(watched.folder))
        recipe, path = watched.recipe, watched.path
        assert recipe is not None, "it is known to write"
        assert isinstance(recipe.data, Conversations), "its models write"
        self.system = recipe.data.system

        def read(_: Job[tuple[Starter, ...]]) -> tuple[Starter, ...]:
            return read_starters(recipe, path)

        self._workspace.jobs.start("Reading prompts", read, self._got_starters, self._got_none, topic=_TOPIC)

    def close(self) -> None:
        """Let go of the models."""
        _close_all(self._answerers)
        self._workspace.jobs.cancel(_TOPIC)
        self.briefing, self.rounds, self.opening = Briefing(), [], ()
        self.starters, self.trouble, self.system = (), "", ""
        self.changed.emit()

    def begin(self, opening: tuple[Message, ...] = ()) -> None:
        """A new conversation; what was said in the earlier one is forgotten.

        Args:
            opening: What was said before, as the data has it.
        """
        self.stop()
        self.rounds, self.opening = [], opening
        self.changed.emit()

    def ask(self, question: str, asked: Sequence[str], manner: Manner) -> None:
        """Say something to several models.

        Args:
            question: The words.
            asked: Seats, in the order they answer.
            manner: How they write.
        """
        conversations = {who: self._conversation(who, question) for who in asked}
        self.rounds.append(Round(question, {who: Said(who) for who in asked}, manner))
        self._answerers[0].ask(conversations, manner)
        self.changed.emit()

    def stop(self) -> None:
        """No more tokens; what was written stays."""
        for answerer in self._answerers:
            answerer.stop()
        if self._take_answers():
            self.changed.emit()

    def _conversation(self, who: str, question: str) -> tuple[Message, ...]:
        """Everything said so far as this model knows it, and the question."""
        system = self._told(who)
        messages: list[Message] = [{"role": "system", "content": system}] if system else []
        messages += self.opening
        for earlier in self.rounds:
            said = earlier.answers.get(who)
            # A question that went unanswered is none: most templates want both in turn.
            if said is not None and said.text and said.ending != FAILED:
                messages.append({"role": "user", "content": earlier.question})
                messages.append({"role": "assistant", "content": said.text})
        return (*messages, {"role": "user", "content": question})

    def _told(self, who: str) -> str:
        """The recipe may tell the teacher something else, as long as a person does not say otherwise."""
        watched = self._workspace.watched
        assert watched is not None, "there is a run"
        data = watched.recipe.data if watched.recipe is not None else None
        assert isinstance(data, Conversations), "its models write"
        is_teacher = who in ("teacher", "endpoint")
        return (
            data.teacher_system
            if is_teacher and data.teacher_system and self.system == data.system.strip()
            else self.system
        )

    def _beat(self) -> None:
        if not self._answerers:
            return
        answerer = self._answerers[0]
        answerer.is_sparing = self._workspace.status in _BUSY
        has_news = self._take_answers()
        if has_news or answerer.briefing is not self.briefing:
            self.briefing = answerer.briefing
            self.changed.emit()

    def _take_answers(self) -> bool:
        said = self._answerers[0].poll() if self._answerers else None
        if said is None or not self.rounds:
            return False
        answers = self.rounds[-1].answers
        refused = [each for each in said if each.consent is not None and answers.get(each.who) != each]
        answers.update({each.who: each for each in said})
        for each in refused:
            self._workspace.failed.emit(each.consent)
        return True

    def _ask_again(self, subject: str) -> None:
        """Those who could not answer for want of the consent that a person has given now."""
        if not self._answerers or not self.rounds or self.is_writing:
            return
        last = self.rounds[-1]
        refused = [who for who, said in last.answers.items() if said.consent and said.consent.subject == subject]
        if refused:
            last.answers.update({who: Said(who) for who in refused})
            self._answerers[0].ask({who: self._conversation(who, last.question) for who in refused}, last.manner)
            self.changed.emit()

    def _look_again(self) -> None:
        for answerer in self._answerers:
            answerer.look_again()

    def _hear(self, _: History, event: Event) -> None:
        if isinstance(event, (CheckpointSaved, Exported, Finished)):
            self._look_again()

    def _got_starters(self, starters: tuple[Starter, ...]) -> None:
        self.starters = starters
        self.changed.emit()

    def _got_none(self, error: WorkbenchError) -> None:
        self.trouble = error.title
        self.changed.emit()


def _close_all(answerers: list[TextAnswerer]) -> None:
    while answerers:
        answerers.pop().close()
