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
    """Qt ends the whole process where a library or the X server itself is missing; asked first, the system names it."""
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
    demand(
        bool(os.environ.get("WAYLAND_DISPLAY")) or _x_server_answers(),
        f"No X server answers at {os.environ['DISPLAY']}, which DISPLAY names.",
        "Start it where there is one, with `xvfb-run -a`, or with the environment variable QT_QPA_PLATFORM=offscreen.",
    )


def _x_server_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers
