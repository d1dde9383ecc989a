"""One folder for all that the program keeps: portable installs, tests, and people with a bigger disk elsewhere."""

import os
from pathlib import Path

import platformdirs

_HOME = "DISTILLATION_WORKBENCH_HOME"
_NAME = "distillation-workbench"


def own_home() -> Path | None:
    """Where a person wants everything kept; None leaves it to the conventions of the system."""
    named = os.environ.get(_HOME, "")
    return Path(named).expanduser().absolute() if named else None


def configuration_folder() -> Path:
    """Where what a person has chosen is kept: preferences, and what they agreed to."""
    return own_home() or Path(platformdirs.user_config_dir(_NAME))
