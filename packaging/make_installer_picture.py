"""Write packaging/windows/side.bmp: what the installer for Windows shows beside its last words."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import identity
import make_icons

PICTURE = identity.ROOT / "packaging" / "windows" / "side.bmp"
SIZE = (164, 314)  # NSIS's own measure; it scales it to the screen
GROUND = (233, 239, 245)
ICON = 112


def make(file: Path) -> None:
    """Draw the program's icon on a quiet ground."""
    picture = Image.new("RGB", SIZE, GROUND)
    icon = make_icons.render(make_icons.DRAWN / f"{identity.PACKAGE}.svg", ICON)
    margin = (SIZE[0] - ICON) // 2
    picture.paste(icon, (margin, margin), icon)
    picture.quantize(256).save(file)


if __name__ == "__main__":
    make(PICTURE)
