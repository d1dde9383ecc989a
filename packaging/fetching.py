"""How pip and other installers are asked for what only some tests need, and what is said of what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from reporting import Refusal, phase

# Whoever has no internet shall not wait for it; what comes is known by its hash, and is not imported from here.
PIP_OPTIONS = (
    *("--quiet", "--retries", "1", "--timeout", "20"),
    *("--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"),
)


def pip_environ() -> dict[str, str]:
    """The environment of a pip that neither asks nor speaks of its own releases."""
    return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def folder_named(variable: str, usual: Path) -> Path:
    """A person's own folder, named by an environment variable, or the usual one."""
    named = os.environ.get(variable, "")
    return Path(named).expanduser().absolute() if named else usual


def last_line(said: str) -> str:
    """The line in which pip says why."""
    return said.strip().splitlines()[-1]


def fetch_each(
    missing: Iterable[tuple[str, str, Callable[[], None]]], reason_in: Callable[[str], str] = last_line
) -> list[str]:
    """Fetch one after the other, also after one has failed.

    Args:
        missing: Of each its name, what is said while it is fetched, and what fetches it.
        reason_in: Finds the reason in everything that was printed.

    Returns:
        Why some are missing still, a line each.
    """
    reasons = []
    for name, label, fetch in missing:
        try:
            with phase(label):
                fetch()
        except (Refusal, OSError) as problem:
            reasons.append(f"{name}: {reason_in(str(problem))}")
    return reasons


def told(what: str, what_to_do: str, reasons: list[str]) -> str:
    """The reasons under a sentence on what is missing and one on what to do; empty where nothing is missing."""
    return "\n".join((f"{what} {what_to_do}", *(f"     {reason}" for reason in reasons))) if reasons else ""
