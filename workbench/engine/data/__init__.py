"""Where examples come from: one file a source, named as its kind, and its word in this tuple."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.engine.data.arrays import arrays
from workbench.engine.data.audio import audio
from workbench.engine.data.examples import Dataset, Examples
from workbench.engine.data.idx import idx
from workbench.engine.data.image_folder import image_folder
from workbench.engine.data.table import table
from workbench.engine.data.text import text
from workbench.engine.data.wishes import Wishes
from workbench.errors import WorkbenchError
from workbench.recipe.data import Conversations, Data

DATA: tuple[Callable[[Any, Path, Wishes], Dataset], ...] = (idx, arrays, image_folder, table, text, audio)

__all__ = ["DATA", "Dataset", "Examples", "Wishes", "read_data"]


def read_data(section: Data, folder: Path, wishes: Wishes | None = None) -> Dataset:
    """The data a recipe names; relative names count from `folder`.

    Args:
        section: Of the recipe.
        folder: What file names in it count from.
        wishes: How the models want it; from `workbench.engine.loading.wishes_of`.

    Raises:
        WorkbenchError: A file cannot be used; or it holds conversations, which are no examples of classes:
            `workbench.engine.data.conversations.read_dialogues` reads them.
    """
    if isinstance(section, Conversations):
        raise WorkbenchError(
            f"{section.file} holds conversations, which only a language model reads; here examples of classes are "
            "wanted.",
            "Choose another kind of data.",
        )
    return next(read for read in DATA if read.__name__ == section.kind)(section, folder, wishes or Wishes())
