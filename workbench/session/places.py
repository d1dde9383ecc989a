"""Where runs and teacher outputs lie on this system, the same for the terminal and the window."""

from pathlib import Path

from workbench.own_home import cache_root, data_folder, log_folder
from workbench.session.preferences import read_preferences

__all__ = ["cache_folder", "default_runs_folder", "log_folder", "resources_folder", "runs_folder"]


def runs_folder() -> Path:
    """Where runs are kept unless a command says otherwise."""
    preferred = read_preferences().runs_folder
    return Path(preferred).expanduser() if preferred else default_runs_folder()


def default_runs_folder() -> Path:
    """Where runs are kept when a person prefers no other place."""
    return data_folder() / "runs"


def cache_folder() -> Path:
    """Where teacher outputs are kept between runs; it may be deleted at any time."""
    return cache_root() / "teacher-outputs"


def resources_folder() -> Path:
    """Icons, fonts and examples: beside the source where the program runs from it, else inside the package."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "resources"
    return beside if (package.parent / "pyproject.toml").is_file() and beside.is_dir() else package / "resources"
