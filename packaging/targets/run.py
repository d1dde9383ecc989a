"""A file for any Linux that installs the program for one person, without root; made by makeself."""

from __future__ import annotations

import os
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path

import identity
import linux_files
import linux_package
from job import Job
from reporting import phase, run_quietly
from targets.wheel import source_date

NAME = "run"
NEEDS: tuple[str, ...] = ("bundle",)


def why_not() -> str:
    """It is for Linux, and makeself makes it."""
    return linux_package.why_not("makeself", "makeself")


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
            target.chmod(0o644)
        for script in ("install.sh", "uninstall.sh"):
            text = (job.root / "packaging" / "linux" / script).read_text(encoding="utf-8")
            text = text.replace("@APP_ID@", identity.APP_ID).replace("@PACKAGE@", identity.PACKAGE)
            (folder / script).write_text(text, encoding="utf-8")
            (folder / script).chmod(0o755)
        # Hard links: it is as large as the bundle, and lies here for a moment only.
        shutil.copytree(job.bundle, folder / "program", symlinks=True, copy_function=os.link)
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        date = source_date(job.root)
        options = [
            "--gzip",
            "--complevel",
            "1n" if job.fast else "9n",  # n: gzip writes no time of packing
            "--sha256",
            "--nox11",
            "--tar-quietly",
            "--tar-format",
            "gnu",
            # Whoever builds it is nobody where it is unpacked by root, and an ordinary person elsewhere.
            "--tar-extra",
            f"--owner=0 --group=0 --numeric-owner --sort=name --mtime=@{date}",
            "--packaging-date",
            f"{datetime.fromtimestamp(date, tz=UTC):%a %b %d %H:%M:%S UTC %Y}",
        ]
        # Through sh: where nothing may be started from the folder for what is temporary, it still may be read.
        start = ["sh", "./install.sh"]
        run_quietly(["makeself", *options, folder, file, identity.NAME, *start], "makeself")
        shutil.rmtree(folder)
    return [file]
