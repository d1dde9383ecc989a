"""One folder for all that the program keeps: portable installs, tests, and people with a bigger disk elsewhere."""

import os
from pathlib import Path

_HOME = "DISTILLATION_WORKBENCH_HOME"


def own_home() -> Path | None:
    """Where a person wants everything kept; None leaves it to the conventions of the system."""
    named = os.environ.get(_HOME, "")
    return Path(named).expanduser().absolute() if named else None
