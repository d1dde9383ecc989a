"""The disk image for macOS on Apple silicon, made by dmgbuild from the .app beside the bundle."""

from __future__ import annotations

import platform
from pathlib import Path

import identity
from job import Job
from reporting import Refusal, phase, run_quietly, say

NAME = "macos"
NEEDS: tuple[str, ...] = ("bundle",)

FOLDER = identity.ROOT / "packaging" / "macos"
SETTINGS = FOLDER / "dmg_settings.py"
NOTE = FOLDER / "First start.txt"


def why_not() -> str:
    """Say which machine it takes: the bundle can be made nowhere else."""
    if platform.system() != "Darwin":
        return (
            "A program for macOS is built on macOS: start packaging/build.py there, or let the workflow "
            ".github/workflows/release.yml do it."
        )
    if platform.machine() != "arm64":
        return "torch is published for Macs with Apple silicon only. Build it on one of those."
    return ""


def build(job: Job) -> list[Path]:
    """Check the signature of the .app, then pack it.

    Raises:
        Refusal: There is no .app, its signature is broken, or dmgbuild failed.
    """
    app = application(job)
    if not app.is_dir():
        raise Refusal(f"{app} is missing: packaging/workbench.spec makes it, on macOS only.")
    job.out.mkdir(parents=True, exist_ok=True)
    out = job.out / f"{identity.PACKAGE}-{job.version}-macos-arm64.dmg"
    with phase("Checking the signature"):
        # Apple silicon starts nothing without one; PyInstaller signs ad hoc, which names nobody.
        run_quietly(["codesign", "--verify", "--deep", "--strict", app], "codesign")
    with phase("Packing the disk image"):
        defined = [f"-Dapp={app}", f"-Dnote={NOTE}"]
        command: list[str | Path] = [job.python, "-m", "dmgbuild", "-s", SETTINGS, *defined]
        run_quietly([*command, f"{identity.NAME} {job.version}", out], "dmgbuild")
    say(f"It is signed ad hoc and not notarised: macOS asks once before the first start. {NOTE.name} inside says how.")
    return [out]


def application(job: Job) -> Path:
    """Where the spec leaves the .app."""
    return job.bundle.parent / f"{identity.NAME}.app"
