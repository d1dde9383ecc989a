"""Files that can be read to an end: no pipes and no devices, which would be waited for without one."""

import stat
from pathlib import Path

from workbench.errors import WorkbenchError


def refuse_unless_plain(path: Path) -> None:
    """Look before opening; what is not there, or cannot be looked at, is left to whoever opens it.

    Raises:
        WorkbenchError: It is a pipe, a socket or a device, or no system could have a file of that name.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    except ValueError as error:
        raise WorkbenchError(f"{str(path)!r} is no name of a file: {error}.", "Check the name.") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise WorkbenchError(f"{path} is a pipe or a device, not a file.", "Name a file on the disk.")
