"""Lets the models of a language run answer the same words, one after the other, token by token, on its own thread."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.session.run_folder import RunFolder
from workbench.session.text_seats import ENDPOINT, Seat, seats_of
from workbench.session.text_writers import Manner, Message, TextWriter, first_teacher, open_writer
from workbench.session.turns import TURNS

if TYPE_CHECKING:
    from workbench.engine.language.model import LanguageModel

WAITING, LOADING, WRITING, DONE = "waiting", "loading", "writing", "done"
STOPPED, FAILED = "stopped", "failed"

# While a run trains, a token is followed by a pause of so many times what it took: the processors are the run's.
_PAUSE = 4.0
_LONGEST_PAUSE = 1.0


@dataclass(frozen=True)
class Said:
    """How far one model's answer is.

    Attributes:
        who: As `Seat.who`.
        phase: "waiting", "loading", "writing" or "done".
        text: All of it so far.
        tokens: How many those are.
        ending: Once it is done: "stop", "length", "stopped" by a person, or "failed".
        trouble: Why it failed, in words.
        first_seconds: From the question to the first token, reading the conversation; without loading.
        seconds: From the first token to the last, without pauses for a run that trains.
        consent: What a person must agree to before it can answer; None where that is not why it failed.
    """

    who: str
    phase: str = WAITING
    text: str = ""
    tokens: int = 0
    ending: str = ""
    trouble: str = ""
    first_seconds: float = 0.0
    seconds: float = 0.0
    consent: ConsentNeededError | None = None

    @property
    def rate(self) -> float | None:
        """Tokens a second; None before there are two."""
        return (self.tokens - 1) / self.seconds if self.tokens > 1 and self.seconds > 0 else None


@dataclass(frozen=True)
class Briefing:
    """Who can be asked.

    Attributes:
        seats: In the order of their columns.
        trouble: Why nobody can, in words.
        is_ready: Whether everybody has been looked for.
    """

    seats: tuple[Seat, ...] = ()
    trouble: str = ""
    is_ready: bool = False


@dataclass(frozen=True)
class _Question:
    conversations: Mapping[str, tuple[Message, ...]]
    manner: Manner


class _Enough(Exception):  # noqa: N818 - nothing went wrong
    """Raised between two tokens when nobody wants more of them."""


@dataclass
class _Clock:
    """Times of one answer, with its pauses taken out."""

    began: float = field(default_factory=time.perf_counter)
    first: float = 0.0
    last: float = 0.0
    paused: float = 0.0

    def tick(self) -> float:
        """A token came; seconds since the one before, or since the beginning."""
        before, self.last = self.last or self.began, time.perf_counter() - self.paused
        self.first = self.first or self.last
        return self.last - before


class TextAnswerer:
    """The models of one run; each is loaded when it is first asked, and all are let go by `close`.

    Attributes:
        briefing: Replaced by the thread as it finds out more.
        is_sparing: Set by the owner while a run trains: writing then leaves most of the processors to it.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.briefing = Briefing()
        self.is_sparing = False
        self._bell = threading.Condition()
        self._question: _Question | None = None
        self._said: dict[str, Said] = {}
        self._has_news = False
        self._look, self._closed, self._enough = True, False, False
        # Of the thread alone from here on.
        self._writers: dict[str, tuple[Seat, TextWriter]] = {}
        self._thread = threading.Thread(target=self._work, name=f"job writing {folder.path.name}", daemon=True)
        self._thread.start()

    def ask(self, conversations: Mapping[str, tuple[Message, ...]], manner: Manner) -> None:
        """Have models answer; what is being written to an earlier question ends.

        Args:
            conversations: What each is asked, by its seat, in the order they answer.
            manner: How they write.
        """
        with self._bell:
            self._question, self._enough = _Question(conversations, manner), True
            self._said = {who: Said(who) for who in conversations}
            self._has_news = True
            self._bell.notify_all()

    def poll(self) -> tuple[Said, ...] | None:
        """All answers so far, in order; None when there is nothing new."""
        with self._bell:
            if not self._has_news:
                return None
            self._has_news = False
            return tuple(self._said.values())

    def stop(self) -> None:
        """No more tokens, of nobody; what was written stays. Returns at once."""
        with self._bell:
            self._question, self._enough = None, True
            for who, said in self._said.items():
                if said.phase != DONE:
                    self._said[who] = replace(said, phase=DONE, ending=STOPPED)
            self._has_news = True
            self._bell.notify_all()

    def look_again(self) -> None:
        """Something was saved or exported: there may be others to ask now."""
        with self._bell:
            self._look = True
            self._bell.notify_all()

    def close(self) -> None:
        """Let the thread end, at the latest after the token or the file it is at; returns at once."""
        with self._bell:
            self._closed = self._enough = True
            self._bell.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end after `close`; never on a thread that must stay responsive."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # -- on the thread

    def _work(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._closed or self._look or self._question)
                if self._closed:
                    self._writers.clear()
                    return
                look, self._look = self._look, False
                question, self._question = self._question, None
                if question is not None:
                    self._enough = False
            if look:
                self._look_around()
            if question is not None:
                self._answer_all(question)

    def _look_around(self) -> None:
        try:
            self.briefing = Briefing(seats_of(self.folder), is_ready=True)
        except (WorkbenchError, OSError) as error:
            self.briefing = Briefing(trouble=getattr(error, "title", str(error)), is_ready=True)
        present = set(self.briefing.seats)
        # A model that has been saved anew, or is gone, only takes memory.
        self._writers = {who: kept for who, kept in self._writers.items() if kept[0] in present}

    def _answer_all(self, question: _Question) -> None:
        for who, messages in question.conversations.items():
            if self._enough:
                return
            seat = next((seat for seat in self.briefing.seats if seat.who == who), None)
            try:
                if seat is None:
                    raise WorkbenchError("It is gone.")
                self._answer(seat, messages, question.manner)
            except _Enough:
                return
            except WorkbenchError as error:
                words, missing = f"{error.title} {error.hint}".strip(), isinstance(error, ConsentNeededError)
                self._tell(who, phase=DONE, ending=FAILED, trouble=words, consent=error if missing else None)
            except Exception as error:
                words = f"It failed: {type(error).__name__}: {error}"
                self._tell(who, phase=DONE, ending=FAILED, trouble=words)

    def _answer(self, seat: Seat, messages: tuple[Message, ...], manner: Manner) -> None:
        writer = self._opened(seat)
        is_here = seat.who != ENDPOINT
        with self._turn(is_wanted=is_here):
            clock = _Clock()
            self._tell(seat.who, phase=WRITING)

            def told(text: str, tokens: int) -> None:
                self._refuse_if_enough()
                if tokens == self._said[seat.who].tokens:
                    return
                took = clock.tick()
                seconds, first = clock.last - clock.first, clock.first - clock.began
                self._tell(seat.who, text=text, tokens=tokens, seconds=seconds, first_seconds=first)
                if is_here:
                    clock.paused += self._make_room(took)
                    self._refuse_if_enough()

            ending = writer.write(messages, manner, told)
        self._tell(seat.who, phase=DONE, ending=ending)

    def _opened(self, seat: Seat) -> TextWriter:
        kept = self._writers.get(seat.who)
        if kept is None or kept[0] != seat:
            self._writers.pop(seat.who, None)
            self._tell(seat.who, phase=LOADING)
            # Alone: libraries change what all threads share while they build a model, and draw from torch's generator.
            with TURNS.exporting():
                self._refuse_if_enough()
                self._writers[seat.who] = seat, open_writer(self.folder, seat, self._teacher)
        return self._writers[seat.who][1]

    def _teacher(self) -> "LanguageModel":
        kept = self._writers.get("teacher")
        model: LanguageModel | None = getattr(kept[1], "model", None) if kept else None
        return first_teacher(self.folder) if model is None else model

    @contextmanager
    def _turn(self, *, is_wanted: bool) -> Iterator[None]:
        """No export begins in here: PyTorch's exporter changes how models of all threads compute."""
        if not is_wanted:
            yield
            return
        TURNS.begin_training()
        try:
            yield
        finally:
            TURNS.end_training()

    def _make_room(self, took: float) -> float:
        """Let an export have its turn, and a run that trains its processors; seconds that went by."""
        began = time.perf_counter()
        if TURNS.is_wanted:
            TURNS.end_training()
            TURNS.begin_training()
        if self.is_sparing:
            with self._bell:
                self._bell.wait_for(lambda: self._enough, min(_PAUSE * took, _LONGEST_PAUSE))
        return time.perf_counter() - began

    def _refuse_if_enough(self) -> None:
        if self._enough:
            raise _Enough

    def _tell(self, who: str, **news: object) -> None:
        with self._bell:
            # What was stopped stays as it was, and so do the answers to a newer question.
            if not self._enough:
                self._said[who] = replace(self._said[who], **news)  # type: ignore[arg-type]
                self._has_news = True
