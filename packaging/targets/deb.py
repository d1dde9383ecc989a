"""The package for Debian, Ubuntu and what comes from them."""

from __future__ import annotations

import platform
from pathlib import Path

import identity
import linux_files
import nfpm_packages
from job import Job
from reporting import Refusal, say

NAME = "deb"
NEEDS: tuple[str, ...] = ("bundle",)
MIB = 2**20
MOST_BYTES = 290 * MIB


def why_not() -> str:
    """It is for Linux only."""
    return nfpm_packages.why_not()


def build(job: Job) -> list[Path]:
    """Build it, and hold it to its size.

    Raises:
        Refusal: nfpm failed, or the package became too large.
    """
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    file = job.out / f"{identity.PACKAGE}_{job.version}_{arch}.deb"
    nfpm_packages.build(job, "deb", file, linux_files.debian_files(job))
    size = file.stat().st_size
    say(f"The package has {size / MIB:.0f} MiB.")
    if size > MOST_BYTES:
        raise Refusal(f"The package has {size / MIB:.0f} MiB, and may have {MOST_BYTES / MIB:.0f}.")
    return [file]
