"""Where examples come from: one file a source, named as its kind, and its word in this tuple."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.engine.data.arrays import arrays
from workbench.engine.data.examples import Dataset, Examples
from workbench.engine.data.idx import idx
from workbench.recipe.data import Data

DATA: tuple[Callable[[Any, Path], Dataset], ...] = (idx, arrays)

__all__ = ["DATA", "Dataset", "Examples", "read_data"]


def read_data(section: Data, folder: Path) -> Dataset:
    """The data a recipe names; relative names count from `folder`. Raises WorkbenchError."""
    return next(read for read in DATA if read.__name__ == section.kind)(section, folder)
