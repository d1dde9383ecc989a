"""Looks for a newer release, where a person wants that: one request a day at most, and silence when it fails."""

import json
import logging
import re
import time
from dataclasses import dataclass
from pathlib import Path

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.own_home import cache_root
from workbench.recipe.section import Section
from workbench.session.preferences import read_preferences
from workbench.writing import write_atomically

REPOSITORY = "distillation-workbench/distillation-workbench"
LATEST = f"https://api.github.com/repos/{REPOSITORY}/releases/latest"
_NAME = "distillation-workbench"
_A_DAY = 24 * 3600.0
_SECONDS = 5.0
_LARGEST = 2**20
# Final releases only: no letters, such as those of 1.2rc1.
_TAG = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})", re.ASCII)
_LOG = logging.getLogger("workbench.updates")
_RETRY = "Check the connection and try again later."


@dataclass(frozen=True)
class Release:
    """A release that is newer than this program.

    Attributes:
        version: Its number, such as 1.2.0.
        page: Where it is described and can be had.
    """

    version: str
    page: str


class _Looked(Section):
    """What is remembered between starts."""

    asked: float = 0.0
    skipped: str = ""


def newer_release_of_the_day(url: str = LATEST) -> Release | None:
    """A newer release that was not skipped; None also where nobody wants to know, was asked today, or answers.

    Args:
        url: Whom to ask.
    """
    if not read_preferences().looks_for_updates:
        return None
    looked, now = _read(), time.time()
    # An hour that is still to come was kept while the clock was wrong.
    if 0 <= now - looked.asked < _A_DAY:
        return None
    try:
        # Before it is asked: what fails is not asked for again either, and what cannot be kept is not asked for at all.
        _keep(looked.model_copy(update={"asked": now}))
        newer = newer_release_now(url)
    except WorkbenchError as error:
        _LOG.debug("No word of a new version. %s", error)
        return None
    return None if newer is None or newer.version == looked.skipped else newer


def newer_release_now(url: str = LATEST) -> Release | None:
    """A newer release, skipped or not; None where this is the newest.

    Args:
        url: Whom to ask.

    Raises:
        WorkbenchError: There is no answer, or none that can be read.
    """
    return _newer(_newest_tag(url))


def skip_release(version: str) -> None:
    """Say no more of this version. Raises WorkbenchError when the disk refuses."""
    _keep(_read().model_copy(update={"skipped": version}))


# -- asking


def _newest_tag(url: str) -> str:
    answer = _answer(url)
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        raise WorkbenchError("What came is not the list of releases.", _RETRY, repr(answer[:200])) from None
    tag = told.get("tag_name") if isinstance(told, dict) else None
    if not isinstance(tag, str) or told.get("draft") is True:
        raise WorkbenchError("What came names no release.", _RETRY, repr(answer[:200]))
    # A test version is no reason to say anything.
    return tag if _TAG.fullmatch(tag) and told.get("prerelease") is not True else ""


def _answer(url: str) -> bytes:
    """The body of the one request; neither followed elsewhere nor read without end."""
    import httpx2

    # GitHub refuses who names no program; its version is nobody's business.
    headers = {"User-Agent": _NAME, "Accept": "application/vnd.github+json", "Accept-Encoding": "identity"}
    end, body = time.monotonic() + _SECONDS, bytearray()
    try:
        with httpx2.Client(timeout=_SECONDS, headers=headers) as client, client.stream("GET", url) as reply:
            if reply.status_code == httpx2.codes.NOT_FOUND:
                raise WorkbenchError("There is no release yet.", "")
            if reply.status_code != httpx2.codes.OK:
                raise WorkbenchError(f"The answer was {reply.status_code}.", _RETRY)
            for piece in reply.iter_raw():
                body += piece
                if len(body) > _LARGEST:
                    raise WorkbenchError("The answer is longer than a list of releases can be.", _RETRY)
                # The client's own limit begins anew with every byte.
                if time.monotonic() > end:
                    raise WorkbenchError(f"The answer was not whole after {_SECONDS:g} seconds.", _RETRY)
    except httpx2.TimeoutException:
        raise WorkbenchError(f"There was no answer within {_SECONDS:g} seconds.", _RETRY) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, ImportError) as error:
        # The last two where the environment names a proxy of a kind that is not known here.
        raise WorkbenchError("GitHub could not be reached.", _RETRY, f"{type(error).__name__}: {error}") from None
    return bytes(body)


# -- comparing


def _newer(tag: str) -> Release | None:
    version = tag.removeprefix("v")
    if not version or _numbers(version) <= _numbers(__version__):
        return None
    # Made here: an answer names no address that a person is led to.
    return Release(version, f"https://github.com/{REPOSITORY}/releases/tag/{tag}")


def _numbers(version: str) -> tuple[int, ...]:
    match = _TAG.match(version)
    numbers = [int(part) for part in match[1].split(".")] if match else []
    return tuple(numbers + [0] * (4 - len(numbers)))


# -- remembering


def _state_file() -> Path:
    return cache_root() / "updates.json"


def _read() -> _Looked:
    try:
        return _Looked.model_validate_json(_state_file().read_bytes())
    except (OSError, ValueError):
        return _Looked()


def _keep(looked: _Looked) -> None:
    write_atomically(_state_file(), json.dumps(looked.model_dump()).encode())
