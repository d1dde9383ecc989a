"""A file for any Linux that installs the program for one person, without root; made by makeself."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

import identity
import linux_files
from job import Job
from reporting import phase, run_quietly

NAME = "run"
NEEDS: tuple[str, ...] = ("bundle",)


def why_not() -> str:
    """It is for Linux, and makeself makes it."""
    if platform.system() != "Linux":
        return "it is for Linux; build it there"
    if shutil.which("makeself") is None:
        return "makeself is missing; install it (Debian and Ubuntu: sudo apt-get install makeself)"
    return ""


def build(job: Job) -> list[Path]:
    """Build it.

    Raises:
        Refusal: makeself failed.
    """
    file = job.out / f"{identity.PACKAGE}-{job.version}-linux-{platform.machine()}.run"
    folder = job.work / "linux" / "run"
    with phase(f"Packing {file.name}"):
        shutil.rmtree(folder, ignore_errors=True)
        for place, source in linux_files.shared_files(job).items():
            target = folder / "files" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        for script in ("install.sh", "uninstall.sh"):
            text = (job.root / "packaging" / "linux" / script).read_text(encoding="utf-8")
            text = text.replace("@APP_ID@", identity.APP_ID).replace("@PACKAGE@", identity.PACKAGE)
            (folder / script).write_text(text, encoding="utf-8")
            (folder / script).chmod(0o755)
        # Hard links: it is as large as the bundle, and lies here for a moment only.
        shutil.copytree(job.bundle, folder / "program", symlinks=True, copy_function=os.link)
        options = [
            "--gzip",
            "--complevel",
            "1" if job.fast else "9",
            "--sha256",
            "--nox11",
            "--tar-quietly",
            "--tar-format",
            "gnu",
        ]
        run_quietly(["makeself", *options, folder, file, identity.NAME, "./install.sh"], "makeself")
        shutil.rmtree(folder)
    return [file]
