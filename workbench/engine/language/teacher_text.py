"""What a teacher wrote: taken down answer by answer, so that nothing is ever asked twice, then filtered.

The journal is one JSON object a line and only ever grows; a line that was cut short by a crash counts as not there.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from workbench.engine.language.chat import Message
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Prompt:
    """What the teacher is asked.

    Attributes:
        messages: The conversation so far.
        answer: The known answer, for checking; empty where there is none.
    """

    messages: tuple[Message, ...]
    answer: str = ""

    @property
    def identity(self) -> str:
        """The same question has the same one, wherever it stands."""
        said = json.dumps([[each["role"], each["content"]] for each in self.messages], ensure_ascii=False)
        return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Written:
    """One answer of the teacher.

    Attributes:
        prompt: The conversation, as JSON.
        answer: The known answer, empty for none.
        sample: Which of several answers to the same prompt, from 0.
        response: What the teacher wrote.
        ending: "stop" where it came to an end, "length" where it was cut.
        writer: Who wrote it.
        kept: Whether it is learnt from.
        reason: Why not; empty where it is kept.
    """

    prompt: str
    answer: str
    sample: int
    response: str
    ending: str
    writer: str
    kept: bool = True
    reason: str = ""

    def to(self, messages: Sequence[Message]) -> "Written":
        """The same answer to a conversation as others see it, without what only the teacher was told."""
        return replace(self, prompt=_as_json(messages))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation with the answer at its end."""
        return (*json.loads(self.prompt), {"role": "assistant", "content": self.response})


@dataclass(frozen=True)
class Asked:
    """One answer that is wanted."""

    prompt: Prompt
    sample: int

    def key(self, writer: str) -> tuple[str, str, int]:
        """What is never asked twice."""
        return writer, self.prompt.identity, self.sample


@dataclass(frozen=True)
class Response:
    """What came back: the text, and "stop" or "length" for how it ended."""

    text: str
    ending: str


class Writer(Protocol):
    """Who writes: a model here, or an endpoint elsewhere; under another name it is asked anew."""

    @property
    def name(self) -> str:
        """By content or address, and by how it samples."""
        ...

    @property
    def at_once(self) -> int:
        """How many answers it writes in one go."""
        ...

    def write(self, asked: Sequence[Asked]) -> Iterator[tuple[int, Response]]:
        """Answers as they come, each with its place among those asked. Raises WorkbenchError."""
        ...


@dataclass(frozen=True)
class Filters:
    """Which answers are learnt from: rejection sampling in its simplest form.

    Attributes:
        shortest: Characters at least.
        longest: Characters at most; 0 sets no limit.
        pattern: A regular expression that must be found in the answer; empty for none.
        answer_pattern: Its first group must be the known answer, where there is one; empty for none.
        finished: Whether answers that were cut are left out.
        once: Whether the same answer to the same prompt is taken once.
    """

    shortest: int = 1
    longest: int = 0
    pattern: str = ""
    answer_pattern: str = ""
    finished: bool = True
    once: bool = True

    def judged(self, written: Sequence[Written]) -> list[Written]:
        """The same answers, each marked as kept or not, and why not.

        Raises:
            WorkbenchError: A regular expression is none.
        """
        pattern, answer_pattern = compiled(self.pattern), compiled(self.answer_pattern)
        seen: set[tuple[str, str]] = set()
        judged = []
        for each in written:
            reason = self._reason(each, pattern, answer_pattern)
            if not reason and self.once and (each.prompt, each.response) in seen:
                reason = "the same answer again"
            if not reason:
                seen.add((each.prompt, each.response))
            judged.append(replace(each, kept=not reason, reason=reason))
        return judged

    def _reason(self, each: Written, pattern: re.Pattern[str] | None, answer_pattern: re.Pattern[str] | None) -> str:
        length = len(each.response)
        if self.finished and each.ending != "stop":
            return "cut before its end"
        if length < self.shortest:
            return f"{length} characters, fewer than {self.shortest}"
        if self.longest and length > self.longest:
            return f"{length} characters, more than {self.longest}"
        if pattern is not None and not pattern.search(each.response):
            return "the pattern is not in it"
        if answer_pattern is not None and each.answer:
            found = answer_pattern.search(each.response)
            given = "" if found is None else answer_in(found)
            if given != each.answer.strip():
                return f"answers “{given[:40]}”, not “{each.answer[:40]}”"
        return ""


def answer_in(found: re.Match[str]) -> str:
    """The answer that a pattern found: its first group, where it has one, else all of it."""
    # A group that took no part in the match says nothing.
    return ((found.group(1) or "") if found.groups() else found.group()).strip()


def ask_all(
    prompts: Sequence[Prompt],
    samples: int,
    writer: Writer,
    journal: Path,
    pulse: Callable[[str], None] = lambda _: None,
) -> list[Written]:
    """Every answer that is wanted; those in the journal are not asked for again.

    Args:
        prompts: What to ask.
        samples: Answers to each.
        writer: Who writes.
        journal: Where answers are taken down as they come; made if needed.
        pulse: Hears how far it is; what it raises ends the asking, and what was written stays.

    Raises:
        WorkbenchError: The writer failed, or the disk refuses; what was written before stays in the journal.
    """
    wanted = [Asked(prompt, sample) for prompt in prompts for sample in range(samples)]
    with _held(journal, pulse):
        known = _asked(wanted, writer, journal, pulse)
    return [_written(each, known[each.key(writer.name)], writer.name) for each in wanted]


@contextmanager
def _held(journal: Path, pulse: Callable[[str], None]) -> Iterator[None]:
    """A journal to oneself: two runs that want the same answers ask for them once, and read the same ones."""
    from filelock import FileLock, Timeout

    with disk_errors(journal):
        journal.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{journal}.lock")
        while not lock.is_locked:
            try:
                lock.acquire(timeout=_LOOK_SECONDS, poll_interval=0.05)
            except Timeout:
                pulse("Another run is asking the teacher for the same; its answers are used here too")
        try:
            yield
        finally:
            lock.release()


def _asked(
    wanted: Sequence[Asked], writer: Writer, journal: Path, pulse: Callable[[str], None]
) -> dict[tuple[str, str, int], Response]:
    known = _read_journal(journal)
    missing = list({each.key(writer.name): each for each in wanted if each.key(writer.name) not in known}.values())
    with disk_errors(journal):
        _end_last_line(journal)
        with journal.open("a", encoding="utf-8") as file:
            done = len(wanted) - len(missing)
            for start in range(0, len(missing), writer.at_once):
                pulse(f"The teacher writes: {done:,} of {len(wanted):,} answers")
                part = missing[start : start + writer.at_once]
                for place, response in writer.write(part):
                    key = part[place].key(writer.name)
                    known[key] = response
                    file.write(json.dumps([*key, asdict(response)], ensure_ascii=False) + "\n")
                    # Whoever pulls the plug now loses the answers that are on their way, and no others.
                    file.flush()
                # Not after each: a stop between the answers of one batch would leave it to be drawn otherwise later.
                done += len(part)
                pulse(f"The teacher writes: {done:,} of {len(wanted):,} answers")
    return known


def _written(asked: Asked, response: Response, writer: str) -> Written:
    prompt = _as_json(asked.prompt.messages)
    return Written(prompt, asked.prompt.answer, asked.sample, response.text, response.ending, writer)


def _as_json(messages: Sequence[Message]) -> str:
    return json.dumps([dict(message) for message in messages], ensure_ascii=False)


def _read_journal(path: Path) -> dict[tuple[str, str, int], Response]:
    known: dict[tuple[str, str, int], Response] = {}
    if not path.exists():
        return known
    with disk_errors(path):
        content = path.read_bytes()
    for line in content.splitlines():
        try:
            writer, identity, sample, response = json.loads(line)
            known[str(writer), str(identity), int(sample)] = Response(str(response["text"]), str(response["ending"]))
        except (ValueError, TypeError, KeyError):
            # Cut short by a crash: it is asked for again.
            continue
    return known


def _end_last_line(path: Path) -> None:
    """After a crash the next answer must not be glued to half of one."""
    if path.exists() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


def compiled(pattern: str) -> re.Pattern[str] | None:
    """A regular expression; None for an empty one. Raises WorkbenchError."""
    try:
        return re.compile(pattern, re.DOTALL) if pattern else None
    except re.error as error:
        raise WorkbenchError(f"“{pattern}” is no regular expression: {error}.") from None
