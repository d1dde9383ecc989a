"""The package for Fedora, RHEL, Alma, openSUSE and what comes from them."""

from __future__ import annotations

import platform
from pathlib import Path

import identity
import nfpm_packages
from job import Job

NAME = "rpm"
NEEDS: tuple[str, ...] = ("bundle",)


def why_not() -> str:
    """It is for Linux only."""
    return nfpm_packages.why_not()


def build(job: Job) -> list[Path]:
    """Build it.

    Raises:
        Refusal: nfpm failed.
    """
    file = job.out / f"{identity.PACKAGE}-{job.version}-1.{platform.machine()}.rpm"
    place = f"share/licenses/{identity.PACKAGE}/LICENSE"
    return [nfpm_packages.build(job, "rpm", file, {place: job.root / "LICENSE"})]
