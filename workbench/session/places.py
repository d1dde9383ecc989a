"""Where runs and caches lie on this system, the same for the terminal and the window."""

import os
from pathlib import Path

import platformdirs

_NAME = "distillation-workbench"
# One folder for everything: portable installs, tests, and people with a bigger disk elsewhere.
_HOME = "DISTILLATION_WORKBENCH_HOME"


def runs_folder() -> Path:
    """Where runs are kept unless a person says otherwise."""
    return _home() / "runs" if _HOME in os.environ else Path(platformdirs.user_data_dir(_NAME, False)) / "runs"


def cache_folder() -> Path:
    """Where teacher outputs are kept between runs; it may be deleted at any time."""
    home = _home() / "cache" if _HOME in os.environ else Path(platformdirs.user_cache_dir(_NAME, False))
    return home / "teacher-outputs"


def _home() -> Path:
    return Path(os.environ[_HOME]).expanduser()
