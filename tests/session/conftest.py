"""Makes and drives runs of the tiny recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.events import Event, StepDone
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
    """Drives a run on the CPU to its end, or until so many steps are done; keyword arguments as for `Reins`."""

    def follow(folder: RunFolder, *, stop_after: int | None = None, **reins: object) -> list[Event]:
        events: list[Event] = []

        def stop() -> bool:
            return stop_after is not None and sum(isinstance(event, StepDone) for event in events) >= stop_after

        for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache", should_stop=stop, **reins)):
            events.append(event)
        return events

    return follow
