"""The window as a person opens it: by the clock, with a run that trains in it and its curves, and closed again."""

import ctypes
import os
import sys
from pathlib import Path

from workbench.cli.display import has_display
from workbench.cli.selftest.part import Facts, demand
from workbench.errors import WorkbenchError


class OpenedWindow:
    """A part with a setting of its own.

    Attributes:
        NAME: As the report names it.
    """

    NAME = "window"

    def __init__(self, screenshot: Path | None = None) -> None:
        """Prepare; `screenshot` is the file of a picture to keep."""
        self._screenshot = screenshot

    def check(self, folder: Path) -> Facts:
        """Open the window, train in it, look at it, close it. Raises WorkbenchError where that cannot be done."""
        demand(
            has_display(),
            "There is no display here to open the window on.",
            "Start it with `xvfb-run -a`, or with the environment variable QT_QPA_PLATFORM=offscreen.",
        )
        _load_platform()
        from workbench.cli.selftest.visit import Visit

        visit = Visit(folder / "window.png")
        facts = visit.take()
        if self._screenshot is not None:
            self._screenshot.write_bytes((folder / "window.png").read_bytes())
            facts["screenshot"] = str(self._screenshot)
        return facts


def _load_platform() -> None:
    """Qt ends the whole process where a library of the X server is missing; asked for it first, the system names it."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb").split(":")[0] != "xcb":
        return
    if not os.environ.get("DISPLAY"):
        return
    from PySide6 import QtWidgets  # noqa: F401 - the plugin lies on it
    from PySide6.QtCore import QLibraryInfo

    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        raise WorkbenchError(
            f"Qt cannot open windows on this X server: {error}.",
            "Install the library it names; on Debian and Ubuntu: apt install libxcb-cursor0 libxkbcommon-x11-0 "
            "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0",
        ) from None
