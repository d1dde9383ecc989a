"""One malformed file: how it is made, through which door it comes, and what must become of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REFUSED, WARNED, ACCEPTED = "refused", "accepted with a warning", "accepted"
MOST_SECONDS = 10.0
MOST_BYTES = 2**30


@dataclass(frozen=True)
class Case:
    """A file or folder that somebody may have been sent.

    Attributes:
        name: What is wrong with it, in a few words.
        make: Makes it in a folder of its own and returns what a person would open.
        door: How it comes in: a function of `malformed.doors`.
        expected: REFUSED, WARNED or ACCEPTED.
        reason: A regular expression that the message must fit; empty for what is accepted.
        section: What a recipe says of it: fields of a data section, or `architecture` and the like of a teacher.
        names: What the message must name, one of several with bars between them; empty for the file itself.
        without_privileges: Whether a superuser must become somebody else for it.
        posix: Whether only POSIX systems have such a thing.
    """

    name: str
    make: Callable[[Path], Path]
    door: str
    expected: str
    reason: str = ""
    section: Mapping[str, Any] = field(default_factory=dict)
    names: str = ""
    without_privileges: bool = False
    posix: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        result: REFUSED, WARNED, ACCEPTED, or what went wrong: "crashed", "hung" or the class of another error.
        message: What a person was told.
        name: What the message must name.
        seconds: From the door to the answer, less what other programs took of the machine.
        extra_bytes: Most memory beyond what was held before.
        written: What was made or changed outside the cache.
        started: Processes that were started and addresses that were dialled.
        afterwards: What was wrong with opening a good file in the same process; empty when nothing was.
    """

    result: str
    message: str = ""
    name: str = ""
    seconds: float = 0.0
    extra_bytes: int = 0
    written: tuple[str, ...] = ()
    started: tuple[str, ...] = ()
    afterwards: str = ""

    def problems(self, case: Case) -> list[str]:
        """Everything that is not as it must be, one sentence each."""
        told = f"“{self.message}”"
        found = []
        if self.result != case.expected:
            found.append(f"It was {self.result}, not {case.expected}: {told}")
        elif case.expected == REFUSED and not re.search(case.reason, self.message, re.IGNORECASE | re.DOTALL):
            found.append(f"The message does not say why ({case.reason}): {told}")
        elif case.expected == WARNED and not re.search(case.reason, self.message, re.IGNORECASE | re.DOTALL):
            found.append(f"The warning does not say why ({case.reason}): {told}")
        if case.expected == REFUSED and self.result == REFUSED and not names_it(self.message, self.name):
            found.append(f"The message does not name {self.name!r}: {told}")
        return found + self.harm(ends_in_words=False)

    def harm(self, *, ends_in_words: bool = True) -> list[str]:
        """What no file may do, whatever it is named for: end without words, take long or much, write or start.

        Args:
            ends_in_words: Whether the result itself is judged, too.
        """
        found = []
        if ends_in_words and self.result not in (REFUSED, WARNED, ACCEPTED):
            found.append(f"It was {self.result}: “{self.message}”")
        if ends_in_words and self.result == REFUSED and not self.message.strip():
            found.append("It was refused without a word.")
        if self.seconds > MOST_SECONDS:
            found.append(f"It took {self.seconds:.1f} s.")
        if self.extra_bytes > MOST_BYTES:
            found.append(f"It took {self.extra_bytes / 2**20:,.0f} MiB.")
        found += [f"It wrote {path}." for path in self.written]
        found += [f"It started {event}." for event in self.started]
        if self.afterwards:
            found.append(f"A good file afterwards: {self.afterwards}")
        return found


def names_it(message: str, name: str) -> bool:
    """Whether a message names a file, as it is or as Python writes it; a bar stands between words that will do."""
    words = name.split("|") if "/" not in name else [name]
    return any(word in message or repr(word)[1:-1] in message for word in words)
