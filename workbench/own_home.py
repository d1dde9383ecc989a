"""Where the program keeps things: one folder that a person names, or the places that each system has for them."""

import os
import sys
import warnings
from pathlib import Path

import platformdirs

_HOME = "DISTILLATION_WORKBENCH_HOME"
_NAME = "distillation-workbench"
_WRITABLE_BY_OTHERS = 0o022


def own_home() -> Path | None:
    """Where a person wants everything kept; None leaves it to the conventions of the system."""
    named = os.environ.get(_HOME, "")
    return Path(named).expanduser().absolute() if named else None


def configuration_folder() -> Path:
    """Where what a person has chosen is kept: preferences, window, and what they agreed to."""
    return own_home() or Path(_system().user_config_dir)


def data_folder() -> Path:
    """Where what a person makes is kept; nothing but a person deletes there."""
    return own_home() or Path(_system().user_data_dir)


def cache_root() -> Path:
    """Where lies what can be made again; it may be deleted at any time."""
    home = own_home()
    return home / "cache" if home is not None else Path(_system().user_cache_dir)


def log_folder() -> Path:
    """Where the window writes its log file."""
    home = own_home()
    return home / "logs" if home is not None else Path(_system().user_log_dir)


def meeting_folder() -> Path | None:
    """Where processes of one person on one computer find each other, closed to all others; None where nothing is.

    It is not in a person's own home, which may lie on a disk that several computers share.
    """
    try:
        with warnings.catch_warnings():
            # Said where no session manager has made the folder; the fallback is as good.
            warnings.simplefilter("ignore")
            folder = Path(_system(ensure_exists=True).user_runtime_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (_is_own(folder) and _is_own(folder.parent)):
            return None
        folder.chmod(0o700)
    except OSError:
        return None
    return folder


def _system(*, ensure_exists: bool = False) -> platformdirs.PlatformDirs:
    return platformdirs.PlatformDirs(_NAME, appauthor=False, ensure_exists=ensure_exists)


def _is_own(folder: Path) -> bool:
    """Whether nobody else can put anything there; Windows closes a person's folders by itself."""
    if sys.platform == "win32":
        return True
    found = folder.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & _WRITABLE_BY_OTHERS
