"""How the disk image for macOS looks when it is opened: the program, and the folder to drag it into.

dmgbuild runs this file; targets/macos.py passes the program's folder as `app`, and what to read first as `note`.
"""

from pathlib import Path

DEFINES: dict[str, str] = globals()["defines"]  # dmgbuild puts it there
APP = Path(DEFINES["app"])
NOTE = Path(DEFINES["note"])

format = "ULMO"  # lzma, which every macOS the program runs on can read
files = [str(APP), str(NOTE)]
symlinks = {"Applications": "/Applications"}
hide_extensions = [APP.name, NOTE.name]
icon = str(APP / "Contents" / "Resources" / "app.icns")

window_rect = ((200, 200), (600, 420))
default_view = "icon-view"
icon_size = 112
text_size = 13
icon_locations = {APP.name: (160, 130), "Applications": (440, 130), NOTE.name: (300, 290)}
