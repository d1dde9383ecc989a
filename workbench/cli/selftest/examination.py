"""Runs parts of the self-test one after the other, in a home of their own that is gone afterwards."""

import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.cli.selftest.part import Facts, Part
from workbench.errors import WorkbenchError
from workbench.frozen import is_frozen
from workbench.wording import visible

_HOME = "DISTILLATION_WORKBENCH_HOME"
# What libraries keep of their own, by the variable that says where; the trash of Linux lies among the data.
_FOLDERS = {"HF_HOME": "hub", "TORCHINDUCTOR_CACHE_DIR": "inductor", "XDG_DATA_HOME": "data"}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def examine(parts: Sequence[Part]) -> dict[str, Any]:
    """Try every part, whatever becomes of the others; the report as it is printed.

    Nothing of a person is read or touched, nothing is fetched, and only the report goes to standard output.
    """
    began = time.monotonic()
    try:
        with _home() as folder, _stdout_left_alone():
            entries = [_tried(part, folder) for part in parts]
    except OSError as error:
        # Nowhere may anything be written, or no disk has room.
        entries = [{"name": "home", "ok": False, "seconds": 0.0, **_told(error)}]
    return {
        "ok": all(entry["ok"] for entry in entries),
        "version": __version__,
        "frozen": is_frozen(),
        "seconds": round(time.monotonic() - began, 2),
        "folders": _folders(),
        "parts": entries,
    }


def _folders() -> Facts:
    """Where a person's own files are kept on this system; none of them is opened here."""
    from workbench.own_home import cache_root, configuration_folder, data_folder, log_folder

    found = {"data": data_folder(), "cache": cache_root(), "logs": log_folder(), "preferences": configuration_folder()}
    return {name: str(folder) for name, folder in found.items()}


def _tried(part: Part, folder: Path) -> dict[str, Any]:
    say(f"{part.NAME} …")
    began = time.monotonic()
    entry: dict[str, Any] = {"name": part.NAME, "ok": True}
    with warnings.catch_warnings(record=True) as heard:
        try:
            entry["facts"] = part.check(folder)
        # A library that gives up with SystemExit must not end the others' turn.
        except (Exception, SystemExit) as error:
            entry |= {"ok": False, **_told(error)}
            bar_half_a_torch()
    if heard:
        facts: Facts = entry.setdefault("facts", {})
        facts["warnings"] = list(dict.fromkeys(f"{row.category.__name__}: {row.message}" for row in heard))
    entry["seconds"] = round(time.monotonic() - began, 2)
    say(f"{part.NAME}: {'passed' if entry['ok'] else 'FAILED: ' + entry['error']} ({entry['seconds']:.1f} s)")
    return entry


def bar_half_a_torch() -> None:
    """Refuse PyTorch from now on where importing it failed half-way: a second time it would end the whole process."""
    if "torch._C" in sys.modules and "torch" not in sys.modules:
        sys.modules["torch"] = None  # type: ignore[assignment]


def _told(error: BaseException) -> dict[str, str]:
    """Words for a person, and more for those who want it."""
    if isinstance(error, WorkbenchError):
        words = "\n".join(filter(None, (error.title, error.hint)))
        return {"error": words, "details": error.details or traceback.format_exc()}
    return {"error": f"{type(error).__name__}: {error}", "details": traceback.format_exc()}


def say(line: str) -> None:
    """A line for whoever watches; a program without a terminal has nobody."""
    if sys.stderr is not None:
        print(visible(line, keep="\n"), file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def _home() -> Iterator[Path]:
    """A folder that the program and its libraries take for their home."""
    before = dict(os.environ)
    # Files of a run may still be open on Windows when a part has failed.
    with tempfile.TemporaryDirectory(prefix="distillation-workbench-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        os.environ[_HOME] = str(folder)
        for variable, place in _FOLDERS.items():
            (folder / place).mkdir()
            os.environ[variable] = str(folder / place)
        os.environ.update(_OFFLINE)
        try:
            yield folder
        finally:
            for variable in (_HOME, *_FOLDERS, *_OFFLINE):
                os.environ.pop(variable, None)
                if variable in before:
                    os.environ[variable] = before[variable]


@contextmanager
def _stdout_left_alone() -> Iterator[None]:
    """Whatever is printed meanwhile, by libraries and child programs too, goes to standard error."""
    with ExitStack() as undone:
        try:
            kept = os.dup(1)
            undone.callback(os.close, kept)
            os.dup2(2, 1)
            undone.callback(os.dup2, kept, 1)
        except OSError:
            # A windowed program on Windows has no such streams.
            pass
        undone.enter_context(redirect_stdout(sys.stderr))
        yield
