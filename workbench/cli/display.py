"""Whether there is a screen to open a window on."""

import os
import sys


def has_display() -> bool:
    """On Linux a display must be named; a platform that a person chose for Qt is believed."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
