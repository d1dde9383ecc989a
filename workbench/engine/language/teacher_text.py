"""What a teacher wrote: taken down answer by answer, so that nothing is ever asked twice, then kept as a table.

The journal is one JSON object a line and only ever grows; a line that was cut short by a crash counts as not there.
The table is a Parquet file that a person can open, edit and use again.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from workbench.engine.language.chat import Message
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors, write_atomically

_COLUMNS = ("prompt", "answer", "sample", "response", "ending", "writer", "kept", "reason")


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
    """Who writes: a model here, or an endpoint elsewhere.

    Attributes:
        name: Known by content or address, and by how it samples: another name is asked anew.
        at_once: How many answers it writes in one go.
    """

    name: str
    at_once: int

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
        pattern, answer_pattern = _compiled(self.pattern), _compiled(self.answer_pattern)
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
            given = "" if found is None else (found.group(1) if found.groups() else found.group()).strip()
            if given != each.answer.strip():
                return f"answers “{given[:40]}”, not “{each.answer[:40]}”"
        return ""


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
    known = _read_journal(journal)
    missing = list({each.key(writer.name): each for each in wanted if each.key(writer.name) not in known}.values())
    with disk_errors(journal):
        journal.parent.mkdir(parents=True, exist_ok=True)
        _end_last_line(journal)
        with journal.open("a", encoding="utf-8") as file:
            for start in range(0, len(missing), writer.at_once):
                pulse(f"The teacher writes: {len(wanted) - len(missing) + start:,} of {len(wanted):,} answers")
                part = missing[start : start + writer.at_once]
                for place, response in writer.write(part):
                    key = part[place].key(writer.name)
                    known[key] = response
                    file.write(json.dumps([*key, asdict(response)], ensure_ascii=False) + "\n")
                    # Whoever pulls the plug now loses the answers that are on their way, and no others.
                    file.flush()
    return [_written(each, known[each.key(writer.name)], writer.name) for each in wanted]


def keep_table(written: Sequence[Written], path: Path) -> None:
    """Write answers as a Parquet table. Raises WorkbenchError."""
    import io

    import polars

    buffer = io.BytesIO()
    rows = [asdict(each) for each in written]
    polars.DataFrame(rows, schema=_schema()).write_parquet(buffer)
    write_atomically(path, buffer.getvalue())


def read_table(path: Path) -> list[Written]:
    """Answers from a table, as they were kept or as a person has edited them.

    Raises:
        WorkbenchError: It is no such table, or a prompt in it is no conversation.
    """
    import polars

    try:
        frame = polars.read_parquet(path)
    except Exception as error:
        # The library's own errors, and those of the system.
        raise WorkbenchError(f"{path} cannot be read as a Parquet table: {error}.") from None
    missing = [name for name in ("prompt", "response") if name not in frame.columns]
    if missing:
        raise WorkbenchError(
            f"{path} has no column “{missing[0]}”; it has: {', '.join(frame.columns[:20]) or 'none'}.",
            "A table of teacher-written text has at least the columns prompt and response.",
        )
    defaults = {"answer": "", "sample": 0, "ending": "stop", "writer": "a person", "kept": True, "reason": ""}
    known = [name for name in _COLUMNS if name in frame.columns]
    try:
        rows = [Written(**{**defaults, **row}) for row in frame.select(known).iter_rows(named=True)]
        for row in rows:
            _check(row)
    except (TypeError, ValueError, KeyError) as error:
        raise WorkbenchError(f"{path} holds an answer that cannot be read: {error}.") from None
    return rows


def _check(written: Written) -> None:
    for message in written.messages:
        if not all(isinstance(message[name], str) for name in ("role", "content")):
            raise ValueError(f"a message has no text: {str(message)[:80]}")


def _schema() -> dict[str, type]:
    return {name: {"sample": int, "kept": bool}.get(name, str) for name in _COLUMNS}


def _written(asked: Asked, response: Response, writer: str) -> Written:
    prompt = json.dumps([dict(message) for message in asked.prompt.messages], ensure_ascii=False)
    return Written(prompt, asked.prompt.answer, asked.sample, response.text, response.ending, writer)


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


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.DOTALL) if pattern else None
    except re.error as error:
        raise WorkbenchError(f"“{pattern}” is no regular expression: {error}.") from None
