"""The program as Python's own tools install it: a wheel, and an sdist with everything the wheel is made of."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from job import Job
from reporting import phase, run_quietly

NAME = "wheel"
NEEDS: tuple[str, ...] = ()


def why_not() -> str:
    """Nothing stands in the way: every Python builds it."""
    return ""


def build(job: Job) -> list[Path]:
    """Build both, the same bytes from the same commit, without the network."""
    job.out.mkdir(parents=True, exist_ok=True)
    sdist = job.out / f"distillation_workbench-{job.version}.tar.gz"
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(source_date(job.root))}
    with phase("Building the wheel and the sdist"):
        run_quietly([job.python, "-m", "hatchling", "build", "-d", job.out], "hatchling", environ, cwd=job.root)
    return [job.wheel, sdist]


def source_date(root: Path) -> int:
    """When the source last changed, in seconds since 1970: what builds write as the date of every file.

    SOURCE_DATE_EPOCH of the caller first, then the last commit, then the newest release in CHANGELOG.md.
    """
    asked_for = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(asked_for) if asked_for.isdecimal() else _committed(root) or _released(root)


def _committed(root: Path) -> int:
    if not (root / ".git").exists():  # git would find the repository of a folder further up
        return 0
    try:
        log = ["git", "log", "-1", "--format=%ct"]
        answer = subprocess.run(log, cwd=root, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return 0
    return int(answer) if answer.isdecimal() else 0


def _released(root: Path) -> int:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    days = re.findall(r"^## \[[^\]]+\] - (\d{4}-\d{2}-\d{2})$", text, flags=re.MULTILINE)
    newest = max(days, default="2020-02-02")  # hatchling's own choice
    return int(datetime.fromisoformat(newest).replace(tzinfo=UTC).timestamp())
