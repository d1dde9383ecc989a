"""What `--selftest` does: try all parts, and say in one JSON object how it went."""

import faulthandler
import json
import sys
from pathlib import Path

from workbench.cli.selftest import PARTS
from workbench.cli.selftest.examination import examine, say
from workbench.cli.selftest.part import Part


def selftest(*, window: bool = False, screenshot: Path | None = None, report: Path | None = None) -> bool:
    """Whether the program is sound here; the report goes to standard output, and into a file where one is named.

    Args:
        window: Whether to open the window too; it comes first, so that its seconds are those of a start.
        screenshot: File for a picture of the window.
        report: File for the report: a windowed program on Windows has no standard output.
    """
    if sys.__stderr__ is not None:
        # A library built in by halves can end the whole process: then at least that is told, and where.
        faulthandler.enable(sys.__stderr__)
    parts: tuple[Part, ...] = PARTS
    if window:
        from workbench.cli.selftest.window import OpenedWindow

        parts = (OpenedWindow(screenshot.absolute() if screenshot else None), *PARTS)
    found = examine(parts)
    text = json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
    return _is_kept(report, text) and bool(found["ok"])


def _is_kept(report: Path | None, text: str) -> bool:
    """Whether whoever wants a file of the report has it."""
    if report is None:
        return True
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        say(f"The report could not be kept in {report}: {error.strerror or error}.")
        return False
    return True
