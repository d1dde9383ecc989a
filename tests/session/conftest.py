"""Makes and drives runs of the tiny recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.events import Event
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run


@pytest.fixture
def make_run(tmp_path: Path, recipe_file: Path) -> Callable[..., RunFolder]:
    """Makes new run folders of the tiny recipe; keyword arguments as for `new_run`."""
    return lambda **options: new_run(recipe_file, tmp_path / "runs", **options)


@pytest.fixture
def run_to_end(tmp_path: Path) -> Callable[..., list[Event]]:
    """Drives a run on the CPU to its end; keyword arguments as for `Reins`."""

    def follow(folder: RunFolder, **reins: object) -> list[Event]:
        return list(drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache", **reins)))

    return follow
