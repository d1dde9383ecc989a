"""Is there room on the disk for what the teachers answer?"""

import shutil
from pathlib import Path

from workbench.engine.data import Dataset
from workbench.events import Finding

_GIB = 2**30
_KEY = 16
_FLOAT = 4


def look_at_disk(dataset: Dataset, teachers: int, cache_folder: Path | None) -> tuple[Finding, ...]:
    """The cache of teacher outputs against what is free where it lies.

    Args:
        dataset: Whose examples the teachers are asked for.
        teachers: How many there are.
        cache_folder: Where their outputs are kept; it need not exist yet. None keeps nothing.
    """
    if cache_folder is None or not teachers:
        return ()
    examples = len(dataset.training) + len(dataset.validation)
    # While a file is replaced, the old one and the new one lie there.
    needed = 2 * teachers * examples * (_KEY + _FLOAT * len(dataset.training.classes))
    place = next((folder for folder in (cache_folder, *cache_folder.absolute().parents) if folder.exists()), None)
    if place is None:
        return ()
    free = shutil.disk_usage(place).free
    sentence = f"about {needed / _GIB:.2f} GiB needed for teacher outputs, {free / _GIB:.1f} GiB free at {place}"
    if needed > free:
        fix = "Make room, or the teacher is asked again in every run; a run itself needs room for its checkpoints too."
        return (Finding(level="warning", title=f"Not enough disk: {sentence}.", fix=fix),)
    return (Finding(level="ok", title=f"Disk: {sentence}."),)
