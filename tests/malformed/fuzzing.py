"""Runs a parser over broken inputs: it must refuse in words or give something usable, soon, and touch nothing."""

import contextlib
import hashlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

from malformed.case import MOST_SECONDS
from malformed.limits import own_time, warm_up
from malformed.parsers import Parser
from workbench.errors import WorkbenchError


class FoundError(AssertionError):
    """A parser did what it must not; the input that made it do so is kept."""


def fuzz(parser: Parser, *, start: int, examples: int, keep: Path) -> int:
    """Try a parser.

    Args:
        parser: Which one.
        start: Seed; the same gives the same inputs.
        examples: How many inputs.
        keep: Folder for an input that fails, and for the one under way: a crash leaves it there.

    Returns:
        How many inputs were tried.

    Raises:
        FoundError: Anything but WorkbenchError or a result came out; the smallest such input is kept.
    """
    warm_up()
    keep.mkdir(parents=True, exist_ok=True)
    current = keep / f"{parser.name.replace(' ', '-')}.current"
    tried = 0

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(parser.inputs)
    def holds(raw: bytes) -> None:
        nonlocal tried
        tried += 1
        current.write_bytes(raw)
        with _folder() as folder:
            _try(parser, raw, folder)

    try:
        holds()
    except (FoundError, FlakyFailure) as error:
        name = f"{parser.name.replace(' ', '-')}-{hashlib.sha256(current.read_bytes()).hexdigest()[:12]}"
        shutil.copy(current, keep / name)
        if isinstance(error, FlakyFailure):
            raise FoundError(f"{parser.name}: not every time: {error.exceptions[0]}") from error
        raise
    finally:
        current.unlink(missing_ok=True)
    return tried


def _try(parser: Parser, raw: bytes, folder: Path) -> None:
    before, busy = time.perf_counter(), time.process_time()
    # What a parser draws must not depend on what was tried before.
    state = random.getstate()
    try:
        parser.parse(raw, folder)
    except WorkbenchError as error:
        if not error.title.strip():
            raise FoundError(f"{parser.name}: a refusal without a word, for {raw[:200]!r}") from error
    except Exception as error:
        raise FoundError(f"{parser.name}: {type(error).__name__}: {error!s:.300}, for {raw[:200]!r}") from error
    finally:
        random.setstate(state)
    seconds = own_time(time.perf_counter() - before, time.process_time() - busy)
    if seconds > MOST_SECONDS:
        raise FoundError(f"{parser.name}: it took {seconds:.1f} s, for {raw[:200]!r}")
    if (folder.parent / "elsewhere").exists():
        raise FoundError(f"{parser.name}: something beside its folder was made, for {raw[:200]!r}")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one input; in memory where the system has such a place."""
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
    root = Path(tempfile.mkdtemp(prefix="fuzz-", dir=place))
    try:
        (root / "case").mkdir()
        yield root / "case"
    finally:
        shutil.rmtree(root, ignore_errors=True)
