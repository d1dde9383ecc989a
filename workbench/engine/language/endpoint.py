"""A teacher that only writes text: any endpoint that speaks the OpenAI chat protocol, with patience and without loss.

Source: the chat completions API as vLLM, llama.cpp, Ollama and OpenAI serve it; answers come as server-sent events.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from workbench.engine.language.generating import Sampling
from workbench.engine.language.keys import key_of
from workbench.engine.language.teacher_text import Asked, Response
from workbench.engine.trusting import require_endpoint_consent
from workbench.errors import WorkbenchError
from workbench.origins import split_url

_LOOK_SECONDS = 0.2
_LONGEST_WAIT = 60.0
# What a filter took away is no more whole than what was too long.
_CUT = ("length", "max_tokens", "content_filter")
_WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class _TryAgainError(Exception):
    """What may go better next time; `after` is what the endpoint asked for, in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass
class Endpoint:
    """Writes through an endpoint; a `workbench.engine.language.teacher_text.Writer`.

    Attributes:
        url: Its base, such as http://localhost:8000/v1.
        model: The name it knows the model by.
        key: The name of its key, which is looked up once a person has agreed to send it there; written nowhere.
        sampling: How it is asked to sample.
        seed: Sent along; endpoints may ignore it.
        at_once: Answers that are asked for at the same time.
        tries: So often is one answer asked for before giving up.
        seconds: Without a word for so long, a connection counts as lost.
        pulse: Hears what goes on, such as a wait that the endpoint asked for; what it raises ends the writing.
        first_wait: Before the second try, in seconds; it doubles from try to try.
        heard: Hears each piece of an answer as it comes, on a thread of its own; what it raises ends the writing.
    """

    url: str
    model: str
    sampling: Sampling
    key: str = ""
    seed: int = 0
    at_once: int = 4
    tries: int = 6
    seconds: float = 60.0
    pulse: Callable[[str], None] = lambda _: None
    first_wait: float = 1.0
    heard: Callable[[str], None] = lambda _: None
    _secret: str = field(default="", init=False, repr=False)
    _place: str = field(default="", init=False, repr=False)
    _state: str = field(default="", init=False, repr=False)
    _is_over: bool = field(default=False, init=False, repr=False)
    _is_dropped: bool = field(default=False, init=False, repr=False)

    @property
    def name(self) -> str:
        """By address, model and sampling; the key is no part of it."""
        asked = f"{self.url} {self.model} {self.sampling} {self.seed}"
        return f"{self.model} at {self.url} ({hashlib.sha256(asked.encode()).hexdigest()[:8]})"

    def write(self, asked: Sequence[Asked]) -> Iterator[tuple[int, Response]]:
        """Answers as they come.

        Raises:
            EndpointConsentNeededError: Nobody here has agreed to send prompts, or this key, to this address.
            WorkbenchError: The endpoint refuses, or fails again and again; answers that came before were given out.
        """
        self._is_over = self._is_dropped = False
        client, pool = self._agreed_client(), ThreadPoolExecutor(self.at_once)
        waiting = {pool.submit(self._answer, client, each): place for place, each in enumerate(asked)}
        started = tuple(waiting)
        try:
            yield from self._as_they_come(waiting)
        finally:
            # Whoever waits for another try stops waiting, whatever the reason. A silent endpoint keeps its
            # connections for a while, but nobody who asked for a stop.
            self._is_over = self._is_dropped = True
            pool.shutdown(wait=False, cancel_futures=True)
            for future in started:
                future.add_done_callback(lambda _: client.close() if all(each.done() for each in started) else None)

    def _agreed_client(self) -> Any:
        """The only place where a connection begins: no key is looked up before the consent is found."""
        from workbench.engine.language.connecting import client_for

        origin, path = split_url(self.url)
        sampling = self.sampling
        require_endpoint_consent(
            origin,
            self.key,
            f"model: {self.model!r}\nsent: conversations up to the answer that is wanted, with temperature "
            f"{sampling.temperature:g}, top_p {sampling.top_p:g}, a seed, up to {sampling.most:,} tokens an answer",
        )
        self._secret = self._secret or key_of(self.key)
        self._place = f"{origin}{path}/chat/completions"
        return client_for(origin, self._secret, self.seconds)

    def _as_they_come(self, waiting: dict[Future[Response], int]) -> Iterator[tuple[int, Response]]:
        failure: BaseException | None = None
        while waiting:
            done, _ = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
            for future in done:
                place = waiting.pop(future)
                if future.cancelled():
                    continue
                if (error := future.exception()) is None:
                    yield place, future.result()
                elif failure is None:
                    # Those that are on their way are still taken in; no new ones are asked for.
                    failure, self._is_over = error, True
                    for other in waiting:
                        other.cancel()
            self.pulse(self._state)
        if failure is not None:
            raise failure

    def _answer(self, client: Any, asked: Asked) -> Response:
        for number in range(1, self.tries + 1):
            try:
                response = self._ask(client, asked)
                self._state = ""
                return response
            except _TryAgainError as error:
                if number == self.tries or self._is_over:
                    raise WorkbenchError(
                        f"{self.url} did not answer in {number} tries; the last time: {error}.",
                        "What was written so far is kept. Look after the endpoint, then go on.",
                    ) from None
                # Not all at the same moment: that is what brought it down.
                pause = self.first_wait * 2 ** (number - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
                self._pause(min(error.after if error.after is not None else pause, _LONGEST_WAIT), error, number)
        raise AssertionError("the last try returns or raises")

    def _pause(self, seconds: float, error: _TryAgainError, number: int) -> None:
        end = time.monotonic() + seconds
        while not self._is_over and (left := end - time.monotonic()) > 0:
            self._state = f"The endpoint: {error}; try {number + 1} of {self.tries} in {left:.0f} s"
            time.sleep(min(left, _LOOK_SECONDS))

    def _ask(self, client: Any, asked: Asked) -> Response:
        """One request, from beginning to end."""
        import httpx2

        body = {
            "model": self.model,
            "messages": [dict(message) for message in asked.prompt.messages],
            "max_tokens": self.sampling.most,
            "temperature": self.sampling.temperature,
            "top_p": self.sampling.top_p,
            "seed": self.seed + asked.sample,
            "stream": True,
        }
        try:
            with client.stream("POST", self._place, json=body) as reply:
                if reply.status_code != 200:
                    reply.read()
                    raise self._refusal(reply)
                return _read(reply, self._hear)
        except httpx2.TimeoutException:
            raise _TryAgainError(f"no word for {self.seconds:g} s") from None
        except httpx2.TransportError as error:
            raise _TryAgainError(f"the connection failed ({type(error).__name__})") from None

    def _hear(self, piece: str) -> None:
        if self._is_dropped:
            raise _TryAgainError("nobody waits for it any more")
        self.heard(piece)

    def _refusal(self, reply: Any) -> Exception:
        # Some endpoints repeat the key they refuse, and some send control characters.
        if reply.is_redirect:
            return WorkbenchError(
                f"{self.url} redirects to {self._said(reply.headers.get('location', ''))}, and redirects are not "
                "followed: nothing was sent there.",
                "If you trust that address, write it into the recipe.",
            )
        if reply.status_code in _WORTH_ANOTHER_TRY:
            return _TryAgainError(f"it says {reply.status_code}", _seconds_of(reply.headers.get("retry-after")))
        hint = "Check the key of this endpoint." if reply.status_code in (401, 403) else "Check its address and model."
        said = self._said(reply.text) or "no reason given"
        return WorkbenchError(f"{self.url} refuses with {reply.status_code}: {said}.", hint)

    def _said(self, text: str) -> str:
        """The beginning of what an endpoint sent, as one printable line without the key."""
        text = text.replace(self._secret, "…") if self._secret else text
        return "".join(sign if sign.isprintable() else "�" for sign in " ".join(text.split())[:300])


def _read(reply: Any, heard: Callable[[str], None]) -> Response:
    """The pieces of an answer, put together; only one that says how it ended is whole."""
    pieces: list[str] = []
    for line in reply.iter_lines():
        if not line.startswith("data:"):
            continue
        content = line.removeprefix("data:").strip()
        if content == "[DONE]":
            break
        try:
            choice = (json.loads(content)["choices"] or [{}])[0]
            piece = (choice.get("delta") or {}).get("content") or ""
            ending = choice.get("finish_reason")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _TryAgainError("it sent what is no answer") from None
        if not isinstance(piece, str):
            raise _TryAgainError("it sent what is no text")
        pieces.append(piece)
        if piece:
            heard(piece)
        if ending:
            return Response("".join(pieces), "length" if ending in _CUT else "stop")
    raise _TryAgainError("the answer broke off" if pieces else "it sent nothing")


def _seconds_of(text: str | None) -> float | None:
    try:
        return max(float(text), 0.0) if text else None
    except ValueError:
        # A date: the usual wait will do.
        return None
