"""Where runs and caches lie on this system, the same for the terminal and the window."""

from pathlib import Path

import platformdirs

from workbench.own_home import own_home
from workbench.session.preferences import read_preferences

_NAME = "distillation-workbench"


def runs_folder() -> Path:
    """Where runs are kept unless a command says otherwise."""
    preferred = read_preferences().runs_folder
    return Path(preferred).expanduser() if preferred else default_runs_folder()


def default_runs_folder() -> Path:
    """Where runs are kept when a person prefers no other place."""
    return (own_home() or Path(platformdirs.user_data_dir(_NAME, False))) / "runs"


def cache_folder() -> Path:
    """Where teacher outputs are kept between runs; it may be deleted at any time."""
    home = own_home()
    folder = home / "cache" if home is not None else Path(platformdirs.user_cache_dir(_NAME, False))
    return folder / "teacher-outputs"


def log_folder() -> Path:
    """Where the window writes its log file."""
    home = own_home()
    return home / "logs" if home is not None else Path(platformdirs.user_log_dir(_NAME, False))


def resources_folder() -> Path:
    """Icons, fonts and examples: beside the source where the program runs from it, else inside the package."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "resources"
    return beside if (package.parent / "pyproject.toml").is_file() and beside.is_dir() else package / "resources"
